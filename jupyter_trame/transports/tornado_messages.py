"""Clients over a websocket that tornado reads and writes by itself: whole messages, with a copy and a future each.

For a connection that we opened, whose frames are masked, and where tornado lacks what the module `tornado` needs of it.
"""

from __future__ import annotations

import asyncio
from functools import partial

from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    WebSocketHandler,
    WebSocketProtocol13,
)

from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.transports.backlog import Backlog
from jupyter_trame.transports.base import ClientTransport, LingeringTransport

__all__ = ["MessageTransport", "PlainTornadoTransport"]


class MessageTransport(ClientTransport):
    """One open websocket."""

    kind = "websocket"

    def __init__(self, websocket: WebSocketClientConnection | WebSocketHandler) -> None:
        self._websocket = websocket
        self._backlog = Backlog()

    def room(self) -> int:
        """What the limit leaves beside the messages that are not written."""
        return self._backlog.room()

    def send(self, frame: Frame) -> None:
        """Write it, as far as the socket takes it."""
        try:
            written = asyncio.ensure_future(self._websocket.write_message(bytes(frame), binary=True))
        except WebSocketClosedError:
            return
        size = len(frame)
        self._backlog.size += size
        written.add_done_callback(partial(self._on_written, size))

    def close(self, code: int, reason: str) -> None:
        """Say goodbye; tornado cuts the connection after 5 s if the other side does not answer."""
        self._websocket.close(code, reason)

    def unsent(self) -> int:
        """Bytes that wait for the socket."""
        return self._backlog.size

    def _on_written(self, size: int, done: asyncio.Future[None]) -> None:
        if not done.cancelled():
            done.exception()  # the connection ended, which its owner hears of
        self._backlog.size -= size
        if self._backlog.relieved() and self.port is not None:
            self.port.writable()


class PlainTornadoTransport(MessageTransport, LingeringTransport):
    """A client's websocket, which tornado reads and writes."""

    always_reads = True

    def __init__(self, handler: WebSocketHandler) -> None:
        assert isinstance(handler.ws_connection, WebSocketProtocol13)
        super().__init__(handler)
        self._stream = handler.ws_connection.stream

    def abort(self) -> None:
        """See the base."""
        self._stream.close()
