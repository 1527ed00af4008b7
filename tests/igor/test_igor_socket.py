"""Who may connect."""

import pytest

from jupyter_trame.igor.igor_socket import Gate

LOCAL = Gate("localhost", ("https://good.example",), ("named.example",))
EVERYWHERE = Gate("0.0.0.0")


@pytest.mark.parametrize(
    ("gate", "origin", "host", "let_in"),
    [
        (LOCAL, None, "localhost:1", True),
        (LOCAL, "http://localhost:1", "localhost:1", True),
        (LOCAL, "http://[::1]:9", "localhost:1", True),
        (LOCAL, "https://good.example", "localhost:1", True),
        (LOCAL, "https://good.example:1", "localhost:1", False),
        (LOCAL, "https://named.example", "named.example", True),
        (LOCAL, "http://evil.example", "evil.example", False),
        (LOCAL, "chrome-extension://localhost", "localhost:1", False),
        (LOCAL, "http://[::1", "localhost:1", False),
        (EVERYWHERE, "http://192.168.1.5:1", "192.168.1.5:1", True),
        (EVERYWHERE, "http://localhost:4200", "192.168.1.5:1", False),
        (EVERYWHERE, "http://evil.example", "192.168.1.5:1", False),
        (Gate(open=True), "http://evil.example", "evil.example", True),
    ],
)
def test_the_gate(gate: Gate, origin: str | None, host: str, let_in: bool) -> None:
    refusal = gate.refusal(origin, host)
    assert (refusal is None) is let_in
    assert refusal is None or refusal.startswith("403: ")
