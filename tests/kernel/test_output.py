"""What a primary and a service send by."""

from collections.abc import Callable
from typing import Any, cast

from jupyter_trame.kernel.interrupts import InterruptGuard
from jupyter_trame.kernel.output import Output
from jupyter_trame.protocol.link import Parcel
from jupyter_trame.transports.stream import StreamLink


class Guard:
    inside = False

    def shield(self, call: Callable[[], Any]) -> Any:
        self.inside = True
        try:
            return call()
        finally:
            self.inside = False


class Link:
    waiting = 3

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.sent: list[tuple[Any, bool]] = []
        self.closed_for = ""

    def send(self, *ops: Any) -> bool:
        self.sent += [(op, self.guard.inside) for op in ops]
        return False

    def close(self, reason: str) -> None:
        self.closed_for = reason


def test_an_interrupt_leaves_no_half_frame() -> None:
    guard = Guard()
    link = Link(guard)
    output = Output(cast("StreamLink", link), cast("InterruptGuard", guard))
    parcel = Parcel(["x"])
    assert output.send(parcel) is False
    assert link.sent == [(parcel, True)]
    assert output.waiting == 3
    output.close("it is over")
    assert link.closed_for == "it is over"
