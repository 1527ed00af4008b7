"""Clients over aiohttp's websockets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from aiohttp import WSCloseCode, WSMsgType, web

from jupyter_trame.transports.base import ClientTransport
from jupyter_trame.transports.frames import HIGH_WATER, write_frames
from jupyter_trame.transports.heartbeat import Heartbeat
from jupyter_trame.transports.pump import ClientPort
from jupyter_trame.types import Packed

__all__ = ["AiohttpSocket", "AiohttpTransport"]

_logger = logging.getLogger(__name__)

_GOODBYE_TIMEOUT = 5.0
_LOOK_EVERY = 0.05
_PING = b"\x89\0"


class AiohttpSocket(web.WebSocketResponse):
    """A websocket that names the frame limit it enforces. Nothing is compressed, see `ClientSocket`."""

    def __init__(self, *, frame_limit: int, heart_beat: float) -> None:
        """`frame_limit` in bytes; a ping every `heart_beat` seconds, none below 1."""
        super().__init__(
            max_msg_size=frame_limit + 1,  # aiohttp refuses what is as large as its limit
            # aiohttp would give up a client that takes long to receive what is ahead of the ping.
            heartbeat=None,
            autoping=False,
            timeout=_GOODBYE_TIMEOUT,
            autoclose=False,  # whoever closes first, the handler's end closes the connection
            compress=False,
        )
        self._frame_limit = frame_limit
        self._heart_beat = heart_beat
        self._said_goodbye = False

    async def close(self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True) -> bool:
        """See aiohttp; after an oversize frame it lets the client read why, instead of cutting it off.

        A socket that is closed with unread data in it sends a reset, which overtakes the close frame.
        """
        if self._said_goodbye:  # a second close frame would be an error for the client
            if self._req is not None and self._req.transport is not None:
                self._req.transport.close()
            return True
        if code != WSCloseCode.MESSAGE_TOO_BIG or message or self.closed or self._req is None:
            return await super().close(code=code, message=message, drain=drain)
        reason = f"a frame is over the limit of {self._frame_limit} bytes"
        _logger.warning("closing the connection of a client with 1009: %s", reason)
        assert self._writer is not None
        with contextlib.suppress(ConnectionError):
            await self._writer.close(code, reason.encode())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_TIMEOUT):
                # aiohttp reads and drops what comes; it has no event for the end of it.
                while self._req.transport is not None:  # noqa: ASYNC110
                    await asyncio.sleep(_LOOK_EVERY)
        return await super().close(code=code, message=message, drain=False)

    async def say_goodbye(self, code: int, reason: str) -> None:
        """Send a close frame; `receive_into` goes on until the client's own comes. Nothing can be sent after it."""
        assert self._writer is not None
        self._said_goodbye = True
        await self._writer.close(code, reason.encode())

    async def receive_into(self, port: ClientPort) -> None:
        """Hand frames to `port` until the connection ends; text is ignored, as stock servers do."""
        heartbeat = self._start_heartbeat() if self._heart_beat >= 1 else None
        try:
            async for message in self:
                if message.type is WSMsgType.BINARY:
                    port.receive(message.data)
                elif message.type is WSMsgType.TEXT:
                    _logger.warning("a text frame of a client was ignored: the protocol is binary")
                elif message.type is WSMsgType.PING and not self._said_goodbye:
                    await self.pong(message.data)
                elif message.type is WSMsgType.PONG and heartbeat is not None:
                    heartbeat.heard()
        finally:
            if heartbeat is not None:
                heartbeat.stop()

    def _start_heartbeat(self) -> Heartbeat:
        assert self._req is not None
        assert self._req.transport is not None
        transport = self._req.transport

        def ping() -> None:
            if not self._said_goodbye and not self.closed:
                transport.write(_PING)

        return Heartbeat(
            self._heart_beat, ping=ping, unsent=transport.get_write_buffer_size, on_gone=transport.abort
        )


class AiohttpTransport(ClientTransport):
    """One prepared websocket.

    Frames are written to the socket before `send` returns, as far as it takes them: aiohttp's own `send_bytes` leaves
    that to a coroutine, which would not run while the loop is blocked.
    """

    kind = "websocket"

    def __init__(
        self, request: web.BaseRequest, socket: AiohttpSocket, *, high_water: int = HIGH_WATER
    ) -> None:
        """`high_water`: bytes that may wait in the process for this client's socket."""
        assert request.transport is not None
        self._request = request
        self._socket = socket
        self._transport = request.transport
        self._high_water = high_water
        self._waiter: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        # asyncio calls the writer back only from above its mark, and `room` is 0 at ours.
        self._transport.set_write_buffer_limits(high=high_water - 1, low=high_water // 4)

    def room(self) -> int:
        """Bytes that the write buffer takes; once full it counts as full until most of it was written."""
        if self._waiter is not None:
            return 0
        room = self._high_water - self._transport.get_write_buffer_size()
        if room <= 0:
            self._waiter = asyncio.ensure_future(self._wait())
        return room

    def send(self, frame: Packed) -> None:
        """See `send_all`."""
        self.send_all((frame,))

    def send_all(self, frames: Sequence[Packed]) -> None:
        """Write `frames` to the socket, or to the transport's buffer behind what waits there."""
        if self._closing is None and not self._socket.closed and not self._transport.is_closing():
            write_frames(self._transport.write, frames)

    def close(self, code: int, reason: str) -> None:
        """Say goodbye; the connection is cut after 5 s if the client does not answer."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._say_goodbye(code, reason))

    async def finished(self) -> None:
        """The connection has ended. To be awaited before the request's handler returns."""
        self._ended.set()
        if self._waiter is not None:
            self._waiter.cancel()
        if self._closing is not None:
            await self._closing

    async def _say_goodbye(self, code: int, reason: str) -> None:
        """Cut the connection if the client does not read what it is told."""
        try:
            async with asyncio.timeout(_GOODBYE_TIMEOUT):
                await self._socket.say_goodbye(code, reason)
                await self._ended.wait()
        except (TimeoutError, ConnectionError):
            self._transport.abort()

    async def _wait(self) -> None:
        """Wait for the transport's low mark, which aiohttp's writer learns."""
        with contextlib.suppress(ConnectionError):
            await self._request.writer.drain()
        self._waiter = None
        if self.port is not None and not self._transport.is_closing():
            self.port.writable()
