"""A server that connects to a relay and serves one client over that websocket, instead of listening."""

from __future__ import annotations

import logging
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

from jupyter_trame.errors import ServerError
from jupyter_trame.runtime.settings import DEFAULT_SECRET
from jupyter_trame.transports.base import ClientPort
from jupyter_trame.transports.tornado_messages import MessageTransport
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
        self._connection: WebSocketClientConnection | None = None
        self._port: ClientPort | None = None

    async def listen(self, address: ListenAddress) -> int:  # noqa: ARG002 - the relay listens
        """Connect; 0. Raises `OSError`, or tornado's `HTTPError` for a relay that refuses."""
        connection = await websocket_connect(
            self._url,
            on_message_callback=self._on_message,
            max_message_size=self._site.frame_limit,
            ping_interval=self._site.heart_beat if self._site.heart_beat >= 1 else None,
        )
        self._connection = connection
        self._port = self._site.connected(MessageTransport(connection), self._url)
        return 0

    def close(self) -> None:
        """`Site.close` has said goodbye."""

    async def closed(self) -> None:
        """tornado ends the connection by itself."""

    def _on_message(self, message: str | bytes | None) -> None:
        port, connection = self._port, self._connection
        if port is None or connection is None:
            return
        if message is None:
            connection.close()  # tornado wants to hear it even of one that the other side closed
            self._site.disconnected(port)
            if not self._site.closed:
                _logger.warning("the relay closed the connection: the server stops")
                self._site.runtime.stop()
        elif isinstance(message, str):
            port.ignored_text()
        else:
            port.receive(message)
