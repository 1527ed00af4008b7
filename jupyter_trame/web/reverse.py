"""A server that connects to a relay and serves one client over that websocket, instead of listening."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from jupyter_trame.errors import ServerError
from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.runtime.settings import DEFAULT_SECRET
from jupyter_trame.transports.backlog import Backlog
from jupyter_trame.transports.base import ClientPort, ClientTransport
from jupyter_trame.web.http_server import ListenAddress
from jupyter_trame.web.site import Site

__all__ = ["ReverseHttpServer"]

_logger = logging.getLogger("jupyter_trame.http")


class ReverseHttpServer:
    """See `HttpServer`. When the relay hangs up the server stops: nobody can reach it any more."""

    web: Any = None

    def __init__(self, site: Site, url: str) -> None:
        """Raises `ServerError` where whoever is at the relay needs no secret, or the one that all know."""
        protocol = site.runtime.protocol
        decides = protocol is not None and protocol.has_validators
        if site.runtime.secret == DEFAULT_SECRET and not decides:
            raise ServerError(
                "--reverse-url would let in everybody at the relay, since all know the secret "
                f"{DEFAULT_SECRET}: pass another one with --authKey or --authKeyFile"
            )
        self._site = site
        self._url = url
        self._transport: _Transport | None = None
        self._port: ClientPort | None = None

    async def listen(self, address: ListenAddress) -> int:  # noqa: ARG002 - the relay listens
        """Connect; 0. Raises `OSError`, or tornado's `HTTPError` for a relay that refuses."""
        connection = await websocket_connect(
            self._url,
            on_message_callback=self._on_message,
            max_message_size=self._site.frame_limit,
            ping_interval=self._site.heart_beat if self._site.heart_beat >= 1 else None,
        )
        self._transport = _Transport(connection)
        self._port = self._site.connected(self._transport, self._url)
        return 0

    def close(self) -> None:
        """`Site.close` has said goodbye."""

    async def closed(self) -> None:
        """tornado ends the connection by itself."""

    def _on_message(self, message: str | bytes | None) -> None:
        port, transport = self._port, self._transport
        if port is None or transport is None:
            return
        if message is None:
            transport.ended()
            self._site.disconnected(port)
            if not self._site.closed:
                _logger.warning("the relay closed the connection: the server stops")
                self._site.runtime.stop()
        elif isinstance(message, str):
            port.ignored_text()
        else:
            port.receive(message)


class _Transport(ClientTransport):
    """A websocket that we opened: its frames are masked, which tornado does."""

    kind = "websocket"

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self._backlog = Backlog()

    def room(self) -> int:
        return self._backlog.room()

    def send(self, frame: Frame) -> None:
        with contextlib.suppress(WebSocketClosedError):
            written = asyncio.ensure_future(self._connection.write_message(bytes(frame), binary=True))
            self._backlog.size += len(frame)
            written.add_done_callback(lambda done: self._written(done, len(frame)))

    def close(self, code: int, reason: str) -> None:
        self._connection.close(code, reason)

    def ended(self) -> None:
        """tornado wants to hear it even of a connection that the other side closed."""
        self._connection.close()

    def _written(self, done: asyncio.Future[None], size: int) -> None:
        if not done.cancelled():
            done.exception()  # the connection ended; `_on_message` hears of it
        self._backlog.size -= size
        if self._backlog.relieved() and self.port is not None:
            self.port.writable()
