"""The socket of a page of a service (`connect` beside the page)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Any

from jupyter_server.base.websocket import WebSocketMixin
from tornado.iostream import IOStream, StreamClosedError
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol13

from jupyter_trame.extension.narvi_answers import NarviAnswers
from jupyter_trame.extension.narvi_services import NarviServices
from jupyter_trame.extension.rights import socket_requires
from jupyter_trame.services.addresses import Refusal
from jupyter_trame.services.service_host import ReservedSession
from jupyter_trame.services.service_session import ServiceSession
from jupyter_trame.transports import _tornado_private
from jupyter_trame.transports.heartbeat import Heartbeat
from jupyter_trame.transports.outgoing import frame_header
from jupyter_trame.transports.tornado import ClientSocket

__all__ = ["SessionSocket"]

_PING = 10.0
"""Seconds between pings, and in which one has to be answered."""
_BEHIND = 16 << 20
"""Bytes that may wait for a page that does not read; with more it is cut off."""
_TEXT, _BINARY = 0x81, 0x82


class SessionSocket(ClientSocket, WebSocketMixin, WebSocketHandler, NarviAnswers):
    """``narvi/<workspace>/<app>/<service id>/connect``: for who may execute code in kernels. See `SessionPort`."""

    _reserved: ReservedSession | None = None
    _session: ServiceSession | None = None
    _waits = False
    """Whether nothing of the page is read, since its service has not come to what it sent."""

    def initialize(self, *, narvi: NarviServices, limit: int) -> None:
        """`limit`: bytes of a message."""
        super().initialize()
        self._narvi = narvi
        self._limit = limit

    @property
    def ping_interval(self) -> float:
        """Seconds between pings."""
        return _PING

    @property
    def max_message_size(self) -> int:
        """Largest message in bytes."""
        return self._limit

    @socket_requires("execute", "kernels")
    async def get(self) -> None:
        """Upgrade, once an instance runs; who asks without that hears why the last one did not."""
        # tornado asks again before it upgrades; asked first, a foreign page cannot even have something started.
        if not self.check_origin():
            raise HTTPError(403)
        request = self.web_request()
        await self._narvi.look()
        if self.request.headers.get("Upgrade", "").lower() != "websocket":
            self.give(await self._narvi.front.answer(request))
            return
        found = await self._narvi.front.admit(request)
        if isinstance(found, Refusal):
            self.give(found)
            return
        self._reserved = found
        try:
            if not self.has_hung_up:
                await super().get()
        finally:
            found.release()

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Open the session."""
        # Not WebSocketMixin's: it would ping too, and counts the interval in milliseconds.
        WebSocketHandler.open(self, *args, **kwargs)
        self.set_nodelay(True)
        reserved = self._reserved
        assert reserved is not None
        port = _Port(self)
        self._heartbeat = Heartbeat(
            _PING,
            ping=self._ping,
            unsent=port.unsent,
            on_gone=port.abort,
            deaf=lambda: self._waits,
            missed=1,
        )
        self._narvi.backlogs.add(reserved.visitor.session_id, port)
        self._session = reserved.open(port)

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Hand a message to the service; nothing more is read while it says so."""
        if self._session is None:
            return None
        room = self._session.receive(message)
        return None if room is None else self._wait(room)

    def on_close(self) -> None:
        """The page has gone."""
        super().on_close()
        session, self._session = self._session, None
        if session is not None:
            self._narvi.backlogs.discard(session.id)
            session.ended()

    async def _wait(self, room: Awaitable[None]) -> None:
        self._waits = True
        try:
            await room
        finally:
            self._waits = False


class _Port:
    """See `SessionPort` and `Reader`."""

    def __init__(self, handler: SessionSocket) -> None:
        assert isinstance(handler.ws_connection, WebSocketProtocol13)
        self._handler = handler
        self._protocol = handler.ws_connection
        self._stream: IOStream = handler.ws_connection.stream

    def send(self, data: bytes, *, text: bool) -> None:
        """See `SessionPort`: as much as the socket takes leaves at once."""
        if self._protocol.is_closing() or self._stream.closed():
            return
        if self.unsent() > _BEHIND:
            # A goodbye would wait behind all that waits.
            self.abort()
            return
        with contextlib.suppress(StreamClosedError):
            self._stream.write(frame_header(len(data), _TEXT if text else _BINARY) + data)

    def close(self, code: int, reason: str) -> None:
        """See `SessionPort`; tornado cuts the connection after 5 s if the page does not answer."""
        with contextlib.suppress(WebSocketClosedError):
            self._handler.close(code, reason)

    def abort(self) -> None:
        """Cut the connection."""
        self._stream.close()

    def unsent(self) -> int:
        """See `Reader`."""
        return 0 if self._stream.closed() else _tornado_private.unwritten(self._stream)

    def when_sent(self) -> asyncio.Future[None]:
        """See `Reader`."""
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def end(done: asyncio.Future[None]) -> None:
            done.exception()  # the connection ended, which its handler hears of
            if not sent.done():
                sent.set_result(None)

        try:
            self._stream.write(b"").add_done_callback(end)
        except StreamClosedError:
            sent.set_result(None)
        return sent
