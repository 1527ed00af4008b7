"""How threads of handlers and processes reach the loop of a server: calls in order, one wake-up for many."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable

from jupyter_trame.errors import TrameError

__all__ = ["ClosedError", "Mailbox"]

_TURN = 0.005
"""Seconds for which one turn of the loop runs calls: a thread that posts without end holds up nobody else."""
_ROOM = 8 << 20
"""Bytes that may wait for the loop; who posts more waits for it."""


class ClosedError(TrameError):
    """Something was sent by an output that is closed, whose client has left, or whose server has stopped."""


class Mailbox:
    """Runs calls on the loop that turns when it is made."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._calls: deque[tuple[Callable[[], object], int]] = deque()
        self._size = 0
        self._woken = False
        self._closed = False
        self._news = threading.Condition()

    @property
    def here(self) -> bool:
        """Whether this is the loop's own thread."""
        return threading.get_ident() == self._thread

    def post(self, call: Callable[[], object], size: int = 0) -> None:
        """Run `call` on the loop: soon, or at once on its own thread. Any thread.

        `size`: bytes that it holds. Another thread than the loop's waits while too many of them are held. Raises
        `ClosedError` when the server has stopped.
        """
        if self.here:
            call()
            return
        with self._news:
            if self._size > _ROOM:
                self._news.wait_for(lambda: self._size <= _ROOM or self._closed)
            if self._closed:
                raise ClosedError("the server has stopped")
            self._calls.append((call, size))
            self._size += size
            if self._woken:
                return
            self._woken = True
        self._loop.call_soon_threadsafe(self._run)

    def close(self) -> None:
        """Take no more calls, and let nobody wait; those that wait run now. On the loop's thread."""
        with self._news:
            self._closed = True
            self._news.notify_all()
        while self._run_one():
            pass

    def _run(self) -> None:
        until = self._loop.time() + _TURN
        while self._run_one():
            if self._loop.time() >= until:
                self._loop.call_soon(self._run)
                return

    def _run_one(self) -> bool:
        """Run the first call that waits; whether there was one. If not, the next one has to wake the loop."""
        with self._news:
            if not self._calls:
                self._woken = False
                return False
            call, size = self._calls.popleft()
            if self._size > _ROOM // 2 >= self._size - size:  # many at once, rather than one and one
                self._news.notify_all()
            self._size -= size
        try:
            call()
        except Exception as error:  # noqa: BLE001 - those behind it are others'
            self._loop.call_exception_handler({"message": "a call of a thread failed", "exception": error})
        return True
