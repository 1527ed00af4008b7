"""Clients over aiohttp's websockets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
from collections.abc import Callable, Sequence

from aiohttp import WSCloseCode, hdrs, web
from aiohttp.abc import AbstractStreamWriter

from jupyter_trame.protocol.chunking import Frame, join_small
from jupyter_trame.transports.backlog import HIGH_WATER
from jupyter_trame.transports.base import ClientPort, close_reason
from jupyter_trame.transports.heartbeat import Heartbeat
from jupyter_trame.transports.incoming import BINARY, CLOSE, PING, PONG, TEXT, FrameReader, FrameViolation
from jupyter_trame.transports.outgoing import Outgoing, SlicedTransport, control_frame, frame_parts

__all__ = ["AiohttpSocket", "AiohttpTransport"]


_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What a server adds to the key of a handshake (RFC 6455, section 1.3)."""
_SLICE = 1 << 17
"""Bytes of one write: what the socket does not take of them asyncio writes by itself, to all clients in one turn."""


class AiohttpSocket(web.StreamResponse):
    """The answer to a request that is a handshake for a websocket; all that comes after it is read and answered here.

    aiohttp's own websocket takes frames without a mask, gives up with data unread, which is a reset that overtakes the
    close frame, and goes on for ever when another violation follows a refusal.
    """

    def __init__(self, *, frame_limit: int, heart_beat: float, goodbye: float = 5.0) -> None:
        """`frame_limit` in bytes; a ping every `heart_beat` seconds, none below 1.

        `goodbye`: seconds in which a client has to take what was sent and to hang up, once it was told to.
        """
        super().__init__(status=101)
        self._goodbye = goodbye
        self._request: web.BaseRequest | None = None
        self._frame_limit = frame_limit
        self._heart_beat = heart_beat
        self._pings: Heartbeat | None = None
        self._incoming = FrameReader(0)
        self.outgoing = Outgoing()
        """What is sent to the client before anything else."""
        self._early = bytearray()
        self._port: ClientPort | None = None
        self._ended = asyncio.Event()
        self._said_goodbye = False
        self._cut: asyncio.TimerHandle | None = None

    @property
    def _transport(self) -> asyncio.Transport | None:
        return None if self._request is None else self._request.transport

    @property
    def open(self) -> bool:
        """Whether frames can be sent: nobody has said goodbye or hung up."""
        return not (self._said_goodbye or self._ended.is_set())

    async def receive_into(self, port: ClientPort) -> None:
        """Hand frames to `port` until the connection ends; text is ignored, as stock servers do."""
        self._port = port
        self._incoming.limit = port.frame_limit(self._frame_limit)
        if self._heart_beat >= 1:
            self._pings = self._start_heartbeat()
        try:
            early, self._early = bytes(self._early), bytearray()
            self.feed_data(early)
            await self._ended.wait()
        finally:
            pings, self._pings, self._port = self._pings, None, None
            if pings is not None:
                pings.stop()

    def say_goodbye(self, code: int, reason: str) -> None:
        """Send a close frame. The client answers with its own or is cut off; nothing can be sent any more."""
        self._part(code.to_bytes(2) + close_reason(reason).encode())

    # -- what aiohttp calls: of an answer

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Answer the handshake, whose headers are in order. Raises `ConnectionResetError` when the client is gone."""
        if self.prepared:
            return await super().prepare(request)
        if request.transport is None:
            raise ConnectionResetError("the client hung up")
        key = request.headers.get(hdrs.SEC_WEBSOCKET_KEY, "").strip()
        self.headers[hdrs.UPGRADE] = "websocket"
        self.headers[hdrs.CONNECTION] = "upgrade"
        self.headers[hdrs.SEC_WEBSOCKET_ACCEPT] = _accepted(key)
        self.force_close()
        writer = await super().prepare(request)
        self._request = request
        request.protocol.set_parser(self)  # type: ignore[arg-type] # two methods are what it uses
        request.protocol.keep_alive(False)
        if writer is not None:
            await writer.drain()
        return writer

    async def write_eof(self, data: bytes = b"") -> None:  # noqa: ARG002 - aiohttp's signature
        """End the connection, if it has not ended: the handler has returned."""
        self._hang_up(WSCloseCode.OK)

    # -- of a parser

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Bytes of the client."""
        if self._port is None:
            if not self._ended.is_set():
                self._early += data
            return False, b""
        received = self._incoming.received
        try:
            for opcode, payload in self._incoming.feed(bytes(data)):
                self._handle(self._port, opcode, payload)
            if self._incoming.received != received:
                self._port.holds(self._incoming.held)
        except FrameViolation as violation:
            self._port.violated(violation.code, str(violation))
            # What comes until the client hangs up is dropped: unread data would make the end a reset.
            self.say_goodbye(violation.code, str(violation))
        return False, b""

    def feed_eof(self) -> None:
        """The connection is gone."""
        self._ended.set()
        if self._cut is not None:
            self._cut.cancel()

    # -- frames

    def _handle(self, port: ClientPort, opcode: int, payload: bytes) -> None:
        if opcode == BINARY:
            port.receive(payload)
            self._incoming.limit = port.frame_limit(self._frame_limit)
        elif opcode == TEXT:
            port.ignored_text()
        elif opcode == PING:
            self._answer(payload)
        elif opcode == PONG and self._pings is not None:
            self._pings.heard()
        elif opcode == CLOSE:
            self._hang_up(int.from_bytes(payload[:2]) if payload else None)

    def _answer(self, ping: bytes) -> None:
        """A client that reads nothing gets no more pongs than the buffer has room for."""
        if self.open and self.unsent() < HIGH_WATER:
            self._write(control_frame(PONG, ping))

    def unsent(self) -> int:
        """Bytes that wait for the socket."""
        transport = self._transport
        return self.outgoing.size + (0 if transport is None else transport.get_write_buffer_size())

    def _write(self, frame: bytes) -> None:
        """A control frame, which may not land in the middle of another one."""
        if self.outgoing:
            self.outgoing.add((frame,))
        elif self._transport is not None:
            self._transport.write(frame)

    def _hang_up(self, code: int | None) -> None:
        """Both sides have said goodbye once the socket has taken the close frame."""
        transport = self._transport
        if transport is not None and not transport.is_closing():
            if self.outgoing:
                # The client left in the middle of something, behind which it hears nothing. It may never read the
                # part that the transport has, which would keep the socket.
                self.outgoing.clear()
                transport.abort()
            else:
                self._part(b"" if code is None else code.to_bytes(2))
                transport.close()
        self._ended.set()

    def _part(self, payload: bytes) -> None:
        transport = self._transport
        if self._said_goodbye or transport is None:
            return
        self._said_goodbye = True
        self._write(control_frame(CLOSE, payload))
        # Also a transport that was closed lives for as long as the client does not take what is in its buffer.
        self._cut = asyncio.get_running_loop().call_later(self._goodbye, transport.abort)

    def _start_heartbeat(self) -> Heartbeat:
        transport = self._transport
        assert transport is not None

        def ping() -> None:
            if self.open:
                self._write(control_frame(PING, b""))

        return Heartbeat(
            self._heart_beat,
            ping=ping,
            unsent=self.unsent,
            on_gone=transport.abort,
            deaf=lambda: self._port is not None and self._port.paused,
        )


