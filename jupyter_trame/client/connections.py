"""The ways of a `Client` to a server: a websocket, or a replica in the same process."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    WebSocketError,
    websocket_connect,
)

from jupyter_trame.client.address import Address
from jupyter_trame.protocol import Replica
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.transports.inprocess import InProcessLink
from jupyter_trame.transports.memory import MemoryTransport
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.types import Packed

if TYPE_CHECKING:
    from jupyter_trame.server import Server

__all__ = ["Connection", "InProcessConnection", "Opener", "SocketConnection"]

_logger = logging.getLogger(__name__)

_HEART_BEAT = 20.0
_CONNECT_TIMEOUT = 30.0
"""Seconds. A Jupyter server asks a gateway six things one after the other until it knows of an app."""


class Connection(Protocol):
    """One open connection, on the thread of its loop."""

    def send(self, frame: Packed) -> None:
        """Send one frame; after the end it is dropped."""

    async def receive(self) -> Packed | None:
        """The next frame; None when the connection has ended."""

    @property
    def ending(self) -> tuple[int | None, str]:
        """Close code and reason of the server, once the connection has ended."""

    def close(self, code: int = 1000) -> None:
        """End the connection, behind the frames that were sent. More than once is harmless."""


Opener: TypeAlias = Callable[[], Awaitable[Connection]]
"""Opens a new connection; raises `ConnectionError`."""


class SocketConnection:
    """Over a websocket."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket

    @classmethod
    async def open(cls, address: Address) -> "SocketConnection":
        """Connect to `address`. Raises ConnectionError."""
        opening = asyncio.ensure_future(_connect(address.url))
        try:
            socket = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close)
            raise
        except (HTTPClientError, OSError, StreamClosedError, ValueError, WebSocketError) as error:
            raise ConnectionError(f"no trame server answers at {address.shown}: {error}") from error
        # Two small frames in a row would otherwise wait 40 ms for a delayed acknowledgement.
        assert socket.protocol is not None
        socket.protocol.set_nodelay(True)
        return cls(socket)

    def send(self, frame: Packed) -> None:
        """See `Connection`."""
        with contextlib.suppress(WebSocketClosedError):
            asyncio.ensure_future(self._socket.write_message(bytes(frame), binary=True)).add_done_callback(
                _ignore
            )

    async def receive(self) -> Packed | None:
        """See `Connection`; text is ignored."""
        while isinstance(message := await self._socket.read_message(), str):
            _logger.warning("a text frame of the server was ignored: the protocol is binary")
        return message

    @property
    def ending(self) -> tuple[int | None, str]:
        """See `Connection`."""
        return self._socket.close_code, self._socket.close_reason or ""

    def close(self, code: int = 1000) -> None:
        """See `Connection`."""
        self._socket.close(code)


async def _connect(url: str) -> WebSocketClientConnection:
    # Tornado's `connect_timeout` is that of TCP; the answer has one of its own.
    request = HTTPRequest(url, connect_timeout=_CONNECT_TIMEOUT, request_timeout=_CONNECT_TIMEOUT)
    return await websocket_connect(request, ping_interval=_HEART_BEAT, max_message_size=Limits().message)


def _close(opened: "asyncio.Future[WebSocketClientConnection]") -> None:
    if not opened.cancelled() and opened.exception() is None:
        opened.result().close()


def _ignore(written: "asyncio.Future[None]") -> None:
    if not written.cancelled():
        written.exception()  # the connection is gone, and `receive` says so


class InProcessConnection:
    """To a running server of this process, through a replica of its own; whatever else carries the server."""

    def __init__(self, server: "Server") -> None:
        """Raises ConnectionError where the server does not run. A loop has to turn on this thread."""
        if not server.running:
            raise ConnectionError(f"{server!r} does not run")
        # Who has a server has loaded this; a client elsewhere does not.
        from jupyter_trame.server import runtime_of

        loop = asyncio.get_running_loop()
        self._frames: asyncio.Queue[Packed | None] = asyncio.Queue()
        self._pump = ReplicaPump(Replica(), loop)
        self._link = InProcessLink(self._pump, loop)
        self._transport = MemoryTransport(loop, on_frame=self._frames.put_nowait, on_closed=self._on_closed)
        self.ending: tuple[int | None, str] = (None, "")
        self._link.attach(runtime_of(server).primary)
        self._transport.port = self._pump.connect(self._transport, trusted=True)

    @classmethod
    async def open(cls, server: "Server") -> "InProcessConnection":
        """As the constructor, for an `Opener`."""
        return cls(server)

    def send(self, frame: Packed) -> None:
        """See `Connection`."""
        self._transport.send_up(frame)

    async def receive(self) -> Packed | None:
        """See `Connection`."""
        return await self._frames.get()

    def close(self, code: int = 1000) -> None:  # noqa: ARG002 - no code means anything to the server
        """See `Connection`."""
        while self._transport.up:
            self._transport.deliver_up()
        self._transport.cut()
        if len(self._pump):  # a large message is still read
            self._pump.on_clients = lambda _: self._over()
        else:
            self._over()

    def _on_closed(self, code: int, reason: str) -> None:
        self.ending = code, reason
        self._over()

    def _over(self) -> None:
        self._link.end()
        self._pump.close()
        self._frames.put_nowait(None)
