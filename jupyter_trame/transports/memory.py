"""Clients in the process of their replica, over a wire that a test may move by hand.

Left alone, every frame arrives in order, in a turn of the loop of its own or `latency` seconds later; nothing is ever
delivered inside a call that sends. A test takes over with `MemoryTransport.hold`: frames then stay in flight until
`MemoryTransport.deliver_up` and `MemoryTransport.deliver_down` let one of them arrive, whichever the test chooses, or
until `MemoryTransport.release`. `MemoryTransport.cut` breaks the connection, and what is in flight is lost.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.transports.backlog import HIGH_WATER, Backlog
from jupyter_trame.transports.base import ClientTransport
from jupyter_trame.types import Packed

__all__ = ["MemoryTransport"]


class MemoryTransport(ClientTransport):
    """One connection. Everything runs on the thread of the pump's loop."""

    kind = "memory"

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        on_frame: Callable[[Packed], object],
        on_closed: Callable[[int, str], object],
        high_water: int = HIGH_WATER,
        latency: float = 0.0,
    ) -> None:
        """`on_frame` and `on_closed(code, reason)` are the client's.

        `high_water`: bytes that may be in flight to the client before it counts as slow. `latency`: seconds.
        """
        self.up: deque[Packed] = deque()
        """Frames in flight to the replica."""
        self.down: deque[Packed] = deque()
        """Frames in flight to the client."""
        self._loop = loop
        self._on_frame = on_frame
        self._on_closed = on_closed
        self._latency = latency
        # A test sees that there is room as soon as there is any.
        self._in_flight = Backlog(high_water, low=high_water - 1)
        self._held_up = self._held_down = False
        self._closing: tuple[int, str] | None = None
        self._over = False

    # -- the replica's end

    def room(self) -> int:
        """What `high_water` leaves beside the frames that have not arrived."""
        return self._in_flight.room()

    def send(self, frame: Frame) -> None:
        """Put `frame` on the wire to the client."""
        if self._over or self._closing is not None:
            return
        self.down.append(bytes(frame))
        self._in_flight.size += len(frame)
        self._later(self._arrive_down)

    def close(self, code: int, reason: str) -> None:
        """End the connection: the client hears of it behind the frames that are in flight to it."""
        if self._closing is None:
            self._closing = (code, reason)
            self.up.clear()
            self._later(self._arrive_down)

    # -- the client's end

    def send_up(self, frame: Packed) -> None:
        """Put `frame` on the wire to the replica."""
        if not self._over and self._closing is None:
            self.up.append(frame)
            self._later(self._arrive_up)

    def cut(self) -> None:
        """The connection is gone and so is what was in flight.

        Neither `on_frame` nor `on_closed` is called any more.
        """
        if self._over:
            return
        self._over = True
        self.up.clear()
        self.down.clear()
        if self.port is not None:
            self.port.closed()

    # -- the test

    def hold(self, *, up: bool = True, down: bool = True) -> None:
        """Let frames of these directions stay in flight: with ``up=False``, a client that reads nothing."""
        self._held_up |= up
        self._held_down |= down

    def release(self) -> None:
        """Let all frames arrive again, beginning with those in flight, in order."""
        self._held_up = self._held_down = False
        for _ in range(len(self.up)):
            self._later(self._arrive_up)
        for _ in range(len(self.down) + 1):
            self._later(self._arrive_down)

    def deliver_up(self, index: int = 0) -> None:
        """Let the frame at `index` of `up` arrive, now. Raises `IndexError` where there is none."""
        frame = _take(self.up, index)
        if self.port is not None:
            self.port.receive(frame)

    def deliver_down(self, index: int = 0) -> None:
        """Let the frame at `index` of `down` arrive, now. Raises `IndexError` where there is none."""
        frame = _take(self.down, index)
        self._in_flight.size -= len(frame)
        self._on_frame(frame)
        if self._in_flight.relieved() and self.port is not None and not self._over:
            self.port.writable()
        self._end_if_read()

    def _later(self, arrive: Callable[[], None]) -> None:
        if self._latency > 0:
            self._loop.call_later(self._latency, arrive)
        else:
            self._loop.call_soon(arrive)

    def _arrive_up(self) -> None:
        if self.up and not self._held_up:
            self.deliver_up()

    def _arrive_down(self) -> None:
        if self._held_down:
            return
        if self.down:
            self.deliver_down()
        else:
            self._end_if_read()

    def _end_if_read(self) -> None:
        if self._closing is not None and not self.down and not self._over:
            self._over = True
            self._on_closed(*self._closing)


def _take(frames: deque[Packed], index: int) -> Packed:
    frame = frames[index]
    del frames[index]
    return frame
