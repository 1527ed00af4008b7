"""The stages of a server's life and the events that mark them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from jupyter_trame.server.protocol import CoreProtocol

if TYPE_CHECKING:
    from jupyter_trame.server.runtime import Runtime

__all__ = ["OFF", "RUNNING", "STARTING", "LifeCycle"]

OFF, STARTING, RUNNING = 0, 1, 2

_logger = logging.getLogger(__name__)


class LifeCycle:
    """One server's; `begin`, `up` and `end` run on the owner's thread, `end` on any."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.stage = OFF
        self._ready: asyncio.Future[bool] | None = None
        self._ended: asyncio.Future[None] | None = None

    @property
    def ready(self) -> asyncio.Future[bool]:
        """Resolves when the server is up, with its error when it could not start. Needs a loop on first access."""
        if self._ready is None:
            self._ready = self._loop().create_future()
            if self.stage == RUNNING:
                self._ready.set_result(True)
        return self._ready

    def claim(self) -> None:
        """Stage 1 without its work: who starts later does so alone."""
        self.stage = STARTING

    async def finished(self) -> None:
        """Return when the server has ended."""
        ended = self._ended
        if ended is not None:
            await asyncio.shield(ended)

    def begin(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        """Stage 1: `loop` owns the server, protocols are configured. Raises what the configuration raises."""
        runtime = self._runtime
        runtime.owner.attach(loop, thread)
        self._ended = loop.create_future()
        self.claim()
        runtime.fire("on_server_start", runtime.server)
        protocol = CoreProtocol(runtime.server, runtime.primary, lambda: runtime.owner.submit(runtime.stop))
        runtime.protocol = protocol
        for configure in runtime.protocols_to_configure:
            configure(protocol)
        protocol.build()

    def up(self, publish: Callable[[], object]) -> None:
        """Stage 2: the state is complete; `publish` lets clients in, and raises if it cannot."""
        runtime = self._runtime
        self.stage = RUNNING
        runtime.state.ready()
        # A second start finds the state ready, with changes that were made while nobody listened.
        runtime.flush()
        publish()
        runtime.server.context.ready()
        runtime.fire("on_server_ready", **runtime.state.to_dict())
        runtime.flush()
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(True)

    def failed(self, error: BaseException) -> None:
        """The server could not start."""
        self.stage = OFF
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(error)
            self._ready.exception()  # whoever waits gets it; nobody has to
        self._finish()

    def end(
        self, *, replaced: bool = False, code: int = 1001, reason: str = "Server shutdown"
    ) -> Awaitable[None]:
        """Stop the server, at once; the result may be awaited for the callbacks that are coroutines.

        `replaced`: another life of it begins, clients wait for that one instead of hearing that it stopped.
        """
        runtime = self._runtime
        if self.stage == OFF:
            return _Ended(None)
        self.stage = OFF
        self._ready = None
        if not replaced:
            runtime.primary.stop(code, reason)
        runtime.backend.close(replaced=replaced)
        caller = _current_task()
        if runtime.owner.owns_thread():
            self._say_goodbye(caller)
        else:
            runtime.owner.submit(lambda: self._say_goodbye(caller))
        return _Ended(self._ended)

    def _say_goodbye(self, caller: asyncio.Task[object] | None) -> None:
        runtime = self._runtime
        runtime.owner.cancel_tasks(keep=caller)
        function = runtime.controller["on_server_exited"]
        if function.exists() or function.funcs_once:
            result = runtime.user_code.call("on_server_exited", function, **runtime.state.to_dict())
            runtime.owner.create_task(self._await_all(result))
        else:
            self._finish()

    async def _await_all(self, result: object) -> None:
        for item in result if isinstance(result, list) else [result]:
            awaitable = item() if callable(item) else item
            if isinstance(awaitable, Awaitable):
                try:
                    await self._runtime.user_code.wait("on_server_exited", awaitable)
                except Exception:  # noqa: BLE001 - `wait` has reported it
                    _logger.debug("on_server_exited failed")
        self._finish()

    def _finish(self) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    def _loop(self) -> asyncio.AbstractEventLoop:
        return self._runtime.owner.loop or asyncio.get_running_loop()


def _current_task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # no loop turns on this thread
        return None


class _Ended:
    """Awaitable that nobody has to await, so that ``server.stop()`` works in a cell as it stands."""

    def __init__(self, ended: asyncio.Future[None] | None) -> None:
        self._ended = ended

    def __await__(self):  # type: ignore[no-untyped-def]
        if self._ended is not None:
            yield from asyncio.shield(self._ended).__await__()
