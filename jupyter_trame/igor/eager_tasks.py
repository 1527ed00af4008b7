"""Tasks whose first step runs at once, as those of `asyncio.eager_task_factory`, which Python has from 3.12 on.

A handler that awaits nothing has answered before the loop turns. One that does is a task like every other, from its
first line on: `asyncio.current_task`, timeouts, cancelling and context variables are as in a task that began later.
"""

from __future__ import annotations

import asyncio
from asyncio.tasks import _enter_task, _leave_task  # how a step is made the current one: asyncio, "Extending"
from collections.abc import Coroutine, Generator
from contextvars import Context
from typing import Any

__all__ = ["start_now"]


def start_now(
    coroutine: Coroutine[Any, Any, None], *, name: str, context: Context
) -> asyncio.Task[None] | None:
    """Run `coroutine` up to its first wait, in `context`, and go on as a task of the running loop.

    None where it was over before. What it raises is its task's, and never raised here.
    """
    loop = asyncio.get_running_loop()
    begun = _Begun(coroutine)
    # Not by the loop, whose task factory may be the one that begins tasks at once: it would begin again.
    task = asyncio.Task(begun, loop=loop, name=name, context=context)
    outer = asyncio.current_task(loop)
    if outer is not None:
        _leave_task(loop, outer)
    _enter_task(loop, task)
    try:
        context.run(begun.begin)
    finally:
        _leave_task(loop, task)
        if outer is not None:
            _enter_task(loop, outer)
    return None if begun.is_over else task


class _Begun(Coroutine[Any, Any, None]):
    """A coroutine that is ahead of its task by one step; the task's first step gets what that one gave."""

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._coroutine = coroutine
        self._awaited: Any = None
        """What the first step waits for, until the task waits for it."""
        self._outcome: BaseException | None = None

    @property
    def is_over(self) -> bool:
        """Whether the first step was the last one."""
        return self._outcome is not None

    def begin(self) -> None:
        """The first step."""
        try:
            self._awaited = self._coroutine.send(None)
        except BaseException as outcome:  # noqa: BLE001 - the task raises it; a return is a StopIteration
            self._outcome = outcome

    def send(self, value: Any) -> Any:
        self._raise_outcome()
        awaited, self._awaited = self._awaited, None
        return self._coroutine.send(value) if awaited is None else awaited

    def throw(self, error: Any, *more: Any) -> Any:
        """The task was cancelled. Before its own first step: as later, what the coroutine waits for is cancelled."""
        if self._outcome is not None:
            self._outcome = None
            raise error
        awaited, self._awaited = self._awaited, None
        if asyncio.isfuture(awaited) and awaited.cancel(*error.args):
            return awaited
        return self._coroutine.throw(error, *more)

    def close(self) -> None:
        self._coroutine.close()

    def _raise_outcome(self) -> None:
        outcome, self._outcome = self._outcome, None  # whose traceback would hold this object
        if outcome is not None:
            raise outcome

    def __await__(self) -> Generator[Any, Any, None]:
        return self._coroutine.__await__()

    def __getattr__(self, name: str) -> Any:
        """What asyncio, debuggers and anyio read of a coroutine: its frame, its name, and whether it runs."""
        return getattr(self._coroutine, name)
