"""A thread with a loop of its own, from its start until nothing of it is left: other threads start it and end it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Generic, TypeVar

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.endings import run_to_end

__all__ = ["LoopLife"]

T = TypeVar("T")
R = TypeVar("R")


class LoopLife(ABC, Generic[T]):
    """One life of something, which is a `T` once it is up. Any thread, unless it is said."""

    def __init__(self, what: str, thread_name: str, logger: logging.Logger) -> None:
        """`what` it is, for errors, as ``"the Igor server"``."""
        self.ended: Future[None] = Future()
        """Done when nothing of it is left."""
        self.ending = False
        """Whether it was told to stop."""
        self._what = what
        self._logger = logger
        self._up: Future[T] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._turn, name=thread_name, daemon=True)

    @abstractmethod
    async def live(self, up: Callable[[T], None], stopping: asyncio.Event) -> None:
        """Begin, call `up`, wait until it is `stopping`, and end what was begun. On the loop.

        What it raises before `up` is raised by `start`.
        """

    def on_ended(self) -> None:
        """Called when the loop is no more, on the thread that it had, and before `ended` is done."""

    def launch(self) -> Future[T]:
        """Begin, once: the future is what it is when that is up, or what `live` raises."""
        self._thread.start()
        return self._up

    def start(self) -> T:
        """What it is, when that is up. Raises what `live` does; once, and not on the loop's own thread."""
        up = self.launch()
        try:
            return up.result()
        except BaseException:
            if not self._up.done():  # an interrupt
                self.stop()
            raise

    def stop(self) -> None:
        """Begin to end; `ended` follows. Again is harmless."""
        self.ending = True
        loop, stopping = self._loop, self._stopping
        if loop is None or stopping is None:
            return  # it looks at `ending` when it has them
        with contextlib.suppress(RuntimeError):  # it is closed: there is nothing left to stop
            loop.call_soon_threadsafe(stopping.set)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until it has ended, at most `timeout` seconds; whether it has. Not on its own thread."""
        # Python 3.11 takes a thread for ended when an interrupt ends the wait for it: by then this one nearly has.
        try:
            self.ended.result(timeout)
        except TimeoutError:
            return False
        self._thread.join()
        return True

    def run(self, call: Callable[[], object]) -> None:
        """Run `call` on the loop, soon. Raises `ServerError` when it has ended."""
        with self._on_loop() as loop:
            loop.call_soon_threadsafe(call)

    def begin(self, work: Coroutine[Any, Any, R]) -> Future[R]:
        """Run `work` on the loop. Raises `ServerError` when it has ended."""
        try:
            with self._on_loop() as loop:
                return asyncio.run_coroutine_threadsafe(work, loop)
        except ServerError:
            work.close()
            raise

    def result_of(self, work: Coroutine[Any, Any, R]) -> R:
        """Run `work` on the loop, and wait for its result. Raises what it does, and `ServerError` when the life ends.

        Not on the loop's own thread.
        """
        future = self.begin(work)
        # A loop that ends drops what it was handed last, and cancels what it had begun.
        first: list[Future[Any]] = [future, self.ended]
        wait(first, return_when=FIRST_COMPLETED)
        if not future.done() or future.cancelled():
            work.close()
            raise ServerError(f"{self._what} has ended")
        return future.result()

    @contextlib.contextmanager
    def _on_loop(self) -> Iterator[asyncio.AbstractEventLoop]:
        loop = self._loop
        if loop is None or loop.is_closed():
            raise ServerError(f"{self._what} does not run")
        try:
            yield loop
        except RuntimeError:  # it was closed in this moment
            raise ServerError(f"{self._what} does not run") from None

    def _turn(self) -> None:
        try:
            run_to_end(self._live())
        except BaseException as error:
            if not self._up.done():
                self._up.set_exception(error)
            else:
                self._logger.exception("%s ended with an error", self._what)
        finally:
            try:
                self.on_ended()
            finally:
                self.ended.set_result(None)

    async def _live(self) -> None:
        self._stopping = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if self.ending:
            self._stopping.set()
        await self.live(self._up.set_result, self._stopping)
