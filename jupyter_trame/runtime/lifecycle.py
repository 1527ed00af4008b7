"""The stages of a server's life and the events that mark them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_trame.rpc.link_protocols import CoreProtocol

if TYPE_CHECKING:
    from jupyter_trame.runtime.backend import StartRequest
    from jupyter_trame.runtime.runtime import Runtime

__all__ = ["OFF", "RUNNING", "STARTING", "Ended", "LifeCycle"]

OFF, STARTING, RUNNING = 0, 1, 2

_EXITED = "on_server_exited"

_logger = logging.getLogger(__name__)


class LifeCycle:
    """One server's: `prepare`, then `begin`, `bind` and `up` on the owner's thread, and `end` on any."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.stage = OFF
        self.preparing = False
        """Whether `prepare` runs, which starts in stage 0."""
        self.exit: SystemExit | None = None
        """With what a callback asked the program to end; a start forgets it."""
        self._ready: asyncio.Future[bool] | None = None
        self._ended: asyncio.Future[None] | None = None

    @property
    def ready(self) -> asyncio.Future[bool]:
        """True when the server is up, False when it was cancelled or stopped before; its error when it failed.

        Needs a loop on first access.
        """
        if self._ready is None:
            self._ready = self._loop().create_future()
            if self.stage == RUNNING:
                self._ready.set_result(True)
        return self._ready

    def claim(self) -> None:
        """Stage 1 without its work: who starts later does so alone."""
        self.stage = STARTING

    @property
    def ending(self) -> asyncio.Future[None] | None:
        """Resolves at the end of this life, of the last one when the server is off; None before the first."""
        return self._ended

    def leave(self, exit: SystemExit, /) -> bool:  # noqa: A002 - what it is
        """The `ExitRule` of a program: the server ends, and who started it raises `exit` when its goodbyes are said."""
        if self.stage == OFF and not self.preparing and (self._ended is None or self._ended.done()):
            return False  # nobody is there to raise it
        if self.exit is None:
            self.exit = exit
            # Not at once: the call in which it happened is answered first.
            self._runtime.owner.submit(self._runtime.stop)
        return True

    async def finished(self) -> None:
        """Return when the server has ended."""
        ended = self._ended
        if ended is not None:
            await asyncio.shield(ended)

    def prepare(self, request: StartRequest) -> None:
        """From stage 0 to 1 on the calling thread, before a loop has to turn: the command line and the protocols.

        Raises what the configuration raises; the server is off then.
        """
        runtime = self._runtime
        runtime.owner.leave_dead_loop()
        self.exit = None
        if self._ready is not None and self._ready.done():
            self._ready = None  # it tells of a start that failed
        self.preparing = True
        try:
            runtime.modules.enable_client()
            runtime.fire("on_server_start", runtime.server)
            self.check_exit()
            runtime.configure(request)
            runtime.take_name()
            self.claim()
            stop_soon = partial(runtime.owner.submit, runtime.stop)
            runtime.protocol = protocol = CoreProtocol(runtime, stop_soon)
            for configure in runtime.protocols_to_configure:
                configure(protocol)
            protocol.build()
        except BaseException as error:
            self.failed(error)
            raise
        finally:
            self.preparing = False

    def check_exit(self) -> None:
        """Raises what a callback asked the program to end with."""
        if self.exit is not None:
            raise self.exit

    def begin(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        """`loop`, which turns on `thread`, owns the server from now on."""
        self._runtime.owner.attach(loop, thread)
        self._ended = loop.create_future()

    def bind(self, web: object) -> None:
        """The sockets are open, or about to be: apps add routes of their own to `web`."""
        self._runtime.fire("on_server_bind", web)

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
        """The server could not start. A second report of the same start changes nothing."""
        self.stage = OFF
        ready = self._ready
        if ready is not None and not ready.done() and not ready.get_loop().is_closed():
            if isinstance(error, asyncio.CancelledError):
                ready.set_result(False)
            else:
                ready.set_exception(error)
                ready.exception()  # whoever waits gets it; nobody has to
        self._finish()

    def end(self, *, replaced: bool = False, code: int = 1001, reason: str = "Server shutdown") -> Ended:
        """Stop the server, at once; the result may be awaited for the callbacks that are coroutines.

        `replaced`: another life of it begins, clients wait for that one instead of hearing that it stopped.
        """
        runtime = self._runtime
        if self.stage == OFF:
            return Ended(None)
        self.stage = OFF
        ready, self._ready = self._ready, None
        if not replaced:
            runtime.primary.stop(code, reason)
        runtime.backend.close(replaced=replaced)
        runtime.uploads.close()
        caller = _current_task()
        if runtime.owner.owns_thread():
            self._say_goodbye(caller, ready)
        else:
            runtime.owner.submit(lambda: self._say_goodbye(caller, ready))
        return Ended(self._ended)

    def _say_goodbye(self, caller: asyncio.Task[object] | None, ready: asyncio.Future[bool] | None) -> None:
        runtime = self._runtime
        if ready is not None and not ready.done():
            ready.set_result(False)
        runtime.owner.cancel_tasks(keep=caller)
        if runtime.controller[_EXITED].is_bound():
            results = runtime.call_all(_EXITED, **runtime.state.to_dict())
            runtime.owner.create_task(self._await_all(results), on_end=self._finish)
        else:
            self._finish()

    async def _await_all(self, results: list[Any]) -> None:
        user_code = self._runtime.user_code
        for result in results:
            # A function may return functions to be called now, and lists of either.
            for item in result if isinstance(result, list) else [result]:
                awaitable = user_code.call(_EXITED, item) if callable(item) else item
                if isinstance(awaitable, Awaitable):
                    try:
                        await user_code.wait(_EXITED, awaitable)
                    except (Exception, asyncio.CancelledError):  # noqa: BLE001 - `wait` has reported it
                        _logger.debug("%s failed", _EXITED)

    def _finish(self) -> None:
        ended = self._ended
        if ended is not None and not ended.done() and not ended.get_loop().is_closed():
            ended.set_result(None)

    def _loop(self) -> asyncio.AbstractEventLoop:
        loop = self._runtime.owner.loop
        return loop if loop is not None and not loop.is_closed() else asyncio.get_running_loop()


def _current_task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # no loop turns on this thread
        return None


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
