"""Threads for what must not wait for the owner loop, such as the Stop button of a running cell."""

import logging
import threading
from collections import deque
from collections.abc import Callable

from jupyter_trame.system.log_limits import Complaints

__all__ = ["Workers"]

_logger = logging.getLogger(__name__)


class Workers:
    """Runs calls on up to `limit` threads, made when they are needed; more calls wait their turn. Any thread.

    The threads are daemons and end when nothing was to do for `idle` seconds: a call that hangs keeps no process alive.
    """

    def __init__(self, limit: int = 16, idle: float = 10.0) -> None:
        self._limit = limit
        self._seconds = idle
        self._calls: deque[Callable[[], object]] = deque()
        self._threads = 0
        self._idle = 0
        self._closed = False
        self._news = threading.Condition()
        self._complaints = Complaints(_logger)

    def submit(self, call: Callable[[], object]) -> None:
        """Run `call` on one of the threads; what it raises is logged."""
        with self._news:
            self._calls.append(call)
            if self._idle >= len(self._calls):
                self._news.notify()
                return
            if self._threads == self._limit:
                return
            self._threads += 1
        threading.Thread(target=self._work, name="jupyter_trame worker", daemon=True).start()

    def close(self) -> None:
        """No more calls will come: threads end as soon as they have nothing to do."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def _work(self) -> None:
        while (call := self._take()) is not None:
            # SystemExit, too, would only end this thread, and the calls behind would wait.
            try:
                call()
            except BaseException as error:  # noqa: BLE001
                self._complaints.warn("a call on a worker thread failed", level=logging.ERROR, error=error)
            del call  # and what it holds, while the thread is idle

    def _take(self) -> Callable[[], object] | None:
        with self._news:
            if not self._calls:
                self._idle += 1
                self._news.wait_for(lambda: self._calls or self._closed, self._seconds)
                self._idle -= 1
            if self._calls:
                return self._calls.popleft()
            self._threads -= 1
            return None
