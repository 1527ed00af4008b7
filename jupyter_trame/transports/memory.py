"""Clients in the process of their replica, over a wire that a test moves by hand. Also for users' own tests.

::

    client = MemoryClient(pump, ClientSession(secret="s"))
    client.connect()
    await client.until(lambda: client.peer.live)
    client.peer.write({"x": 1})
    client.flush()

Left alone, every frame arrives in order, in a turn of the loop of its own or `latency` seconds later; nothing is ever
delivered inside a call that sends. A test takes over with `MemoryTransport.hold`: frames then stay in flight until
`MemoryTransport.deliver_up` and `MemoryTransport.deliver_down` let one of them arrive, whichever the test chooses, or
until `MemoryTransport.release`. `MemoryClient.cut` breaks the connection, and what is in flight is lost.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

from jupyter_trame.errors import ProtocolError
from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.transports.backlog import HIGH_WATER, Backlog
from jupyter_trame.transports.base import ClientTransport
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.types import Packed

__all__ = ["MemoryClient", "MemoryPeer", "MemoryTransport"]


class MemoryPeer(Protocol):
    """What talks to the replica, sans-IO; a `jupyter_trame.client.ClientSession` is one."""

    def connected(self) -> None:
        """A connection is there."""

    def disconnected(self) -> None:
        """The connection is gone."""

    def receive(self, frame: Packed) -> Iterable[object]:
        """A frame arrived; the events that it tells. Raises `ProtocolError`: the connection ends with its code."""

    def take_output(self) -> Iterable[Packed]:
        """Frames to send, each once; asked for after every call of the others."""


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


P = TypeVar("P", bound=MemoryPeer)


class MemoryClient(Generic[P]):
    """A peer and its connections to one replica, one after the other. On the thread of the pump's loop."""

    def __init__(
        self,
        pump: ReplicaPump,
        peer: P,
        *,
        identity: str | None = None,
        trusted: bool = False,
        high_water: int = HIGH_WATER,
        latency: float = 0.0,
    ) -> None:
        """`identity` and `trusted` as in `ReplicaPump.connect`, the rest as in `MemoryTransport`."""
        self.peer = peer
        self.events: list[object] = []
        """Everything that the peer's `receive` gave, in order; whoever waits for much clears it."""
        self.closed: tuple[int, str] | None = None
        """Close code and reason with which the replica ended the last connection."""
        self._pump = pump
        self._identity = identity
        self._trusted = trusted
        self._high_water = high_water
        self._latency = latency
        self._transport: MemoryTransport | None = None
        self._error: ProtocolError | None = None
        self._waiters: list[asyncio.Future[None]] = []

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self._transport is not None

    @property
    def transport(self) -> MemoryTransport:
        """The present connection. Raises `RuntimeError` where there is none."""
        if self._transport is None:
            raise RuntimeError("the client is not connected")
        return self._transport

    def connect(self) -> MemoryTransport:
        """Open a connection in place of the one before, which is cut, and let the peer say hello."""
        self.cut()
        self.closed = None
        transport = MemoryTransport(
            asyncio.get_running_loop(),
            on_frame=self._receive,
            on_closed=self._closed,
            high_water=self._high_water,
            latency=self._latency,
        )
        transport.port = self._pump.connect(transport, identity=self._identity, trusted=self._trusted)
        self._transport = transport
        self.peer.connected()
        self.flush()
        return transport

    def flush(self) -> None:
        """Send what the peer has to say: to be called after calls of the peer's own methods."""
        output = self.peer.take_output()
        if self._transport is not None:
            for frame in output:
                self._transport.send_up(frame)

    def cut(self) -> None:
        """Break the connection, if there is one; see `MemoryTransport.cut`."""
        transport, self._transport = self._transport, None
        if transport is not None:
            self.peer.disconnected()
            transport.cut()
            self._wake()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for `condition`, which is looked at when something arrived at the client or its connection ended.

        Raises the `ProtocolError` with which the peer refused a frame. Time-outs are the caller's.
        """
        while not condition():
            if self._error is not None:
                raise self._error
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

    def _receive(self, frame: Packed) -> None:
        try:
            self.events += self.peer.receive(frame)
        except ProtocolError as error:
            self._error = error
            self.cut()
        self.flush()
        self._wake()

    def _closed(self, code: int, reason: str) -> None:
        self._transport = None
        self.closed = (code, reason)
        self.peer.disconnected()
        self._wake()

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


def _take(frames: deque[Packed], index: int) -> Packed:
    frame = frames[index]
    del frames[index]
    return frame
