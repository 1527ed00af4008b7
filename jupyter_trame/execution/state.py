"""`State` and `Controller`, also of programs that have no server: what is asynchronous runs on the loop that turns."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import iscoroutine
from typing import Any

from jupyter_trame import core
from jupyter_trame.core import Equality, InlineHooks, ListenerHooks, Translator, same_value
from jupyter_trame.core.listeners import Reloader
from jupyter_trame.core.store import CommitFunction
from jupyter_trame.execution.asynchronous import create_task

__all__ = ["Controller", "RunningLoop", "State"]


class RunningLoop(InlineHooks):
    """Runs callbacks in the calling thread and coroutines on the loop that turns there; logs what goes wrong."""

    __slots__ = ()

    def schedule(
        self, where: str, awaitable: Awaitable[Any], /, on_end: Callable[[], object] | None = None
    ) -> asyncio.Task[Any] | None:
        """The task that awaits `awaitable`; None, and a line in the log, where no loop turns."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            super().schedule(where, awaitable, on_end)
            return None
        task = create_task(awaitable if iscoroutine(awaitable) else _wait(awaitable))
        if on_end is not None:
            task.add_done_callback(lambda _: on_end())
        return task


class State(core.State):
    """See `jupyter_trame.core.State`. Without `hooks` it needs no server; ``hot_reload=True`` is enough."""

    def __init__(
        self,
        translator: Translator | None = None,
        internal: core.State | None = None,
        commit_fn: CommitFunction | None = None,
        hot_reload: bool | Reloader = False,
        ready: bool = False,
        *,
        equal: Equality = same_value,
        hooks: ListenerHooks | None = None,
        in_place: bool = True,
        hints: bool = False,
    ) -> None:
        super().__init__(
            translator,
            internal,
            commit_fn,
            _reloader(hot_reload),
            ready,
            equal=equal,
            hooks=hooks or RunningLoop(),
            in_place=in_place,
            hints=hints,
        )

    @property
    def _pending_update(self) -> dict[str, Any]:
        """What packages and tests for trame look into: the values that no flush has sent."""
        return self._store.pending

    @property
    def _pushed_state(self) -> dict[str, Any]:
        """The same, for those that were sent."""
        return self._store.pushed


class Controller(core.Controller):
    """See `jupyter_trame.core.Controller`, and `State` for what is different."""

    def __init__(
        self,
        translator: Translator | None = None,
        internal: core.Controller | None = None,
        hot_reload: bool | Reloader = False,
        *,
        hooks: ListenerHooks | None = None,
    ) -> None:
        super().__init__(translator, internal, _reloader(hot_reload), hooks=hooks or RunningLoop())

    @property
    def _func_dict(self) -> dict[str, core.ControllerFunction]:
        """What packages and tests for trame look into: the functions by their names in the root."""
        return self._functions


def _reloader(hot_reload: bool | Reloader) -> bool | Reloader:
    if hot_reload is not True:
        return hot_reload
    from jupyter_trame.execution.hot_reload import HotReload

    return HotReload()


async def _wait(awaitable: Awaitable[Any]) -> Any:
    return await awaitable
