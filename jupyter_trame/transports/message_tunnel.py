"""Connected sockets whose other ends lie in another process that only messages reach.

Both ends of a tunnel see an ordinary socket, so a link over a kernel's messages is the link over a socket: its
handshake, its limits and its pressure are the same. A socket that is full holds the stream back, through the window of
`message_streams`, up to whoever writes.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_trame.errors import LinkError, ProtocolError
from jupyter_trame.transports.message_streams import (
    MessageStreams,
    StreamData,
    StreamEnded,
    StreamMessage,
    StreamOpened,
)
from jupyter_trame.transports.pace import MessageRate
from jupyter_trame.types import Packed

__all__ = ["Tunnel"]

_READ = 256 << 10
"""Bytes of one read."""


class Tunnel:
    """One comm's streams. Everything runs on the thread of `loop`.

    * `post(message)` sends a message to the other side.
    * `on_socket(socket)` owns the end of each stream that the other side opens; without it, it may open none.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        post: Callable[[StreamMessage], object],
        *,
        as_text: bool,
        on_socket: Callable[[socket.socket], object] | None = None,
        rate: MessageRate | None = None,
    ) -> None:
        """`as_text`: buffers do not reach the other side. `rate` limits the messages a second."""
        self._loop = loop
        self._post = post
        self._on_socket = on_socket
        self._rate = rate
        self._streams = MessageStreams(as_text=as_text)
        self._repeats: deque[StreamMessage] = deque()
        """What is to be sent again."""
        self._carriers: dict[int, _Carrier] = {}
        self._flushing = False
        self._closed = False

    def __len__(self) -> int:
        return len(self._carriers)

    def connect(self) -> socket.socket:
        """A socket whose other end the other side gets. Raises `LinkError` when the tunnel is closed or full."""
        if self._closed:
            raise LinkError("the kernel's messages do not arrive")
        try:
            ours, theirs = socket.socketpair()
        except OSError as error:
            raise LinkError(f"no link can be made: {error}") from error
        try:
            number = self._streams.open()
        except ProtocolError as error:
            ours.close()
            theirs.close()
            raise LinkError(str(error)) from error
        self.wake()
        self._carry(number, ours)
        theirs.setblocking(False)
        return theirs

    @property
    def received(self) -> int:
        """Messages that have come, without a gap."""
        return self._streams.received

    @property
    def added(self) -> int:
        """Bytes that base64 has added so far, both ways."""
        return self._streams.added

    @property
    def halvings(self) -> int:
        """How often `halve` was done."""
        return self._streams.halvings

    @property
    def confirmed(self) -> int:
        """Messages of which the other side has said that they came."""
        return self._streams.confirmed

    @property
    def largest(self) -> int:
        """Bytes of data in the largest message that may not have arrived."""
        return self._streams.largest

    def halve(self) -> bool:
        """Make messages half as large; False when they are as small as can be.

        None leaves until the other side, which is to be told (`halvings`), answers: see `send_again`.
        """
        if not self._streams.halve():
            return False
        self._repeats.clear()
        return True

    def resume(self, number: object, halvings: object) -> None:
        """The other side has a new connection: tell it what came, and send what it has not got.

        It has got the messages before `number`, and halved its own so often. Raises `ProtocolError` as `send_again`.
        """
        self._streams.expect(halvings)
        self._post(StreamMessage(self._streams.request(self._streams.received), []))
        self._repeats = deque(self._streams.again(number))
        self.wake()

    def send_again(self, number: object, halvings: object = 0) -> bool:
        """The other side has got the messages before `number`, and wants the rest; False if it says so too late.

        That is when messages were halved of which it did not know (`halvings`). Raises `ProtocolError` when it cannot
        have got so many.
        """
        if halvings != self._streams.halvings:
            return False
        self._repeats = deque(self._streams.again(number))
        self.wake()
        return True

    def sign_of_life(self, number: object) -> None:
        """The other side has got the messages before `number`: send again what should be there. Raises as above."""
        overdue = self._streams.overdue(number)
        if not self._repeats:
            self._repeats = deque(overdue)
        self.wake()

    def receive(self, data: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        """A message of the other side came. Raises `ProtocolError`; the tunnel is to be closed then."""
        for event in self._streams.receive(data, buffers):
            match event:
                case StreamOpened(number):
                    self._opened(number)
                case StreamData(number, arrived):
                    if (carrier := self._carriers.get(number)) is not None:
                        carrier.arrived(arrived)
                case StreamEnded(number):
                    if (carrier := self._carriers.get(number)) is not None:
                        carrier.arrived(None)
        if (gap := self._streams.gap) is not None:
            self._post(StreamMessage(self._streams.request(gap), []))
        for carrier in self._carriers.values():
            carrier.look()
        self.wake()

    def close(self) -> None:
        """End all streams and tell nobody: the comm is gone, or is to go. More than once is harmless."""
        self._closed = True
        for carrier in list(self._carriers.values()):
            carrier.close()

    def wake(self) -> None:
        """What waits leaves at the end of this turn of the loop, in one message."""
        if not self._flushing and not self._closed and (self._streams.waiting or self._repeats):
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if self._closed:
            return
        if self._rate is not None and not self._rate.take(self._send):
            self._flushing = True
            return
        self._send()

    def _send(self) -> None:
        self._flushing = False
        if self._closed:
            return
        message = self._repeats.popleft() if self._repeats else self._streams.take()
        if message is not None:
            self._post(message)
        self.wake()

    def _opened(self, number: int) -> None:
        if self._on_socket is None:
            self._streams.end(number)
        else:
            ours, theirs = socket.socketpair()
            self._carry(number, ours)
            self._on_socket(theirs)

    def _carry(self, number: int, ours: socket.socket) -> None:
        self._carriers[number] = _Carrier(self._loop, self._streams, number, ours, self.wake, self._drop)

    def _drop(self, number: int) -> None:
        self._carriers.pop(number, None)
        self._streams.end(number)
        self.wake()


class _Carrier:
    """Carries one stream between our end of its socket pair and the messages."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        streams: MessageStreams,
        number: int,
        sock: socket.socket,
        wake: Callable[[], None],
        on_ended: Callable[[int], None],
    ) -> None:
        sock.setblocking(False)
        self._loop = loop
        self._streams = streams
        self._number = number
        self._sock = sock
        self._wake = wake
        self._on_ended = on_ended
        self._arrivals: asyncio.Queue[Packed | None] = asyncio.Queue()
        self._room = asyncio.Event()
        self._tasks = [loop.create_task(self._carry_in()), loop.create_task(self._carry_out())]

    def arrived(self, data: Packed | None) -> None:
        """Bytes for the socket; None: the other side ended the stream."""
        self._arrivals.put_nowait(data)

    def look(self) -> None:
        """The other side may have made room."""
        if self._streams.room(self._number):
            self._room.set()

    def close(self) -> None:
        """End the stream at once. More than once is harmless."""
        for task in self._tasks:
            task.cancel()
        self._on_ended(self._number)
        # A turn later: a cancelled task still takes its watch of the socket back.
        self._loop.call_soon(self._sock.close)

    async def _carry_out(self) -> None:
        """From the socket into messages, as far as the other side has room."""
        try:
            while True:
                room = self._streams.room(self._number)
                if not room:
                    self._room.clear()
                    await self._room.wait()
                    continue
                data = await self._loop.sock_recv(self._sock, min(room, _READ))
                if not data:
                    break
                self._streams.send(self._number, data)
                self._wake()
        except OSError:  # the owner of the other end reset it
            pass
        self.close()

    async def _carry_in(self) -> None:
        """From messages into the socket; what it took is acknowledged."""
        try:
            while (data := await self._arrivals.get()) is not None:
                await self._loop.sock_sendall(self._sock, data)
                self._streams.acknowledge(self._number, len(data))
                self._wake()
        except OSError:
            pass
        self.close()
