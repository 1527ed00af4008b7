"""Nurseries and waits for who hides them: what goes wrong inside comes out as it is, and not in a group of one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import TypeVar

import trio

__all__ = ["BlockNursery", "is_cancellation", "open_quiet_nursery", "single_error", "wait_for_any"]

T = TypeVar("T")


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


class BlockNursery:
    """The quiet nursery of an object that is used in ``async with``, in one block after the other."""

    def __init__(self, whose: str) -> None:
        """`whose`: the object, as messages call it."""
        self._whose = whose
        self._manager: AbstractAsyncContextManager[trio.Nursery] | None = None

    async def enter(self, begin: Callable[[trio.Nursery], Awaitable[T]]) -> T:
        """The result of ``begin(nursery)``, after which `leave` has to be called.

        Raises RuntimeError within another block, and what `begin` does; the nursery has ended then. Cancelling is safe.
        """
        if self._manager is not None:
            raise RuntimeError(
                f"{self._whose} is in a block already: use another one, or this one after its block"
            )
        self._manager = open_quiet_nursery()
        nursery = await self._manager.__aenter__()
        try:
            return await begin(nursery)
        except BaseException as error:
            nursery.cancel_scope.cancel()
            await self.leave(type(error), error, error.__traceback__)
            raise

    async def leave(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the nursery, as the end of its block does; raises what the block and its tasks do."""
        assert self._manager is not None
        try:
            await self._manager.__aexit__(kind, error, trace)
        finally:
            self._manager = None


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
