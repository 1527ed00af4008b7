"""A task that a callback made and that calls ``sys.exit()`` ends itself, and not the kernel.

asyncio lets ``SystemExit`` and ``KeyboardInterrupt`` of a task out of the loop, which is the end of a kernel. Callbacks
have a guard; the tasks that they make, and the tasks of those, get it from the loop's task factory. All other tasks,
those of cells among them, are made as before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any

from jupyter_trame.server.errors import UserCode, calling

__all__ = ["contain_tasks"]


def contain_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Have tasks of callbacks on `loop` end with an error in place of an exit. The loop's thread; twice is once."""
    previous = loop.get_task_factory()
    if isinstance(previous, _Factory):
        return
    loop.set_task_factory(_Factory(previous))


class _Factory:
    def __init__(self, make: Callable[..., Any] | None) -> None:
        self._make = make or _make_task

    def __call__(self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> Any:
        user_code = calling.get()
        return self._make(loop, coro if user_code is None else _Contained(coro, user_code), **options)


def _make_task(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
    return asyncio.Task(coro, loop=loop, **options)


class _Contained(Coroutine[Any, Any, Any]):
    """A coroutine whose steps raise no exit. Its attributes are those of `coro`: tasks are described by them."""

    def __init__(self, coro: Coroutine[Any, Any, Any], user_code: UserCode) -> None:
        self._coro = coro
        self._user_code = user_code

    def __getattr__(self, name: str) -> Any:
        return getattr(self._coro, name)

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield from self._coro.__await__())

    def send(self, value: Any) -> Any:
        """One step."""
        try:
            return self._coro.send(value)
        except (SystemExit, KeyboardInterrupt) as error:
            raise self._end(error) from error

    def throw(self, *error: Any) -> Any:
        """As `send`, with an exception."""
        try:
            return self._coro.throw(*error)
        except (SystemExit, KeyboardInterrupt) as exit_:
            raise self._end(exit_) from exit_

    def close(self) -> None:
        """As of any coroutine."""
        self._coro.close()

    def _end(self, error: BaseException) -> Exception:
        name = getattr(self._coro, "__qualname__", type(self._coro).__qualname__)
        return self._user_code.contained(f"task {name}", error)
