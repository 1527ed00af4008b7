"""By which names a server may be called."""

import pytest

from jupyter_trame.web import hosts
from jupyter_trame.web.hosts import is_known_host, refusal


@pytest.mark.parametrize("bound", ["localhost", "127.0.0.1", "::1"])
@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost:8080", True),
        ("LOCALHOST", True),
        ("localhost.:8080", True),
        ("app.localhost:1", True),
        ("127.0.0.1:8080", True),
        ("127.0.0.2", True),
        ("[::1]:8080", True),
        ("[::ffff:127.0.0.1]:8080", True),
        ("", True),
        ("evil.example:8080", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("evillocalhost", False),
        ("192.0.2.1:8080", False),
        ("0.0.0.0:8080", False),
        ("127.1:8080", False),
        ("2130706433", False),
        ("[::1]", True),
        ("[::1", False),
        ("[::1]:", True),
        ("[::1].evil.example", False),
        ("[::1]evil", False),
        ("[::1]:80.evil.example", False),
        ("[[::1]]", False),
        ("localhost:8080, evil.example", False),
        ("evil.example/localhost", False),
        ("\x00", False),
    ],
)
def test_on_this_machine_only(bound: str, host: str, known: bool) -> None:
    assert is_known_host(host, bound) is known


@pytest.mark.parametrize("bound", ["0.0.0.0", "::", "", "192.0.2.7", "app.example"])
@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("192.0.2.1:8080", True),  # of a container's host: no page can name itself so
        ("[2001:db8::1]:8080", True),
        ("localhost:8080", True),
        ("Host1.Site.Example:8080", True),
        ("host1", True),
        ("evil.example", False),
        ("host1.evil.example", False),
    ],
)
def test_for_others_too(bound: str, host: str, known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts.socket, "gethostname", lambda: "host1.site.example")  # type: ignore[attr-defined]
    assert is_known_host(host, bound) is known


def test_the_name_it_is_bound_to_and_those_that_are_allowed() -> None:
    assert is_known_host("app.example:443", "app.example")
    assert is_known_host("proxy.example", "localhost", {"proxy.example"})
    assert is_known_host("proxy.example:80", "localhost", {"proxy.example:8443"})
    assert not is_known_host("other.example", "localhost", {"proxy.example"})
    assert is_known_host("whatever", "localhost", {"*"})


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("proxy.example:80", "--allowed-host proxy.example "),
        ("<script>", "--allowed-host NAME "),
        ("a" * 101, "--allowed-host NAME "),
    ],
)
def test_the_refusal_says_what_to_pass(host: str, shown: str) -> None:
    assert shown in refusal(host)
