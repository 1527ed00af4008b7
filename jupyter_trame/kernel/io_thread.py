"""The one thread of a kernel on which sockets, comm frames and their timers live, whatever cells do meanwhile."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

__all__ = ["IoThread"]

T = TypeVar("T")

_logger = logging.getLogger(__name__)
_STOP_TIMEOUT = 2.0


class IoThread:
    """A daemon thread that turns an asyncio loop, from the constructor until `close`."""

    def __init__(
        self,
        name: str = "jupyter-trame-io",
        make_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.SelectorEventLoop,
    ) -> None:
        """The usual loop of Windows cannot watch sockets, which links need; that of a selector starts no processes."""
        self.loop = make_loop()
        self._thread = threading.Thread(target=self._turn, name=name, daemon=True)
        self._thread.start()

    def submit(self, call: Callable[[], object]) -> None:
        """Run `call` on the thread, soon. Any thread; harmless after `close`."""
        try:
            self.loop.call_soon_threadsafe(call)
        except RuntimeError:  # closed: the process ends
            _logger.debug("the I/O thread has ended")

    def run(self, call: Callable[[], T]) -> T:
        """The result of `call`, run on the thread; its exceptions are raised here. Any thread."""
        if threading.current_thread() is self._thread:
            return call()
        done: Future[T] = Future()

        def answer() -> None:
            try:
                done.set_result(call())
            except BaseException as error:  # noqa: BLE001 - it is the caller's, who waits on another thread
                done.set_exception(error)

        self.loop.call_soon_threadsafe(answer)
        return done.result()

    def close(self) -> None:
        """End the thread and its loop. From any other thread; once."""
        if self.loop.is_closed():
            return
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(_STOP_TIMEOUT)
        if not self._thread.is_alive():
            self.loop.close()

    def _turn(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
