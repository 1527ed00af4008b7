"""The bytes of a page's websocket, which its loop writes, and for a short answer the thread that has it.

The way over the loop takes as long as all the rest of a round trip. What a thread writes leaves at once or, as far as
the socket does not take it, in front of all that the loop writes after it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any

from tornado.iostream import IOStream, SSLIOStream, StreamClosedError

from jupyter_trame.transports import _tornado_private
from jupyter_trame.transports.outgoing import control_frame

__all__ = ["SharedSocket"]


class SharedSocket:
    """Writes all frames of one websocket. On the loop, but for `write_now`."""

    def __init__(self, stream: IOStream) -> None:
        """`stream` is of a `GuestHTTPServer`; nobody else writes to it from now on."""
        self.direct = not isinstance(stream, SSLIOStream)
        """Whether bytes may go to the socket itself."""
        self._stream = stream
        self._loop = asyncio.get_running_loop()
        # The stream fills its own queue under the lock only: who holds it and sees that empty may write. While it is
        # held, the number of the socket does not become another connection's.
        self._lock = threading.RLock()
        self._rest: memoryview | None = None
        """What the socket did not take of what a thread wrote."""
        self._ended = False
        guarded: Any = stream
        guarded.close_lock = self._lock

    def write_now(self, data: bytes) -> bool:
        """Write `data` if nothing waits in front of it; whether it is on its way. Any thread."""
        if not self.direct:
            return False
        with self._lock:
            if self._ended or self._rest is not None or self._stream.closed() or self._stream.writing():
                return False
            sent = self._send(data)
            if sent == len(data):
                return True
            if not sent:
                return False
            self._rest = memoryview(data)[sent:]
        with contextlib.suppress(RuntimeError):  # the loop is closed, and so is the connection
            self._loop.call_soon_threadsafe(self.write, b"")
        return True

    def write(self, data: bytes) -> asyncio.Future[None] | None:
        """Write `data` behind all that was written; a future where something waits, None where all of it has left."""
        with self._lock:
            rest, self._rest = self._rest, None
            with contextlib.suppress(StreamClosedError):
                if rest is not None:
                    self._stream.write(rest)
                if self._stream.closed():
                    return None
                left: bytes | memoryview = data
                if self.direct and not self._stream.writing():
                    sent = self._send(data)
                    if sent == len(data):
                        return None
                    left = memoryview(data)[sent:]
                return self._stream.write(left)
            return None

    def add_control(self, opcode: int, payload: bytes) -> asyncio.Future[None]:
        """Send a control frame, which may not land in the middle of another one; see `FrameWriter`."""
        written = self.write(control_frame(opcode, payload))
        if written is None:
            written = self._loop.create_future()
            written.set_result(None)
        return written

    def unsent(self) -> int:
        """Bytes that the socket has not taken."""
        return 0 if self._stream.closed() else _tornado_private.unwritten(self._stream)

    def end(self) -> None:
        """Threads write no more; the loop may say goodbye."""
        with self._lock:
            self._ended = True

    def _send(self, data: bytes) -> int:
        try:
            return self._stream.socket.send(data)
        except OSError:  # full, or broken, which the stream finds out for itself
            return 0
