"""One life of an app beside a trio program, on a thread with an asyncio loop of its own."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import trio

from jupyter_trame.errors import ServerError
from jupyter_trame.server import Server, runtime_of
from jupyter_trame.trio.crossing import call_on_loop
from jupyter_trame.trio.event_results import EventResult

__all__ = ["AppLife"]

_logger = logging.getLogger(__name__)

_PATIENCE = 10.0
"""Seconds that the callbacks of an app have to end with it."""


class AppLife:
    """An app from its start to its end. Made and used in one trio run.

    A life whose callback does not end goes on when nobody waits for it any more, and shares nothing with the next one.
    """

    def __init__(self, server: Server, options: Mapping[str, Any]) -> None:
        """Nothing runs yet. `options`: of `Server.start`."""
        self._server = server
        self._options = options
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name=f"trame-app-{server.name}", daemon=True)
        self._stop = asyncio.Event()
        self._stopping = False
        self._pending: set[EventResult] = set()
        """Calls whose result somebody waits for."""
        self._token = trio.lowlevel.current_trio_token()
        self._settled = trio.Event()
        """Set when the app is up, or has failed to come up."""
        self._ended = trio.Event()
        self._failures: list[BaseException] = []
        """What it has ended with."""

    async def begin(self) -> None:
        """Return when the app is up. Raises what keeps it from that.

        Cancelled, it gives the app up, and returns when that has ended.
        """
        self._thread.start()
        try:
            await self._settled.wait()
        except BaseException:
            await self.end()
            raise
        failures = list(self._failures)
        if failures:
            await self.end()
            raise failures[0]

    async def call(self, fn: Callable[..., Any], *args: Any) -> Any:
        """The result of ``fn(*args)``, called on the app's loop; see `running.call`."""
        if self._loop is None:
            raise ServerError(f"{self._server!r} does not run")
        return await call_on_loop(self._loop, self._pending, fn, *args)

    async def end(self) -> None:
        """Stop the app and wait, for ten seconds at most, for its thread; no call waits for it then.

        It is not cancelled: nothing of the app may go on after the block.
        """
        self._stopping = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)
        with trio.move_on_after(_PATIENCE, shield=True) as scope:
            await self._ended.wait()
        if scope.cancelled_caught:
            _logger.warning("a callback of %r does not end; its thread goes on", self._server)
            self._fail_pending(f"a callback of {self._server!r} does not end, and nobody waits for it")
        else:
            self._thread.join()  # it has nothing left to do

    def _settle(self) -> None:
        self._settled.set()

    def _finish(self) -> None:
        self._settled.set()
        self._ended.set()
        self._fail_pending(f"{self._server!r} has ended before the call")

    def _fail_pending(self, reason: str) -> None:
        for result in list(self._pending):
            result.fail(ServerError(reason))

    # -- on the thread of the app

    def _run(self) -> None:
        try:
            asyncio.run(self._live())
        except BaseException as error:
            if self._settled.is_set():
                _logger.exception("the app of %r ended with an error", self._server)
            self._failures.append(error)
        finally:
            self._loop = None
            self._tell(self._finish)

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._stopping:  # before there was a loop to tell
            return
        started = self._server.start(**self._options)
        if started is None:
            raise ServerError(f"{self._server!r} runs already")
        life = asyncio.ensure_future(started)
        stop = asyncio.create_task(self._stop.wait())
        waiting: list[asyncio.Future[Any]] = [life, self._server.ready, stop]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not life.done():
            self._tell(self._settle)
        await asyncio.wait([life, stop], return_when=asyncio.FIRST_COMPLETED)
        if not life.done():
            await self._server.stop()
        await life
        owner = runtime_of(self._server).owner
        if owner.loop is self._loop:  # which callbacks that do not end may keep turning
            owner.detach()

    def _tell(self, call: Callable[[], object]) -> None:
        """Have the trio run make `call`."""
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(call)
