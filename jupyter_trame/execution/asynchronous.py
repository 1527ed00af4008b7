"""Tasks that nobody awaits and whose errors are heard of all the same."""

import asyncio
import logging
import warnings
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

__all__ = ["create_task", "decorate_task", "get_event_loop", "handle_task_result", "task"]

P = ParamSpec("P")
T = TypeVar("T")

_running: set[asyncio.Task[Any]] = set()
"""Tasks that are not done. A loop refers to its tasks weakly; one that waits for something nobody else holds would
vanish."""


def create_task(
    coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop | None = None
) -> asyncio.Task[T]:
    """Run `coroutine` as a task of `loop` (default: `get_event_loop`); its exception is logged.

    The task lives until it ends, whether or not the caller keeps it. On the thread of the loop only.
    """
    return decorate_task((loop or get_event_loop()).create_task(coroutine))


def decorate_task(task: asyncio.Task[T]) -> asyncio.Task[T]:
    """Have the exception of `task` logged, and `task` kept alive; returns it."""
    _running.add(task)
    task.add_done_callback(_running.discard)
    task.add_done_callback(handle_task_result)
    return task


def handle_task_result(task: asyncio.Task[Any]) -> None:
    """Log the exception of a task that is done; a cancelled one says nothing."""
    if not task.cancelled() and (error := task.exception()) is not None:
        # The root logger is where apps written for trame look for it.
        logging.getLogger().error("Exception raised by task = %s", task, exc_info=error)


def task(fn: Callable[P, Coroutine[Any, Any, Any]]) -> Callable[P, None]:
    """Decorate a coroutine function to be started, not awaited: a call returns None at once."""

    @wraps(fn)
    def start(*args: P.args, **kwargs: P.kwargs) -> None:
        create_task(fn(*args, **kwargs))

    return start


def get_event_loop() -> asyncio.AbstractEventLoop:
    """The loop that turns on this thread, else the one that is set for it, else a new one, which is set."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            loop = asyncio.get_event_loop()
        if not loop.is_closed():
            return loop
    except RuntimeError:
        pass
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return loop
