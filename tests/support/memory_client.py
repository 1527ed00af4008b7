"""A client in the process of its replica, and its connections.

::

    client = MemoryClient(pump, ClientSession(secret="s"))
    client.connect()
    await client.until(lambda: client.peer.live)
    client.peer.write({"x": 1})
    client.flush()
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

from jupyter_trame.errors import ProtocolError
from jupyter_trame.transports.backlog import HIGH_WATER
from jupyter_trame.transports.memory import MemoryTransport
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.types import Packed


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
