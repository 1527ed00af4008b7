"""From a trio run to an asyncio loop on another thread and back, without a thread that waits."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import trio

from jupyter_trame.errors import ServerError
from jupyter_trame.trio.event_results import EventResult

__all__ = ["call_on_loop"]


async def call_on_loop(
    loop: asyncio.AbstractEventLoop, pending: set[EventResult], fn: Callable[..., Any], *args: Any
) -> Any:
    """The result of ``fn(*args)``, called on `loop`; an awaitable one is awaited there.

    `pending` has the result while it is waited for: a loop that ends may never come to the call, so whoever ends it
    fails what is left. Cancelled, it cancels what is awaited there and returns when that has ended. Raises what `fn`
    raises, and `ServerError` where the loop has ended, or cancels the call.
    """
    crossing = _Crossing(loop, fn, args)
    pending.add(crossing.result)
    try:
        return await _cross(loop, crossing)
    finally:
        pending.discard(crossing.result)


async def _cross(loop: asyncio.AbstractEventLoop, crossing: _Crossing) -> Any:
    try:
        loop.call_soon_threadsafe(crossing.begin)
    except RuntimeError:
        raise ServerError("the app has ended: nothing can be called there") from None
    try:
        return await crossing.result.wait()
    except trio.Cancelled:
        with suppress(RuntimeError):  # the loop has ended, and has settled the call before
            loop.call_soon_threadsafe(crossing.cancel)
        with trio.CancelScope(shield=True), suppress(Exception):
            await crossing.result.wait()
        raise


class _Crossing:
    """One call. `begin` and `cancel` run on the loop."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, fn: Callable[..., Any], args: tuple[Any, ...]
    ) -> None:
        self.result = EventResult()
        self._loop = loop
        self._fn = fn
        self._args = args
        self._token = trio.lowlevel.current_trio_token()
        self._task: asyncio.Task[Any] | None = None

    def begin(self) -> None:
        """Call the function."""
        try:
            value = self._fn(*self._args)
        except BaseException as error:  # noqa: BLE001 - it is the caller's, whatever it is
            self._settle(self.result.fail, error)
            return
        if inspect.isawaitable(value):
            self._task = self._loop.create_task(self._wait(value))
            self._task.add_done_callback(self._ended)
        else:
            self._settle(self.result.set, value)

    def cancel(self) -> None:
        """Cancel what is awaited, if anything is."""
        if self._task is not None:
            self._task.cancel()

    async def _wait(self, awaitable: Awaitable[Any]) -> None:
        try:
            value = await awaitable
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001 - an exit, too, which would end the loop, is the caller's
            self._settle(self.result.fail, error)
        else:
            self._settle(self.result.set, value)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            self._settle(self.result.fail, ServerError("the app has cancelled the call"))

    def _settle(self, settle: Callable[[Any], None], value: Any) -> None:
        with suppress(trio.RunFinishedError):  # nobody waits any more
            self._token.run_sync_soon(settle, value)
