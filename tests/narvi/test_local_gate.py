"""Who may ask a host that has no login."""

import pytest

from jupyter_trame.narvi.local_gate import LocalGate

LOCAL = LocalGate("localhost")
OPEN = LocalGate("0.0.0.0", allowed_hosts=("narvi.example",), origins=("https://friend.example",))


@pytest.mark.parametrize(
    ("gate", "host", "known"),
    [
        (LOCAL, "localhost:8999", True),
        (LOCAL, "127.0.0.1:8999", True),
        (LOCAL, "evil.example", False),
        (LOCAL, "", True),
        (OPEN, "narvi.example", True),
        (OPEN, "10.0.0.7:8999", True),
        (OPEN, "evil.example", False),
    ],
)
def test_hosts(gate: LocalGate, host: str, known: bool) -> None:
    assert gate.knows_host(host) is known


@pytest.mark.parametrize(
    ("gate", "origin", "host", "known"),
    [
        (LOCAL, None, "localhost:8999", True),
        (LOCAL, "http://localhost:8999", "localhost:8999", True),
        (LOCAL, "http://localhost:1", "localhost:8999", False),
        (LOCAL, "null", "localhost:8999", False),
        (LOCAL, "http://evil.example", "evil.example", False),
        (OPEN, "http://narvi.example", "narvi.example", True),
        (OPEN, "https://friend.example", "narvi.example", True),
        (OPEN, "https://foe.example", "narvi.example", False),
    ],
)
def test_origins(gate: LocalGate, origin: str | None, host: str, known: bool) -> None:
    assert gate.knows_origin(origin, host) is known


def test_the_overview_has_a_secret() -> None:
    gate = LocalGate("localhost", admin_token="secret")
    assert gate.may_administer("a=1&token=secret", "")
    assert gate.may_administer("", "token secret")
    assert gate.may_administer("", "Bearer secret")
    for query, header in [
        ("", ""),
        ("token=", ""),
        ("token=wrong", ""),
        ("", "Basic secret"),
        ("token=ü", ""),
    ]:
        assert not gate.may_administer(query, header)
    assert len(LOCAL.admin_token) >= 20
    assert LOCAL.admin_token != OPEN.admin_token
