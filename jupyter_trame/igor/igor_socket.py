"""The socket of one client on tornado. It reads strictly, as all websockets of this package do (`ClientSocket`)."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketProtocol13

from jupyter_trame.igor.igor_client import IgorClient
from jupyter_trame.igor.service import Service
from jupyter_trame.log_text import foreign
from jupyter_trame.runtime.settings import is_loopback
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.transports import _tornado_private
from jupyter_trame.transports.heartbeat import Heartbeat
from jupyter_trame.transports.incoming import FrameViolation
from jupyter_trame.transports.outgoing import text_frame
from jupyter_trame.transports.send_queue import send_queue
from jupyter_trame.transports.tornado import ClientSocket
from jupyter_trame.transports.tornado_log import LogsNoQuery
from jupyter_trame.web.hosts import is_known_host
from jupyter_trame.web.origin import is_own_page

__all__ = ["Gate", "IgorSocket"]

_PING = 25.0
"""Seconds between pings; who misses three is gone."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may connect. Under Jupyter jupyter-server has decided that before, and all may."""

    bound: str = ""
    """The host on which the server listens."""
    origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    open: bool = False
    max_clients: int = 512
    """Who may be connected at once."""

    def refusal(self, origin: str | None, host: str) -> str | None:
        """Why a request with these headers is refused; None: it is not."""
        if self.open:
            return None
        if not is_known_host(host, self.bound, self.allowed_hosts):
            return f"403: the server does not go by the name {foreign(host)}; config['allowed_hosts'] may have it"
        if origin is None or origin in self.origins:
            return None
        local = is_loopback(self.bound)
        if is_own_page(origin, host, local_only=local, names=self.allowed_hosts) or (
            local and _is_local(origin)
        ):
            return None
        return f"403: pages of {foreign(origin)} may not connect; config['origins'] may have it"


def _is_local(origin: str) -> bool:
    """Whether a page comes from a web server of this machine, on whatever port."""
    try:
        page = urlsplit(origin)
        name = page.hostname or ""
    except ValueError:
        return False
    return page.scheme in ("http", "https") and (is_loopback(name) or name.endswith(".localhost"))


class _SocketTransport:
    """See `Transport`."""

    __slots__ = ("_handler", "_protocol", "_stream", "_written")

    def __init__(self, handler: IgorSocket) -> None:
        assert isinstance(handler.ws_connection, WebSocketProtocol13)
        self._handler = handler
        self._protocol = handler.ws_connection
        self._stream: IOStream = handler.ws_connection.stream
        self._written = 0

    def write(self, frames: list[str]) -> None:
        if self._protocol.is_closing():
            return
        with contextlib.suppress(StreamClosedError):
            data = b"".join(map(text_frame, frames))
            self._written += len(data)
            self._stream.write(data)

    def unsent(self) -> int:
        return 0 if self._stream.closed() else _tornado_private.unwritten(self._stream)

    def waiting(self) -> int:
        """Bytes on this machine that the other end has not taken."""
        return 0 if self._stream.closed() else self.unsent() + send_queue(self._stream.socket)

    def taken(self) -> int:
        return self._written - self.waiting()

    def when_sent(self, call: Callable[[], object]) -> None:
        try:
            self._stream.write(b"").add_done_callback(lambda done: (done.exception(), call()))
        except StreamClosedError:
            call()

    def ping(self, data: str) -> None:
        with contextlib.suppress(WebSocketClosedError):
            self._handler.ping(data)

    def close(self, code: int, reason: str) -> None:
        with contextlib.suppress(WebSocketClosedError):
            self._handler.close(code, reason)

    def abort(self) -> None:
        self._stream.close()


class IgorSocket(ClientSocket, LogsNoQuery):
    """A client of a `Service`, if the `Gate` lets it in: 403 otherwise, 503 where it is full, before the upgrade."""

    def initialize(self, *, service: Service, gate: Gate, limit: int, complaints: Complaints) -> None:
        """`limit`: bytes of a message."""
        self._service = service
        self._gate = gate
        self._limit = limit
        self._complaints = complaints
        self._client: IgorClient | None = None
        self._reading = True

    @property
    def max_message_size(self) -> int:
        """See tornado."""
        return self._limit

    @property
    def ping_interval(self) -> float:
        """Seconds."""
        return _PING

    def prepare(self) -> None:
        """Refuse who may not connect."""
        headers = self.request.headers
        refusal = self._gate.refusal(headers.get("Origin"), headers.get("Host", ""))
        if refusal is not None:
            self._refuse(403, refusal)
        elif self._service.connections >= self._gate.max_clients:
            self._refuse(
                503, f"503: {self._gate.max_clients} clients are connected, as config['max_clients'] has it"
            )

    def check_origin(self, origin: str) -> bool:  # noqa: ARG002 - `prepare` has looked
        """See tornado."""
        return True

    def open(self, *_: str) -> None:
        """Become a client."""
        self.set_nodelay(True)
        assert self.ws_connection is not None
        stream: Any = self.ws_connection.stream
        stream.is_client = True  # for the `Door` of a program
        address = getattr(getattr(self.request.connection, "context", None), "address", None)
        known = (str(address[0]), int(address[1])) if isinstance(address, tuple) else ("", 0)
        transport = _SocketTransport(self)
        self._client = self._service.connect(known, transport, self._limit)
        self._heartbeat = Heartbeat(
            _PING,
            ping=self._ping,
            unsent=transport.waiting,
            on_gone=lambda: self.close(reason="ping timed out"),
            deaf=lambda: not self._reading,
        )

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Hand a frame to the service; nothing more is read while it says so."""
        client = self._client
        if client is None:
            return None
        if self._reader is not None:
            client.hold()
        room = self._service.receive(client, message)
        if room is None:
            return None
        client.flush()
        return self._wait(room)

    def on_read(self) -> None:
        """All that one read brought was handled: what that has sent leaves in one piece."""
        if self._client is not None:
            self._client.flush()

    def on_pong(self, data: bytes) -> None:
        """The client is there, and has got what was sent before the ping."""
        super().on_pong(data)
        if data and self._client is not None:
            self._service.got(self._client, data.decode("utf-8", "replace"))

    def on_violation(self, violation: FrameViolation) -> None:
        """The client broke the rules; what came before is answered."""
        super().on_violation(violation)
        self.on_read()

    def on_close(self) -> None:
        """The connection has ended."""
        super().on_close()
        client, self._client = self._client, None
        if client is not None:
            self._service.disconnect(client)

    def _refuse(self, status: int, text: str) -> None:
        self._complaints.warn("a connection of %s was refused: %s", self.request.remote_ip, text)
        self.set_status(status)
        self.finish(text)

    async def _wait(self, room: Awaitable[None]) -> None:
        self._reading = False
        try:
            await room
        finally:
            self._reading = True
