"""Clients over tornado's websockets: the same for jupyter-server's handlers and for a stand-alone server."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol

from tornado.iostream import IOStream, SSLIOStream, StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol13

from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.transports import _tornado_private
from jupyter_trame.transports.backlog import HIGH_WATER
from jupyter_trame.transports.base import ClientPort, ClientTransport
from jupyter_trame.transports.heartbeat import Heartbeat
from jupyter_trame.transports.incoming import PONG, FrameReader, FrameViolation
from jupyter_trame.transports.outgoing import Outgoing, SlicedTransport, control_frame, frame_parts
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.transports.tornado_messages import PlainTornadoTransport
from jupyter_trame.transports.turns import SLICE
from jupyter_trame.types import ClientId

__all__ = ["ClientSocket", "FrameWriter", "TornadoTransport"]


_READ_SIZE = 1 << 16
_LARGE_READ = 1 << 18
"""The same in the middle of a large frame."""
_ROUNDS = 8
"""Reads of a large frame in a row."""
_SCOUT = 1 << 16
"""Bytes that the stream gets when the socket is full: once they are written there is room again."""
_TLS_SLICE = 1 << 16
"""Bytes of a slice that is encrypted."""


class FrameWriter(Protocol):
    """Writes all frames of a websocket, so that none lands in the middle of another one."""

    direct: bool
    """Whether bytes may go past the stream."""

    def add_control(self, opcode: int, payload: bytes) -> "asyncio.Future[None] | None":
        """Send a control frame, or leave it to the stream: None. The future is done when it was sent."""


class TornadoTransport(SlicedTransport):
    """One open websocket; constructed in or after the handler's `open`."""

    def __init__(self, handler: WebSocketHandler, *, high_water: int = HIGH_WATER) -> None:
        """`high_water`: bytes that are taken in one go, while nothing waits for this client's socket."""
        assert isinstance(handler.ws_connection, WebSocketProtocol13)
        super().__init__(Outgoing(high_water))
        self._handler = handler
        self._protocol = handler.ws_connection
        self._stream: IOStream = handler.ws_connection.stream
        # TLS sockets send no lists of buffers, nor do those of Windows.
        self.direct = not isinstance(self._stream, SSLIOStream) and hasattr(self._stream.socket, "sendmsg")
        self._behind: list[asyncio.Future[None]] = []
        """Of control frames that wait in `_outgoing`."""
        if isinstance(self._protocol, _StrictProtocol):
            self._protocol.transport = self

    def send_all(self, frames: Sequence[Frame]) -> None:
        """Write the first slice of `frames` to the socket, if nothing waits in front of it.

        tornado's own `write_message` copies each frame and makes a task of it, and its stream makes a future of each
        write; both show at a hundred viewers.
        """
        if self._protocol.is_closing():
            return
        parts = frame_parts(frames)
        if self.direct and not (self._outgoing or self._blocked or self._stream.writing()):
            size = sum(map(len, parts))
            if size <= SLICE:  # as nearly always
                try:
                    sent = self._stream.socket.sendmsg(parts)
                except OSError:  # full, or broken, which the stream finds out for itself
                    sent = 0
                if sent == size:
                    return
                self._outgoing.add(parts)
                self._outgoing.advance(sent)
                parts = []
        self._add(parts)

    def _write_slice(self, outgoing: Outgoing) -> None:
        try:
            if self._stream.closed():
                outgoing.clear()
            elif not self.direct or self._stream.writing():
                self._write(outgoing.take(_TLS_SLICE))
            elif not self._write_through():
                self._write(outgoing.take(_SCOUT))
        except StreamClosedError:
            outgoing.clear()
        if not outgoing:
            self._all_sent()

    def _write_through(self) -> bool:
        """Write to the socket itself; False when it is full."""
        parts = self._outgoing.peek(SLICE)
        try:
            sent = self._stream.socket.sendmsg(parts)
        except OSError:  # full, or broken, which the stream finds out for itself
            return False
        self._outgoing.advance(sent)
        return sent == sum(map(len, parts))

    def _write(self, data: bytes | memoryview) -> None:
        written = self._stream.write(data)
        if self._stream.writing():
            self._blocked = True
            written.add_done_callback(self._on_written)

    def _on_written(self, _: "asyncio.Future[None]") -> None:
        if self._stream.closed():
            self._outgoing.clear()
            self._all_sent()
        self._go_on()

    def add_control(self, opcode: int, payload: bytes) -> "asyncio.Future[None] | None":
        """Put a control frame behind what waits, in the middle of which it may not land; None if nothing does.

        The future is done when the frame was sent.
        """
        if not self._outgoing:
            return None
        self._outgoing.add((control_frame(opcode, payload),))
        sent = asyncio.get_running_loop().create_future()
        self._behind.append(sent)
        return sent

    def _all_sent(self) -> None:
        behind, self._behind = self._behind, []
        for sent in behind:
            if not sent.done():
                sent.set_result(None)

    def pause(self) -> Callable[[], object]:
        """See the base."""
        assert isinstance(self._protocol, _StrictProtocol)
        self._protocol.pause()
        return self._protocol.resume

    def unsent(self) -> int:
        """Bytes that wait for the socket."""
        return 0 if self._stream.closed() else self._outgoing.size + _tornado_private.unwritten(self._stream)

    def close(self, code: int, reason: str) -> None:
        """Say goodbye; tornado cuts the connection after 5 s if the client does not answer."""
        with contextlib.suppress(WebSocketClosedError):
            self._handler.close(code, reason)

    def abort(self) -> None:
        """See the base."""
        self._stream.close()

    def release(self) -> None:
        """The connection has ended. A circle would stay, and many of them, until the collector comes to it."""
        self.port = None
        if isinstance(self._protocol, _StrictProtocol):
            self._protocol.transport = None