class AiohttpTransport(SlicedTransport):
    """One prepared websocket.

    Frames are written to the socket before `send` returns, as far as it takes them: aiohttp's own `send_bytes` leaves
    that to a coroutine, which would not run while the loop is blocked.
    """

    def __init__(self, request: web.BaseRequest, socket: AiohttpSocket) -> None:
        super().__init__(socket.outgoing)
        assert request.transport is not None
        self._request = request
        self._socket = socket
        self._transport = request.transport
        self._waiter: asyncio.Task[None] | None = None
        # asyncio's writer waits for its buffer to be empty as soon as there is anything in it.
        self._transport.set_write_buffer_limits(high=0)

    def send_all(self, frames: Sequence[Frame]) -> None:
        """Write the first slice of `frames` to the socket, if nothing waits in front of it."""
        if not self._socket.open or self._transport.is_closing():
            return
        self._add(frame_parts(frames))

    def _write_slice(self, outgoing: Outgoing) -> None:
        if self._transport.is_closing():
            outgoing.clear()
            return
        parts = outgoing.peek(_SLICE)
        outgoing.advance(sum(map(len, parts)))
        for part in join_small(parts):
            self._transport.write(part)
        if self._transport.get_write_buffer_size():
            self._blocked = True
            self._waiter = asyncio.ensure_future(self._wait())

    def pause(self) -> Callable[[], object]:
        """See the base."""
        if not self._transport.is_closing():
            self._transport.pause_reading()
        return self._resume

    def _resume(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self, code: int, reason: str) -> None:
        """Say goodbye; the connection is cut after 5 s if the client does not answer."""
        self._socket.say_goodbye(code, reason)

    def abort(self) -> None:
        """See the base."""
        self._transport.abort()

    def finished(self) -> None:
        """The connection has ended. A circle would stay, and many of them, until the collector comes to it."""
        self.port = None
        self._outgoing.clear()
        if self._waiter is not None:
            self._waiter.cancel()

    async def _wait(self) -> None:
        """Wait until the transport's buffer is empty, which aiohttp's writer learns."""
        with contextlib.suppress(ConnectionError):
            await self._request.writer.drain()
        self._waiter = None
        self._go_on()


def _accepted(key: str) -> str:
    """What proves that a handshake with `key` was understood (RFC 6455, section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key.encode() + _MAGIC, usedforsecurity=False).digest()).decode()
