"""The library's connections, where cancelling a `send` leaves no half frame behind, closing does not wait for messages
that nobody receives, and a peer that takes nothing is given up as one that says nothing is."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import trio
from websockets.exceptions import ConnectionClosed
from websockets.frames import DATA_OPCODES, CloseCode, Frame
from websockets.http11 import USER_AGENT
from websockets.protocol import CLOSED, CONNECTING, OPEN, Event
from websockets.trio.client import ClientConnection
from websockets.trio.connection import Connection
from websockets.typing import DataLike

from jupyter_trame.trio.nurseries import wait_for_any

__all__ = ["CarefulClientConnection", "CarefulConnection"]

_PIECE = 2**16
"""Bytes whose way into the socket shows that the peer takes something."""


class CarefulConnection(Connection):
    """The library's connection, which a cancelled `send` leaves whole, and whose end waits for no reader."""

    _discarding = False
    _full = False
    _reader: trio.lowlevel.Task | None = None
    _keepalive: trio.CancelScope | None = None
    """Of the keepalive's ping while it waits to be sent."""

    async def send_message(self, message: str | bytes | bytearray | memoryview) -> None:
        """As `send`, of one message. An open connection takes less of the machine than the library's way does."""
        if self.protocol.state is not OPEN or self.send_in_progress is not None:
            await self.send(message)
            return
        if isinstance(message, str):
            self.protocol.send_text(message.encode())
        else:
            self.protocol.send_binary(message)
        try:
            await self.send_data()
        except Exception as error:
            self.set_connection_exc(error)
            await self.close_stream()
            raise self.close_exc from error

    async def send_data(self) -> None:
        """Write what the protocol has to send; at once where that is nothing, as after most reads.

        Cancelled before anything is written it writes nothing, and the next call does. Cancelled where the socket has
        taken a part, it ends the connection: the peer would take the next frame for the rest of this one.

        Raises TimeoutError where the connection closes, and the peer takes nothing up to the end of the time for that.
        """
        if not self.protocol.writes:
            return
        if self.protocol.state is CLOSED and trio.lowlevel.current_task() is self._reader:
            return  # it comes here last, and closes the stream: who has sent what is left is told by that
        if self.close_deadline is None:
            await self._send_in_turn()
            return
        with trio.move_on_at(self.close_deadline):
            await self._send_in_turn()
            return
        raise TimeoutError("the peer took nothing while the connection closed")

    async def _send_in_turn(self) -> None:
        try:
            self.send_lock.acquire_nowait()  # waiting would cost a turn of the run, and writing has one
        except trio.WouldBlock:
            await self.send_lock.acquire()
        try:
            # Nothing lets other tasks run between this and the first write.
            await trio.lowlevel.checkpoint_if_cancelled()
            try:
                for data in self.protocol.data_to_send():
                    if data:
                        await self._write(data)
                    else:
                        await self._end_sending()
            except trio.Cancelled:
                await trio.aclose_forcefully(self.stream)
                raise
        finally:
            self.send_lock.release()

    async def _write(self, data: bytes) -> None:
        view = memoryview(data)
        for start in range(0, len(data), _PIECE):
            await self.stream.send_all(view[start : start + _PIECE])
            if self._keepalive is not None and self.ping_timeout is not None:
                self._keepalive.deadline = trio.current_time() + self.ping_timeout

    async def ping(self, data: DataLike | None = None, *, ack_on_close: bool = False) -> trio.Event:
        """As the library's, but its keepalive, which alone says `ack_on_close`, waits for no peer that takes nothing.

        When the socket has taken nothing for `ping_timeout` the connection ends, and `ConnectionClosed` is raised.
        While the queue is full nobody waits for the pong: see `pause_reading`.
        """
        if not ack_on_close or self.ping_timeout is None:
            return await super().ping(data, ack_on_close=ack_on_close)
        with trio.move_on_after(self.ping_timeout) as self._keepalive:
            pong = await super().ping(data, ack_on_close=True)
            if self.recv_messages.paused:
                pong.set()
            return pong
        self.set_connection_exc(TimeoutError(f"the peer has taken nothing for {self.ping_timeout} s"))
        await self.close_stream()
        raise self.close_exc

    def pause_reading(self) -> None:
        """The queue is full. Pongs wait behind it, which is no fault of the peer: the keepalive does without them."""
        super().pause_reading()
        for event, _, of_keepalive in self.pending_pings.values():
            if of_keepalive:
                event.set()

    async def recv_events(self) -> None:
        """See `send_data`."""
        self._reader = trio.lowlevel.current_task()
        await super().recv_events()

    def set_connection_exc(self, exc: BaseException | None) -> None:
        """The connection fails: `recv` may say so while the queue is full, and the peer's answer waits behind that."""
        super().set_connection_exc(exc)
        self._discard_when_full()

    async def _end_sending(self) -> None:
        if isinstance(self.stream, trio.abc.HalfCloseableStream):
            with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await self.stream.send_eof()
        else:
            await self.stream.aclose()

    async def close_stream(self) -> None:
        """End the connection. It closes a file and waits for nobody, so it is done where its task is cancelled, too."""
        with trio.CancelScope(shield=True):
            await super().close_stream()

    async def aclose(self, code: CloseCode | int = CloseCode.NORMAL_CLOSURE, reason: str = "") -> None:
        """Say goodbye and wait for the peer's word and for TCP; harmless where that is done.

        Cancelled, or interrupted, it ends the connection at once, and raises that.
        """
        self._discard_when_full()
        try:
            async with self.send_context():
                if self.send_in_progress is not None:
                    self.protocol.fail(CloseCode.INTERNAL_ERROR, "close during fragmented message")
                else:
                    self.protocol.send_close(code, reason)
        except ConnectionClosed:
            pass  # which was the goal
        except BaseException:
            await trio.aclose_forcefully(self.stream)
            raise

    def _discard_when_full(self) -> None:
        """From now on messages beyond the limit of the queue are dropped, and what follows them, up to the end.

        Otherwise the peer's close frame would wait behind messages that nobody may ever receive.
        """
        self._discarding = True
        if self.recv_messages.paused:
            self.recv_messages.paused = False
            self._full = True
            self.resume_reading()

    def process_event(self, event: Event) -> None:
        """Queue a message, or drop it where the connection closes and the queue is full."""
        if self._discarding and isinstance(event, Frame) and event.opcode in DATA_OPCODES:
            high = self.recv_messages.high
            waiting = self.recv_messages.recv_frames.statistics().current_buffer_used
            self._full = self._full or (high is not None and waiting >= high)
            if self._full:
                return
        super().process_event(event)


class CarefulClientConnection(CarefulConnection, ClientConnection):
    """The connection of a client."""

    async def handshake(
        self,
        additional_headers: Sequence[tuple[str, str]] | None = None,  # type: ignore[override]
        user_agent_header: str | None = USER_AGENT,
    ) -> None:
        """Ask for a websocket; the headers take the place of those of the same name."""
        self.request = self.protocol.connect()
        for name in {name.lower() for name, _ in additional_headers or ()}:
            if name in self.request.headers:
                del self.request.headers[name]
        for name, value in additional_headers or ():
            self.request.headers[name] = value
        if user_agent_header is not None and "User-Agent" not in self.request.headers:
            self.request.headers["User-Agent"] = user_agent_header
        async with self.send_context(expected_state=CONNECTING):
            self.protocol.send_request(self.request)
        await wait_for_any(self.response_rcvd, self.stream_closed)
        if self.protocol.handshake_exc is not None:
            raise self.protocol.handshake_exc