class ClientSocket(WebSocketHandler):
    """What the websocket handlers of both servers share. A handler decides who may connect and calls `serve`.

    Frames above `max_message_size` end the connection with 1009 and the limit as the reason; before its hello a client
    sends small ones only. A client is pinged every `ping_interval` seconds.
    """

    has_hung_up = False
    """Whether the client has gone. Before it was let in tornado has called `on_close` then, and does not again."""
    _port: ClientPort | None = None
    _reader: FrameReader | None = None
    """None where tornado reads by itself: the limit is then the same before the hello."""
    _heartbeat: Heartbeat | None = None

    def on_connection_close(self) -> None:
        """See tornado."""
        self.has_hung_up = True
        super().on_connection_close()

    @property
    def client_id(self) -> ClientId | None:
        """Which client it is of; None before that is let in."""
        session = None if self._port is None else self._port.channel.session
        return None if session is None else session.client_id

    def serve(self, pump: ReplicaPump, *, identity: str | None = None, trusted: bool = False) -> None:
        """From `open`: make this a client of `pump`; see `ReplicaPump.connect` for the rest."""
        self.serve_by(partial(pump.connect, identity=identity, trusted=trusted))

    def serve_by(self, connect: Callable[[ClientTransport], ClientPort]) -> None:
        """From `open`: make this what `connect` makes of its transport."""
        # Two small frames in a row would otherwise wait 40 ms for the browser's delayed acknowledgement.
        self.set_nodelay(True)
        strict = isinstance(self.ws_connection, _StrictProtocol)
        transport = TornadoTransport(self) if strict else PlainTornadoTransport(self)
        self._port = transport.port = connect(transport)
        self._set_limit()
        interval = self.ping_interval
        if interval:
            gone = partial(self.close, reason="ping timed out")
            self._heartbeat = Heartbeat(
                interval, ping=self._ping, unsent=transport.unsent, on_gone=gone, deaf=self._is_deaf
            )

    def write_by(self, writer: FrameWriter | None) -> bool:
        """Have `writer` write all frames from now on; False where tornado keeps that to itself."""
        if not isinstance(self.ws_connection, _StrictProtocol):
            return False
        self.ws_connection.transport = writer
        return True

    def get_compression_options(self) -> None:
        """None: arrays and images do not get smaller, and small frames only later."""

    def get_websocket_protocol(self) -> WebSocketProtocol13 | None:
        """The protocol of this connection, of a kind that reads strictly if that can be."""
        protocol = super().get_websocket_protocol()
        if not isinstance(protocol, WebSocketProtocol13):
            return None
        if not _tornado_private.framed:
            return _QuietProtocol(self, protocol.mask_outgoing, protocol.params)
        strict = _StrictProtocol(self, protocol.mask_outgoing, protocol.params)
        self._reader = strict.reader
        return strict

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Hand a frame to the replica; text is ignored, as stock servers do."""
        if self._port is None:
            return None
        if isinstance(message, str):
            self._port.ignored_text()
        else:
            self._port.receive(message)
            self._set_limit()
        return None

    def on_read(self) -> None:
        """All that one read brought was handled, but for the beginning of a message. Not called for pings alone."""
        if self._port is not None and self._reader is not None:
            self._port.holds(self._reader.held)

    def on_violation(self, violation: FrameViolation) -> None:
        """The client broke the rules of websockets, and is told so."""
        if self._port is not None:
            self._port.violated(violation.code, str(violation))

    def _set_limit(self) -> None:
        if self._port is not None and self._reader is not None:
            self._reader.limit = self._port.frame_limit(self.max_message_size)

    def on_pong(self, data: bytes) -> None:  # noqa: ARG002 - tornado's signature
        """The client is there."""
        if self._heartbeat is not None:
            self._heartbeat.heard()

    def _is_deaf(self) -> bool:
        return self._port is not None and self._port.paused

    def _ping(self) -> None:
        with contextlib.suppress(WebSocketClosedError):
            self.ping()

    def on_close(self) -> None:
        """Tell the replica, with the client's own close code."""
        heartbeat, self._heartbeat = self._heartbeat, None
        if heartbeat is not None:
            heartbeat.stop()
        port, self._port = self._port, None
        if port is not None:
            port.closed()
            if isinstance(port.transport, TornadoTransport):
                port.transport.release()


