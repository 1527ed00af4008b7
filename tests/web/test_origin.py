"""Which pages may open a websocket."""

import pytest

from jupyter_trame.web.origin import is_own_page


@pytest.mark.parametrize(
    ("origin", "host", "forwarded", "expected"),
    [
        (None, "localhost:8080", None, True),
        ("http://localhost:8080", "localhost:8080", None, True),
        ("HTTP://LocalHost:8080", "localhost:8080", None, True),
        ("https://app.example", "app.example", None, True),
        ("http://[::1]:8080", "[::1]:8080", None, True),
        ("http://localhost:8081", "localhost:8080", None, False),
        ("http://127.0.0.1:8080", "localhost:8080", None, False),
        ("http://evil.example", "localhost:8080", None, False),
        ("null", "localhost:8080", None, False),
        ("", "", None, False),
        ("http://[bad", "[bad", None, False),
        ("https://app.example", "127.0.0.1:8080", "app.example, proxy", True),
        ("https://evil.example", "127.0.0.1:8080", "app.example", False),
    ],
)
def test_the_page_must_be_the_servers_own(
    origin: str | None, host: str, forwarded: str | None, expected: bool
) -> None:
    assert is_own_page(origin, host, forwarded) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost:1", True),
        ("127.0.0.1:1", True),
        ("[::1]:1", True),
        ("app.localhost:1", True),
        ("rebound.example:1", False),
        ("192.0.2.1:1", False),
    ],
)
def test_a_name_that_was_made_to_lead_here_is_not_this_machine(host: str, expected: bool) -> None:
    assert is_own_page(f"http://{host}", host, local_only=True) is expected
    assert is_own_page(f"http://{host}", host, local_only=True, names={"rebound.example", "192.0.2.1"})
