"""The order of a server's life, and the events that mark it."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.owner import turning_loop
from jupyter_trame.names import ON_SERVER_BIND, ON_SERVER_EXITED, ON_SERVER_READY, ON_SERVER_START
from jupyter_trame.runtime import registry, settings
from jupyter_trame.runtime.backend import Backend, Carrier, StartRequest
from jupyter_trame.runtime.ended import Ended
from jupyter_trame.runtime.runtime import OFF, RUNNING, STARTING, Runtime, ServerProtocol

__all__ = ["LifeCycle", "Outside"]


_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outside:
    """What a life needs of what lies above it; all are called on the thread that starts the server."""

    make_backend: Callable[[LifeCycle, str | None], Backend]
    """What carries the server: of that name, or what fits the process. Raises `ServerError`."""
    make_protocol: Callable[[Runtime, Callable[[], object]], ServerProtocol]
    """What packages configure and register, anew for each life; the function ends the server soon."""
    greet: Callable[[], object]
    """Prints a greeting."""


class LifeCycle:
    """Starts and ends one server.

    A start is `prepare` and then, on the owner's thread, `run` or `up`; `end` ends it from any.
    """

    def __init__(self, runtime: Runtime, outside: Outside) -> None:
        self.runtime = runtime
        self._outside = outside
        self.preparing = False
        """Whether `prepare` runs, which starts in stage 0."""
        self.exit: SystemExit | None = None
        """With what a callback asked the program to end; a start forgets it."""
        self.protocols_to_configure: list[Callable[[Any], object]] = []
        """Called with what `Outside.make_protocol` made, at each start."""
        self.at_end: list[Callable[[], object]] = []
        """Called when the server stops, after its last commit, on the thread that stops it."""
        self._backend_name: str | None = None
        self._request: StartRequest | None = None
        """What the last start was given."""
        self._ready: asyncio.Future[bool] | None = None
        self._ended: asyncio.Future[None] | None = None
        runtime.stop = self.end

    @property
    def backend(self) -> Backend:
        """What carries the server; chosen when it is first asked for."""
        return self.runtime.backend or self.use_backend(None)

    def use_backend(self, name: str | None) -> Backend:
        """Be carried by the backend `name`, or by the one that fits this process. Raises `ServerError`."""
        runtime = self.runtime
        backend = runtime.backend
        if backend is None or name != self._backend_name:
            backend = self._outside.make_backend(self, name)
            self._backend_name = name
            runtime.carry(backend)
        return backend

    @property
    def ready(self) -> asyncio.Future[bool]:
        """True when the server is up, False when it was cancelled or stopped before; its error when it failed.

        Needs a loop on first access.
        """
        if self._ready is None or self._ready.get_loop().is_closed():
            self._ready = self._loop().create_future()
            if self.runtime.stage == RUNNING:
                self._ready.set_result(True)
        return self._ready

    # -- the start

    def start(self, request: StartRequest) -> Awaitable[None] | None:
        """What `Server.start` returns; nothing happens to a server that is up, or on its way."""
        if self.runtime.stage != OFF or self.preparing:
            return None
        backend = self.use_backend(settings.backend_name(request))
        self._request = request
        self.prepare(request)
        try:
            return backend.start(request)
        except BaseException as error:
            self.failed(error)
            raise

    def start_again(self) -> None:
        """Start the server as it was started last; where that blocks, until it ends. Raises as `start` does.

        Raises `ServerError` for one that was never started.
        """
        if self._request is None:
            raise ServerError(f"the server {self.runtime.app.name!r} was never started")
        self.start(replace(self._request, exec_mode="main"))

    def prepare(self, request: StartRequest) -> None:
        """From stage 0 to 1 on the calling thread, before a loop has to turn: the command line and the protocols.

        Raises what the configuration raises; the server is off then.
        """
        runtime = self.runtime
        runtime.owner.leave_dead_loop()
        self.exit = None
        if self._ready is not None and self._ready.done():
            self._ready = None  # it tells of a start that failed
        self.preparing = True
        try:
            runtime.modules.enable_client()
            runtime.fire(ON_SERVER_START, runtime.app.server)
            self.check_exit()
            if runtime.configure(request).banner:
                self._outside.greet()
            self.take_name()
            runtime.stage = STARTING  # who starts later does so alone
            runtime.protocol = protocols = self._outside.make_protocol(
                runtime, partial(runtime.owner.submit, self.end)
            )
            for configure in self.protocols_to_configure:
                configure(protocols)
            protocols.build()
        except BaseException as error:
            self.failed(error)
            raise
        finally:
            self.preparing = False

    def up(self, loop: asyncio.AbstractEventLoop, thread: int, publish: Callable[[], object]) -> None:
        """From stage 1 to 2 in one step, for who has nothing to open first.

        `loop`, which turns on `thread`, owns the server from now on. `publish` lets clients in, or raises.
        """
        self.begin(loop, thread)
        self._up(publish)

    async def run(self, carrier: Carrier) -> None:
        """A life from stage 1 to the last goodbye, on the loop that turns here, which owns the server meanwhile."""
        runtime = self.runtime
        try:
            self.begin(asyncio.get_running_loop(), threading.get_ident())
            # Apps add routes of their own.
            runtime.fire(ON_SERVER_BIND, carrier.open())
            self.check_exit()
            runtime.port = await carrier.listen()
            self._up(carrier.publish)
        except BaseException as error:
            carrier.shut()
            self.failed(error)
            await carrier.closed()
            raise
        ending = self._ended
        try:
            carrier.announce()
            await carrier.until(self.finished())
        finally:
            # Who stopped it may have started it again meanwhile, or may be about to, on another thread.
            if self._ended is ending and not (ending is not None and ending.done()):
                await asyncio.shield(self.end())
            await carrier.closed()
        self.check_exit()

    def take_name(self) -> None:
        """Make the server the one of its name, which a later one may have become meanwhile; that one ends."""
        app, process = self.runtime.app, registry.current()
        other_runs = getattr(process.servers.get(app.name), "running", False)
        end_other = process.register(app.name, app.server, partial(self.end, replaced=True))
        cell = None if process.host is None else process.host.cell()
        before, process.cells[app.name] = process.cells.get(app.name), cell
        if end_other is not None and other_runs and None not in {before, cell} and before != cell:
            self.runtime.user_code.advise(
                "server",
                f"give one of the two servers another name: Server({app.name!r}) of this cell takes the place of that "
                "of another cell, in every view",
            )
        if end_other is not None and (process.in_kernel or app.manners.replaces_its_namesake):
            end_other()

    def begin(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        """`loop`, which turns on `thread`, owns the server from now on."""
        self.runtime.owner.attach(loop, thread)
        self._ended = loop.create_future()

    def _up(self, publish: Callable[[], object]) -> None:
        runtime = self.runtime
        runtime.stage = RUNNING
        runtime.primary.info["started"] = time.time()
        runtime.state.ready()
        # A second start finds the state ready, with changes that were made while nobody listened.
        runtime.flush()
        publish()
        runtime.app.context.ready()
        runtime.fire(ON_SERVER_READY, with_state=True)
        runtime.flush()
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(True)

    def failed(self, error: BaseException) -> None:
        """The server could not start. A second report of the same start changes nothing."""
        self.runtime.stage = OFF
        ready = self._ready
        if ready is not None and not ready.done() and not ready.get_loop().is_closed():
            if isinstance(error, asyncio.CancelledError):
                ready.set_result(False)
            else:
                ready.set_exception(error)
                ready.exception()  # whoever waits gets it; nobody has to
        _resolve(self._ended)

    # -- the end

    def check_exit(self) -> None:
        """Raises what a callback asked the program to end with."""
        if self.exit is not None:
            raise self.exit

    def leave(self, exit: SystemExit, /) -> bool:  # noqa: A002 - what it is
        """The `ExitRule` of a program: the server ends, and who started it raises `exit` when its goodbyes are said."""
        off = self.runtime.stage == OFF and not self.preparing
        if off and (self._ended is None or self._ended.done()):
            return False  # nobody is there to raise it
        if self.exit is None:
            self.exit = exit
            # Not at once: the call in which it happened is answered first.
            self.runtime.owner.submit(self.end)
        return True

    async def finished(self) -> None:
        """Return when the server has ended."""
        ended = self._ended
        if ended is not None:
            await asyncio.shield(ended)

    def end(self, *, replaced: bool = False, code: int = 1001, reason: str = "Server shutdown") -> Ended:
        """Stop the server, at once; the result may be awaited for the callbacks that are coroutines.

        `replaced`: another life of it begins, clients wait for that one instead of hearing that it stopped.
        """
        runtime = self.runtime
        if runtime.stage == OFF:
            return Ended(None)
        runtime.stage = OFF
        ready, self._ready = self._ready, None
        ended = self._ended  # of this life: the next one may begin before the goodbyes are said
        if not replaced:
            runtime.primary.stop(code, reason)
        self.backend.close(replaced=replaced)
        for tidy in self.at_end:
            tidy()
        caller = _current_task()
        if runtime.owner.owns_thread():
            self._say_goodbye(caller, ready, ended)
        else:
            runtime.owner.submit(lambda: self._say_goodbye(caller, ready, ended))
        return Ended(ended)

    def _say_goodbye(
        self,
        caller: asyncio.Task[object] | None,
        ready: asyncio.Future[bool] | None,
        ended: asyncio.Future[None] | None,
    ) -> None:
        runtime = self.runtime
        if ready is not None and not ready.done():
            ready.set_result(False)
        runtime.owner.cancel_tasks(keep=caller)
        if ON_SERVER_EXITED in runtime.controller:
            results = runtime.call_with_state(ON_SERVER_EXITED)
            runtime.owner.create_task(self._await_all(results), on_end=partial(_resolve, ended))
        else:
            _resolve(ended)

    async def _await_all(self, results: list[Any]) -> None:
        user_code = self.runtime.user_code
        for result in results:
            # A function may return functions to be called now, and lists of either.
            for item in result if isinstance(result, list) else [result]:
                awaitable = user_code.call(ON_SERVER_EXITED, item) if callable(item) else item
                if isinstance(awaitable, Awaitable):
                    try:
                        await user_code.wait(ON_SERVER_EXITED, awaitable)
                    except (Exception, asyncio.CancelledError):  # noqa: BLE001 - `wait` has reported it
                        _logger.debug("%s failed", ON_SERVER_EXITED)

    def _loop(self) -> asyncio.AbstractEventLoop:
        loop = self.runtime.owner.loop
        if self.runtime.stage == OFF:  # the loop of its last life may turn on, on another thread
            loop = turning_loop() or loop
        return loop if loop is not None and not loop.is_closed() else asyncio.get_running_loop()


def _resolve(ended: asyncio.Future[None] | None) -> None:
    if ended is not None and not ended.done() and not ended.get_loop().is_closed():
        ended.set_result(None)


def _current_task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # no loop turns on this thread
        return None
