"""One client of a server: what it is sent, in order and bounded, and which of its calls wait."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from jupyter_trame.errors import TrameError
from jupyter_trame.igor.json_frames import ClientId
from jupyter_trame.system.log_limits import Complaints

__all__ = ["FloodError", "IgorClient", "Transport", "wait_in_thread"]

_HIGH_WATER = 1 << 20
"""Bytes that wait for a client's socket before handlers that send more are held up."""
_QUEUE_LIMIT = 16 << 20
"""Bytes that may wait: who is behind by more when something else is sent reads too slowly, and is closed. In one turn
of the loop, in which nobody can read, who sends more is refused.
"""
_PATIENCE = 30.0
"""Seconds in which a client for which others wait has to take something."""
_CALLS = 256
"""Calls of a client that may be open before nothing more of it is read."""
_CALL_BYTES = 16 << 20
"""Bytes of the frames of these calls, where two of the largest frames are not more."""


class FloodError(TrameError):
    """A coroutine sent a client more than may wait, and awaited nothing meanwhile, so that nobody could read it."""

    def __init__(self, client_id: ClientId) -> None:
        super().__init__(client_id)
        self.client_id = client_id

    def __str__(self) -> str:
        size = _QUEUE_LIMIT >> 20
        return (
            f"more than {size} MB were sent to client {self.client_id!r} without an await in between: nothing leaves "
            f"before the coroutine waits for something, as for output.drain() in a handler"
        )


class Transport(Protocol):
    """The socket of a client, on the loop's thread."""

    def write(self, frames: list[str]) -> None:
        """Send text frames; harmless when the connection has ended."""

    def unsent(self) -> int:
        """Bytes that the socket has not taken."""

    def taken(self) -> int:
        """Bytes that the other end has taken, as far as the system tells; only whether it grows means something."""

    def when_sent(self, call: Callable[[], object]) -> None:
        """Call `call` once, when the socket has taken everything or the connection has ended."""

    def ping(self, data: str) -> None:
        """Ask the other end, behind what was written, to send `data` back; harmless when the connection has ended."""

    def close(self, code: int, reason: str) -> None:
        """Say goodbye, behind what was written, and end the connection when the client answers, or soon."""

    def abort(self) -> None:
        """End the connection now."""


