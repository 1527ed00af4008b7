"""Nurseries and waits for who hides them: what goes wrong inside comes out as it is, and not in a group of one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import trio

__all__ = ["is_cancellation", "open_quiet_nursery", "single_error", "wait_for_any"]


@asynccontextmanager
async def open_quiet_nursery() -> AsyncIterator[trio.Nursery]:
    """A nursery of which a user does not know: the one exception of its block or tasks is raised without a group."""
    try:
        async with trio.open_nursery() as nursery:
            yield nursery
    except BaseExceptionGroup as group:
        error = single_error(group)
        context = error.__context__
        try:
            raise error
        finally:
            error.__context__ = context  # and not the group


def single_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one exception in `group` beside cancellations; the group where there are several."""
    _, rest = group.split(trio.Cancelled)
    found: BaseException = group if rest is None else rest
    while isinstance(found, BaseExceptionGroup) and len(found.exceptions) == 1:
        found = found.exceptions[0]
    return group if isinstance(found, BaseExceptionGroup) else found


def is_cancellation(error: BaseException) -> bool:
    """Whether `error` is a cancellation, or a group of nothing else."""
    if isinstance(error, BaseExceptionGroup):
        return error.split(trio.Cancelled)[1] is None
    return isinstance(error, trio.Cancelled)


async def wait_for_any(*events: trio.Event) -> None:
    """Return when one of `events` is set. Cancelling is safe."""
    if any(event.is_set() for event in events):
        await trio.lowlevel.checkpoint()
        return

    async def wait(event: Callable[[], Awaitable[None]], scope: trio.CancelScope) -> None:
        await event()
        scope.cancel()

    async with open_quiet_nursery() as nursery:
        for event in events:
            nursery.start_soon(wait, event.wait, nursery.cancel_scope)
