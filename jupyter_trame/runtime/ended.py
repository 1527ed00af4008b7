"""What `Server.stop` returns."""

import asyncio
import concurrent.futures
from collections.abc import Coroutine, Generator
from typing import Any

__all__ = ["Ended"]


class Ended(Coroutine[Any, Any, None]):
    """A coroutine that nobody has to await, so that ``server.stop()`` works in a cell as it stands."""

    def __init__(self, ended: asyncio.Future[None] | None) -> None:
        self._ended = ended
        self._steps: Generator[Any, Any, None] | None = None

    def __await__(self) -> Generator[Any, Any, None]:
        if self._ended is not None:
            yield from _wait_here(self._ended).__await__()

    def send(self, value: Any) -> Any:
        """One step, for who makes a task of it."""
        return self._started().send(value)

    def throw(self, *error: Any) -> Any:
        """As of any coroutine."""
        return self._started().throw(*error)

    def close(self) -> None:
        """Do not wait any more."""
        if self._steps is not None:
            self._steps.close()

    def _started(self) -> Generator[Any, Any, None]:
        if self._steps is None:
            self._steps = self.__await__()
        return self._steps


def _wait_here(future: asyncio.Future[None]) -> asyncio.Future[None]:
    """What is done when `future` is, on the loop that turns here; cancelling it leaves `future` alone."""
    home = future.get_loop()
    if home is asyncio.get_running_loop():
        return asyncio.shield(future)
    # As at the prompt of IPython: its servers have a loop of their own, on another thread.
    done: concurrent.futures.Future[None] = concurrent.futures.Future()

    def finish(_: object) -> None:
        if done.set_running_or_notify_cancel():
            done.set_result(None)

    try:
        home.call_soon_threadsafe(future.add_done_callback, finish)
    except RuntimeError:  # that loop is closed, so nothing of it goes on
        finish(None)
    return asyncio.wrap_future(done)