class IgorClient:
    """The record of a connection in `IgorServer.clients`. All methods run on the loop's thread."""

    __slots__ = (
        "_call_bytes",
        "_calls",
        "_complaints",
        "_frames",
        "_largest",
        "_leaving",
        "_line",
        "_loop",
        "_most_bytes",
        "_queued",
        "_room",
        "_transport",
        "_waiting",
        "address",
        "gone",
        "id",
    )

    def __init__(
        self, address: tuple[str, int], transport: Transport, complaints: Complaints, message_limit: int = 0
    ) -> None:
        """`complaints` hear of a client that is given up. `message_limit`: bytes of the largest frame that it sends."""
        self.id: ClientId = 0
        """Its number, or what it calls itself."""
        self.address = address
        """Host and port of the other end."""
        self.gone = False
        """Whether the connection has ended, or is about to."""
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._complaints = complaints
        self._frames: list[str] = []
        self._queued = 0
        """Characters of these frames."""
        self._largest = 0
        """Of one of them."""
        self._leaving = False
        """Whether they leave without anybody asking for it."""
        self._waiting: list[Callable[[], object]] | None = None
        """Who is held up until the client has read."""
        self._line: deque[Callable[[], object]] | None = None
        """Calls that wait for the one before; None while none runs."""
        self._calls = 0
        self._call_bytes = 0
        """Of their frames."""
        self._most_bytes = max(_CALL_BYTES, 2 * message_limit)
        self._room: asyncio.Future[None] | None = None

    def __getitem__(self, name: str) -> Any:
        """``client["id"]`` and ``client["address"]``, as programs written for the original have it."""
        if name not in ("id", "address"):
            raise KeyError(name)
        return getattr(self, name)

    def __repr__(self) -> str:
        return f"<IgorClient {self.id!r} of {self.address[0]}>"

    @property
    def behind(self) -> bool:
        """Whether so much waits for the client that who sends more should wait. Any thread."""
        return self._waiting is not None or self._queued > _HIGH_WATER

    def check_flood(self) -> None:
        """Raises `FloodError` where this turn of the loop has sent too much. One large message is no reason."""
        if self._queued - self._largest > _QUEUE_LIMIT:
            raise FloodError(self.id)

    def send(self, frame: str) -> None:
        """Queue `frame`; all frames of a turn of the loop leave together."""
        if self.gone:
            return
        size = len(frame)
        self._frames.append(frame)
        self._queued += size
        self._largest = max(self._largest, size)
        if not self._leaving:
            self._leaving = True
            self._loop.call_soon(self.flush)

    def hold(self) -> None:
        """What is sent from now on leaves with the next `flush`, which follows in this turn of the loop."""
        self._leaving = True

    def flush(self) -> None:
        """Write what is queued."""
        self._leaving = False
        if not self._frames or self.gone:
            return
        frames, self._frames, self._queued, self._largest = self._frames, [], 0, 0
        if self._waiting is not None and self._transport.unsent() > _QUEUE_LIMIT:
            self._give_up("the client reads too slowly")
            return
        self._transport.write(frames)
        if self._waiting is None and self._transport.unsent() > _HIGH_WATER:
            self._waiting = []
            self._watch(self._transport.taken())
            self._transport.when_sent(self._has_room)

    def send_with_receipt(self, frame: str, receipt: str) -> None:
        """Queue `frame`; the socket hears `receipt`, of at most 125 bytes, when the client has got it."""
        self.send(frame)
        self.flush()
        self._transport.ping(receipt)

    def wait_for_room(self, call: Callable[[], object]) -> None:
        """Call `call` when the client has read what waits, or is gone."""
        if self._queued > _HIGH_WATER:
            self.flush()
        if self._waiting is None or self.gone:
            call()
        else:
            self._waiting.append(call)

    def close(self, code: int, reason: str) -> None:
        """End the connection; what is queued leaves before."""
        if not self.gone:
            self.flush()
            self.gone = True
            self._transport.close(code, reason)
            self._has_room()

    def abort(self) -> None:
        """End the connection without a goodbye."""
        self._transport.abort()

    def ended(self) -> None:
        """The connection has ended. Calls that were read are carried out, and find it out when they send."""
        self.gone = True
        self._frames.clear()
        self._has_room()

    # -- calls

    def begin(self, size: int) -> asyncio.Future[None] | None:
        """A call was read, in a frame of `size` bytes; what to wait for before the next is, None: nothing."""
        self._calls += 1
        self._call_bytes += size
        if self._calls < _CALLS and self._call_bytes < self._most_bytes:
            return None
        if self._room is None:
            self._room = self._loop.create_future()
        return self._room

    def end(self, size: int) -> None:
        """A call is over, whose frame had `size` bytes."""
        self._calls -= 1
        self._call_bytes -= size
        room = self._room
        if room is not None and self._calls < _CALLS // 2 and self._call_bytes < self._most_bytes:
            self._room = None
            if not room.done():
                room.set_result(None)

    def take_turn(self, call: Callable[[], object]) -> None:
        """Run `call` now, or behind those that wait; `turn_over` follows each."""
        if self._line is None:
            self._line = deque()
            call()
        else:
            self._line.append(call)

    def turn_over(self) -> None:
        """The call whose turn it was is over."""
        if self._line:
            self._line.popleft()()
        else:
            self._line = None

    # --

    def _watch(self, before: int) -> None:
        """Give the client up when it takes nothing for a time. More may be sent to it meanwhile than it takes."""
        waiting = self._waiting

        def look() -> None:
            if self._waiting is not waiting or self.gone:
                return
            taken = self._transport.taken()
            if taken <= before:
                self._give_up("the client does not read")
            else:
                self._watch(taken)

        self._loop.call_later(_PATIENCE, look)

    def _give_up(self, reason: str) -> None:
        """What waits for the socket may be megabytes, and a goodbye would wait behind it."""
        self._complaints.warn("client %s of %s is given up: %s", self.id, self.address[0], reason)
        self.gone = True
        self._frames.clear()
        self._transport.abort()
        self._has_room()

    def _has_room(self) -> None:
        waiting, self._waiting = self._waiting, None
        for call in waiting or ():
            call()


def wait_in_thread(client: IgorClient, post: Callable[[Callable[[], object]], None]) -> None:
    """Hold the calling thread up until `client` has read what waits, or is gone. `post` reaches the loop."""
    done = threading.Event()
    post(lambda: client.wait_for_room(done.set))
    done.wait()
