"""The socket of a page on the local host: who gets one, and what it is sent, in order and bounded."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketProtocol13

from jupyter_trame.files.headers import refusal_headers
from jupyter_trame.narvi.local_gate import LocalGate
from jupyter_trame.narvi.local_shared import LocalShared
from jupyter_trame.narvi.shared_socket import SharedSocket
from jupyter_trame.services.addresses import Refusal
from jupyter_trame.services.front import Front, WebRequest
from jupyter_trame.services.instance import InstanceKey
from jupyter_trame.services.service_host import ReservedSession
from jupyter_trame.services.service_session import ServiceSession
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.transports.backlog import HIGH_WATER
from jupyter_trame.transports.heartbeat import Heartbeat
from jupyter_trame.transports.incoming import FrameViolation
from jupyter_trame.transports.outgoing import FINAL_BINARY, FINAL_TEXT, frame_header
from jupyter_trame.transports.tornado import ClientSocket
from jupyter_trame.transports.tornado_log import LogsNoQuery
from jupyter_trame.web.upgrade import upgrade_objection

__all__ = ["LocalPort", "NarviSocket", "OpenSockets"]

_SMALL = 1 << 14
"""Bytes of a message that is copied behind its header, rather than sent by itself."""
_QUEUE_LIMIT = 16 << 20
"""Bytes that may wait: who is behind by more when something else is sent, and reads nothing, is cut off."""
_HARD_LIMIT = 64 << 20
"""Bytes from which that is so even if it reads: no sender waited for it, or many threads send at once."""
_PATIENCE = 30.0
"""Seconds in which a session that is behind has to take something."""
_STALLED = 1.0
"""Seconds after which who sends to all waits no more for one that takes nothing."""
_LOOK = 0.25
"""Seconds between two looks at a session that is behind."""


class OpenSockets:
    """The websockets of one host, on its loop."""

    def __init__(self) -> None:
        self._sockets: set[NarviSocket] = set()
        self._deserted = asyncio.Event()
        self._deserted.set()

    def add(self, socket: NarviSocket) -> None:
        """One was opened."""
        self._sockets.add(socket)
        self._deserted.clear()

    def discard(self, socket: NarviSocket) -> None:
        """One has ended."""
        self._sockets.discard(socket)
        if not self._sockets:
            self._deserted.set()

    async def end(self, patience: float) -> None:
        """Return when all have ended; those that have not within `patience` seconds are cut. Cancelling is safe."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._deserted.wait()
        for socket in list(self._sockets):
            socket.abort()


