"""The loop that owns a server: every user callback runs on it, whatever thread its cause came in on."""

import asyncio
import contextvars
import logging
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from jupyter_trame.system.log_limits import Complaints

__all__ = ["OwnerLoop", "turning_loop"]

_logger = logging.getLogger(__name__)


class OwnerLoop:
    """Takes calls from any thread and runs them in order on one loop.

    Before `attach` the calls wait. A burst of calls costs one wake-up of the loop.
    """

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        """None until `attach`."""
        self.context: contextvars.Context | None = None
        """Calls run in copies of it: in a kernel the context of the displaying cell, which gets what they print."""
        self.tasks: set[asyncio.Task[Any]] = set()
        """Running tasks; the owner keeps them alive and `cancel_tasks` ends them."""
        self._thread: int | None = None
        self._queue: deque[Callable[[], object]] = deque()
        self._lock = threading.Lock()
        self._awake = False
        self._running = False
        self._complaints = Complaints(_logger)

    def attach(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        """From now on `loop`, which turns on the thread with the identifier `thread`, owns the server."""
        self._thread = thread
        self.loop = loop
        with self._lock:
            self._awake = bool(self._queue)
        if self._queue:
            self._wake()

    def leave_dead_loop(self) -> None:
        """Before a new start: calls wait again, and any thread may run callbacks, where the old loop does not turn."""
        if self.loop is not None and not self.loop.is_running():
            self.loop = self._thread = None

    def detach(self) -> None:
        """The server has ended and its loop turns on: calls wait, and any thread may run callbacks."""
        self.loop = self._thread = None

    def owns_thread(self) -> bool:
        """Whether the calling thread is the owner's; before `attach` any thread may be."""
        return self._thread is None or threading.get_ident() == self._thread

    def submit(self, call: Callable[[], object]) -> None:
        """Run `call` on the loop, after everything submitted before. Any thread; never raises."""
        self._queue.append(call)
        if self.loop is None:
            return
        with self._lock:
            if self._awake:
                return
            self._awake = True
        self._wake()

    def run(self, call: Callable[[], object]) -> None:
        """As `submit`, but at once where that makes no difference to the order: a turn of the loop is not free."""
        here = self._thread == threading.get_ident() and self.context is None
        if here and not self._queue and not self._running:
            self._run(call)
        else:
            self.submit(call)

    def create_task(
        self, coroutine: Coroutine[Any, Any, Any], on_end: Callable[[], object] | None = None
    ) -> asyncio.Task[Any] | None:
        """Run `coroutine` as a task of the loop. Any thread; on the owner's the task is returned.

        Where no loop owns the server yet, the one that turns on this thread runs it, if there is
        one: parts of an app are tried before it is started. `on_end` is called on the loop when it is over, however it
        ended.
        """
        if self.loop is None:
            here = turning_loop()
            if here is not None:
                return self._start(coroutine, on_end, here)
        elif self._thread == threading.get_ident():
            return self._start(coroutine, on_end)
        self.submit(lambda: self._start(coroutine, on_end))
        return None

    def call_later(self, delay: float, call: Callable[[], object]) -> None:
        """Run `call` on the loop after `delay` seconds, within the life of the loop. Any thread."""
        self.submit(lambda: self.loop and self.loop.call_later(delay, self._run, call))

    def cancel_tasks(self, keep: asyncio.Task[Any] | None = None) -> None:
        """Cancel every running task but `keep`. The owner's thread."""
        for task in list(self.tasks):
            if task is not keep:
                task.cancel()

    def _wake(self) -> None:
        loop = self.loop
        if loop is None:
            return
        context = self.context.copy() if self.context is not None else None
        try:
            if self._thread == threading.get_ident():
                loop.call_soon(self._drain, context=context)
            else:
                loop.call_soon_threadsafe(self._drain, context=context)
        except RuntimeError:  # the loop is closed: the process ends, and nobody can run the calls
            _logger.debug("the owner loop is closed, %d calls are lost", len(self._queue))

    def _drain(self) -> None:
        with self._lock:
            self._awake = False
        # What the calls themselves submit waits for the loop's next turn, so that they cannot starve it.
        for _ in range(len(self._queue)):
            if not self._queue:  # a call ran the loop itself, and that drained the queue
                return
            self._run(self._queue.popleft())

    def _run(self, call: Callable[[], object]) -> None:
        outer, self._running = self._running, True
        try:
            call()
        except KeyboardInterrupt:  # asyncio would raise it out of the loop, which is the end of a kernel
            _logger.warning("interrupted")
        except BaseException as error:  # noqa: BLE001 - user code has its own guard: a defect of ours; the queue goes on
            self._complaints.warn("a call on the owner loop failed", level=logging.ERROR, error=error)
        finally:
            self._running = outer

    def _start(
        self,
        coroutine: Coroutine[Any, Any, Any],
        on_end: Callable[[], object] | None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> asyncio.Task[Any] | None:
        loop = loop or self.loop
        if loop is None or loop.is_closed():
            coroutine.close()
            if on_end is not None:
                on_end()
            return None
        task = loop.create_task(coroutine, context=self.context.copy() if self.context is not None else None)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        if on_end is not None:
            task.add_done_callback(lambda _: self._run(on_end))
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.error("a task on the owner loop failed", exc_info=error)


def turning_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that turns on this thread; None where none does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