class _QuietProtocol(WebSocketProtocol13):
    """`ClientSocket` pings: tornado would give up a client that takes long to receive what is ahead of the ping."""

    def start_pinging(self) -> None:
        """Nothing."""


class _StrictProtocol(_tornado_private.FramedProtocol, _QuietProtocol):
    """Refuses a client that breaks the rules so that it can read why; until it hangs up nothing of it counts.

    tornado closes the socket at once, or not at all: with unread data in it that is a reset, which overtakes the close
    frame. It also reads each frame in three steps with a future each, a third of the time of a short message.
    """

    handler: ClientSocket

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.reader = FrameReader(self.params.max_message_size)
        self.transport: FrameWriter | None = None
        self._resumed: asyncio.Future[None] | None = None
        self._pong: asyncio.Future[None] | None = None
        """Of a pong that waits behind other frames."""

    def pause(self) -> None:
        """Read nothing until `resume`."""
        if self._resumed is None:
            self._resumed = asyncio.get_running_loop().create_future()

    def resume(self) -> None:
        """Read on."""
        resumed, self._resumed = self._resumed, None
        if resumed is not None and not resumed.done():
            resumed.set_result(None)

    def write_control(self, opcode: int, payload: bytes) -> "asyncio.Future[None] | None":
        """See the base: a frame waits behind what the transport has."""
        if self.transport is None:
            return None
        if opcode == PONG and self._pong is not None and not self._pong.done():
            return self._pong  # one is enough; before 6.6 tornado has no bound for who reads nothing
        sent = self.transport.add_control(opcode, payload)
        if opcode == PONG:
            self._pong = sent
        return sent

    async def read_some(self) -> None:
        """Read once, and handle all frames that this completes."""
        if self._resumed is not None:
            await self._resumed
        data = await self.stream.read_bytes(_READ_SIZE, partial=True)
        received = self.reader.received
        try:
            rounds = _ROUNDS
            while data:
                self.count(len(data))
                for opcode, payload in self.reader.feed(data):
                    if (handled := self.handle(opcode, payload)) is not None:
                        await handled
                rounds -= 1
                data = self._read_large() if rounds and self._resumed is None else b""
            if self.reader.received != received:
                self.handler.on_read()
        except FrameViolation as violation:
            self.handler.on_violation(violation)
            # Its timer ends the connection after 5 s; what comes until then is read and dropped.
            self.close(violation.code, str(violation))

    def _read_large(self) -> bytes:
        """What the socket has of a large frame; the stream would copy it twice. Empty where that cannot be read now."""
        stream, transport, missing = self.stream, self.transport, self.reader.missing
        # The stream also reads while nobody asked it to, and what it has comes first.
        if (
            missing < _READ_SIZE
            or transport is None
            or not transport.direct
            or _tornado_private.unread(stream)
            or stream.closed()
        ):
            return b""
        try:
            return stream.socket.recv(min(missing, _LARGE_READ))
        except OSError:
            return b""