class LocalPort:
    """See `SessionPort`."""

    def __init__(
        self,
        handler: NarviSocket,
        instance: InstanceKey,
        session_id: str,
        shared: LocalShared,
        complaints: Complaints,
    ) -> None:
        assert isinstance(handler.ws_connection, WebSocketProtocol13)
        self._handler = handler
        self._protocol = handler.ws_connection
        self._stream: IOStream = handler.ws_connection.stream
        self._socket = SharedSocket(self._stream)
        if not handler.write_by(self._socket):
            self._socket.direct = False
        self._instance = instance
        self._session_id = session_id
        self._slow = shared.slow
        self._lines = shared.lines
        self._all_unsent = shared.unsent
        self._all_unsent.add(self)
        self._complaints = complaints
        self._watch: asyncio.TimerHandle | None = None
        self._reads = True
        """Whether it takes something, as far as it has to."""
        self.on_relieved: Callable[[], object] = lambda: None
        """Called when more than `HIGH_WATER` has waited, and does not any more."""

    def send(self, data: bytes, *, text: bool) -> None:
        """See `SessionPort`: as much as the socket takes leaves at once."""
        if self._protocol.is_closing() or self._stream.closed():
            return
        if self.unsent() > (_HARD_LIMIT if self._reads else _QUEUE_LIMIT):
            self.give_up("reads too slowly")
            return
        header = frame_header(len(data), FINAL_TEXT if text else FINAL_BINARY)
        if len(data) <= _SMALL:
            self._socket.write(header + data)
        else:
            self._socket.write(header)
            self._socket.write(data)
        self._lines[self._session_id] = self._socket
        unsent = self.unsent()
        if self._watch is None and unsent > HIGH_WATER:
            self._fall_behind()
        if unsent:
            self._all_unsent.grows(len(data))

    def close(self, code: int, reason: str) -> None:
        """See `SessionPort`; tornado cuts the connection after 5 s if the page does not answer.

        Who sends to it waits no more.
        """
        self._leave()
        self._keeps_up()
        with contextlib.suppress(WebSocketClosedError):
            self._handler.close(code, reason)

    def unsent(self) -> int:
        """Bytes that the socket has not taken."""
        return self._socket.unsent()

    waiting = unsent

    def ended(self) -> None:
        """The connection has ended."""
        self._leave()
        self._handler.write_by(None)
        self._all_unsent.discard(self)
        self._keeps_up()

    def _leave(self) -> None:
        self._lines.pop(self._session_id, None)
        self._socket.end()

    def _keeps_up(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._reads = True
        self._slow.discard(self._instance, self._session_id)
        self.on_relieved()

    def _fall_behind(self) -> None:
        self._slow.put(self._instance, self._session_id, reads=True)
        loop = asyncio.get_running_loop()
        self._watch = loop.call_later(_LOOK, self._look, self.unsent(), loop.time())
        with contextlib.suppress(StreamClosedError):
            self._stream.write(b"").add_done_callback(self._has_read)

    def _has_read(self, done: asyncio.Future[None]) -> None:
        done.exception()  # the connection ended, which its handler hears of
        self._keeps_up()

    def _look(self, before: int, since: float) -> None:
        """Whether the page has read something: there were `before` bytes, and since when it has not."""
        loop, unsent = asyncio.get_running_loop(), self.unsent()
        if unsent < before:
            since = loop.time()
        silent = loop.time() - since
        if silent >= _PATIENCE:
            self.give_up("does not read")
            return
        self._reads = silent < _STALLED
        self._slow.put(self._instance, self._session_id, reads=self._reads)
        self._watch = loop.call_later(_LOOK, self._look, unsent, since)

    def give_up(self, why: str) -> None:
        """Cut the connection: a goodbye would wait behind all that waits."""
        self._complaints.warn("session %s is cut off: its page %s", self._session_id, why)
        self._stream.close()
        self.ended()


class NarviSocket(ClientSocket, LogsNoQuery):
    """A session, if it is let in: whoever is not gets an answer of HTTP, and no websocket."""

    def initialize(
        self,
        *,
        front: Front,
        gate: LocalGate,
        shared: LocalShared,
        sockets: OpenSockets,
        complaints: Complaints,
        message_limit: int,
        ping: float,
    ) -> None:
        """`message_limit`: bytes of a message; `ping`: seconds between two."""
        self._front = front
        self._gate = gate
        self._shared = shared
        self._sockets = sockets
        self._complaints = complaints
        self._limit = message_limit
        self._ping_interval = ping
        self._reserved: ReservedSession | None = None
        self._admitting: asyncio.Future[ReservedSession | Refusal] | None = None
        self._narvi_port: LocalPort | None = None
        self._session: ServiceSession | None = None
        self._reading = True
        self._held = 0
        """Bytes of a message that is not complete."""

    @property
    def max_message_size(self) -> int:
        """See tornado."""
        return self._limit

    @property
    def ping_interval(self) -> float:
        """Seconds."""
        return self._ping_interval

    @property
    def asked_path(self) -> str:
        """The address of the session."""
        return self.request.path

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """The upgrade, when an instance of the service runs."""
        request = self.request
        host = request.headers.get("Host", "")
        objection = upgrade_objection(request.headers)
        if objection is not None:
            self._say(*objection)
            return
        if not self._gate.knows_origin(
            request.headers.get("Origin"), host, request.headers.get("X-Forwarded-Host")
        ):
            self._say(HTTPStatus.FORBIDDEN, "403: a page of another origin may not connect")
            return
        asked = WebRequest("GET", self.asked_path, request.query, list(request.headers.get_all()))
        self._admitting = asyncio.ensure_future(self._front.admit(asked))
        try:
            found = await self._admitting
        except asyncio.CancelledError:
            if self.has_hung_up:
                return
            raise
        if isinstance(found, Refusal):
            wait = found.retry_after
            self._say(found.status, found.text, None if wait is None else {"Retry-After": str(wait)})
            return
        self._reserved = found
        try:
            # Of a connection that ended before this tornado would tell nobody again.
            if not self.has_hung_up:
                await super().get(*args, **kwargs)
        finally:
            found.release()

    def check_origin(self, origin: str) -> bool:  # noqa: ARG002 - `get` has looked
        """See tornado."""
        return True

    def open(self, *_: str, **__: str) -> None:
        """Open the session."""
        self.set_nodelay(True)
        assert self.ws_connection is not None
        assert self._reserved is not None
        stream: Any = self.ws_connection.stream
        stream.is_client = True  # for the `Door`
        self._sockets.add(self)
        self._shared.unread.add(self)
        session_id = self._reserved.visitor.session_id
        port = self._narvi_port = LocalPort(
            self, self._reserved.key, session_id, self._shared, self._complaints
        )
        self._heartbeat = Heartbeat(
            self._ping_interval,
            ping=self._ping,
            unsent=port.unsent,
            on_gone=stream.close,
            deaf=lambda: not self._reading,
            missed=1,
        )
        self._session = self._reserved.open(port)

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Hand a frame to the session; nothing more is read while it says so."""
        session = self._session
        room = None if session is None else session.receive(message)
        return None if room is None else self._wait(room)

    def on_read(self) -> None:
        """Some of a message has come, or all of it."""
        before, self._held = self._held, 0 if self._reader is None else self._reader.held
        if self._held > before:
            self._shared.unread.grows(self._held - before)

    def waiting(self) -> int:
        """See `LaggingPage`."""
        return self._held

    def give_up(self, why: str) -> None:
        """See `LaggingPage`."""
        self._shared.unread.discard(self)
        if self._narvi_port is not None:
            self._narvi_port.give_up(why)

    def on_violation(self, violation: FrameViolation) -> None:
        """The page broke the rules of websockets, and is told so; nothing of it counts any more."""
        super().on_violation(violation)
        if self._session is not None:
            self._session.ended()

    def on_close(self) -> None:
        """The connection has ended."""
        super().on_close()
        self._sockets.discard(self)
        self._shared.unread.discard(self)
        session, self._session = self._session, None
        if self._narvi_port is not None:
            self._narvi_port.ended()
        if session is not None:
            session.ended()

    def on_connection_close(self) -> None:
        """The client has hung up, perhaps before it was let in."""
        super().on_connection_close()
        if self._admitting is not None:
            self._admitting.cancel()

    def abort(self) -> None:
        """Cut the connection."""
        stream: Any = getattr(self.ws_connection, "stream", None)
        if stream is not None:
            stream.close()

    async def _wait(self, room: Awaitable[None]) -> None:
        self._reading = False
        try:
            await room
        finally:
            self._reading = True

    def _say(self, status: int, text: str, headers: Any = None) -> None:
        if status >= 500:
            self._complaints.warn("%d %s: %s", int(status), self.request.path, text)
        self.set_status(status)
        for name, value in {**(headers or {}), **refusal_headers()}.items():
            self.set_header(name, value)
        self.finish(text)
