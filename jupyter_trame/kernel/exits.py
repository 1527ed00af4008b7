"""What a callback leaves to the loop and that calls ``sys.exit()`` ends itself, and not the kernel.

asyncio lets ``SystemExit`` and ``KeyboardInterrupt`` out of the loop, which is the end of a kernel. Callbacks have a
guard. The tasks that they make, and the tasks of those, get it from the loop's task factory; functions that they have
called later get it from the loop's methods. What comes from elsewhere, from cells among others, is as before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Generator
from functools import wraps
from typing import Any

from jupyter_trame.execution.user_code import UserCode, calling

__all__ = ["contain_exits"]

_SCHEDULERS = {"add_reader": 1, "add_writer": 1, "call_at": 1, "call_soon": 0, "call_soon_threadsafe": 0}
"""Methods of a loop by which functions get there, and the position of the function; the other methods use these."""


def contain_exits(loop: asyncio.AbstractEventLoop) -> None:
    """Have what callbacks leave to `loop` end with an error in place of an exit. The loop's thread; twice is once."""
    previous = loop.get_task_factory()
    if isinstance(previous, _Factory):
        return
    loop.set_task_factory(_Factory(previous))
    for name, position in _SCHEDULERS.items():
        with contextlib.suppress(AttributeError):  # of a loop that is not written in Python, such as uvloop's
            setattr(loop, name, _contain_calls(getattr(loop, name), position))


def _contain_calls(schedule: Callable[..., Any], position: int) -> Callable[..., Any]:
    @wraps(schedule)
    def guarded(*args: Any, **options: Any) -> Any:
        context = options.get("context")
        user_code = calling.get() if context is None else context.get(calling)
        # A task's steps are contained by its coroutine.
        if user_code is None or len(args) <= position or _is_step(args[position]):
            return schedule(*args, **options)
        call = _Call(args[position], user_code)
        return schedule(*args[:position], call, *args[position + 1 :], **options)

    return guarded


def _is_step(call: object) -> bool:
    return isinstance(getattr(call, "__self__", None), asyncio.Future)


class _Call:
    """A function that raises no exit."""

    __slots__ = ("__wrapped__", "_user_code")

    def __init__(self, function: Callable[..., Any], user_code: UserCode) -> None:
        self.__wrapped__ = function
        self._user_code = user_code

    def __call__(self, *args: Any) -> None:
        try:
            self.__wrapped__(*args)
        except (SystemExit, KeyboardInterrupt) as error:
            name = getattr(self.__wrapped__, "__qualname__", type(self.__wrapped__).__qualname__)
            self._user_code.contained(f"call of {name}", error)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)


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
