"""`running`: an app beside a trio program."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, TypeVar

import trio

from jupyter_trame.errors import ServerError
from jupyter_trame.program.sockets import page_address
from jupyter_trame.server import Server, runtime_of
from jupyter_trame.trio.crossing import call_on_loop
from jupyter_trame.trio.kernel_or_program import in_kernel
from jupyter_trame.trio.pending_results import PendingResult

__all__ = ["running"]

T = TypeVar("T")

_logger = logging.getLogger(__name__)

_PATIENCE = 10.0
"""Seconds that the callbacks of an app have to end with it."""


class running:  # noqa: N801 - it reads like a word of the language: async with running(server)
    """Run the app of `server` while the block runs.

    ::

        app = running(server)
        async with app as address:
            print(address)
            await app.call(reset, 5)

    The app has a thread and an asyncio loop of its own, on which all its callbacks run. It is one like any that
    ``python app.py`` starts, in a kernel too: the address holds its secret, and hosts and origins are checked. Leaving
    the block ends it.
    """

    def __init__(self, server: Server, *, host: str = "127.0.0.1", port: int = 0, **options: Any) -> None:
        """Nothing runs yet.

        Args:
            server: stopped; it can be run again afterwards.
            host: the interface to listen on.
            port: 0 takes any free one.
            options: others of `Server.start`.
        """
        self._server = server
        self._options: dict[str, Any] = {
            "open_browser": False,
            "show_connection_info": False,
            "timeout": 0,
            # A kernel would carry the app on its own loop, which stands while cells run.
            "backend": "tornado" if in_kernel() else None,
            **options,
            "host": host,
            "port": port,
            "thread": True,
            "exec_mode": "coroutine",
        }
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._stopping = False
        self._pending: set[PendingResult] = set()
        """Calls whose result somebody waits for."""
        self._token: trio.lowlevel.TrioToken | None = None
        self._settled = trio.Event()
        """Set when the app is up, or has failed to come up."""
        self._ended = trio.Event()
        self._failures: list[BaseException] = []
        """What its life has ended with."""

    async def __aenter__(self) -> str:
        """The address of the app's page. Raises what keeps it from coming up, `ServerError` where it runs already.

        Cancelled, it gives the app up, and returns when that has ended.
        """
        if self._token is not None or self._server.running:
            raise ServerError(f"{self._server!r} runs already")
        self._token = trio.lowlevel.current_trio_token()
        self._settled, self._ended = trio.Event(), trio.Event()
        self._failures.clear()
        self._stopping = False
        name = f"trame-app-{self._server.name}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        try:
            await self._settled.wait()
        except BaseException:
            await self._end()
            raise
        failures = list(self._failures)
        if failures:
            await self._end()
            raise failures[0]
        return page_address(runtime_of(self._server))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the app, which has ten seconds for it. Raises what the block does; it is not cancelled."""
        await self._end()

    async def call(self, fn: Callable[..., Any], *args: Any) -> Any:
        """The result of ``fn(*args)``, called on the app's loop, where an awaitable one is awaited.

        Cancelled, it cancels what is awaited there, and returns when that has ended. Raises what `fn` raises, and
        `ServerError` where the app does not run, or ends before.
        """
        if self._loop is None:
            raise ServerError(f"{self._server!r} does not run")
        return await call_on_loop(self._loop, self._pending, fn, *args)

    async def _end(self) -> None:
        """Stop the app and wait for its thread. Not cancelled: nothing of the app may go on after the block."""
        self._stopping = True
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            with suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(stop.set)
        with trio.move_on_after(_PATIENCE, shield=True) as scope:
            await self._ended.wait()
        if scope.cancelled_caught:
            _logger.warning("a callback of %r does not end; its thread goes on", self._server)
        elif self._thread is not None:
            self._thread.join()  # it has nothing left to do
        self._token = None

    def _settle(self) -> None:
        self._settled.set()

    def _finish(self) -> None:
        self._settled.set()
        self._ended.set()
        for result in list(self._pending):
            result.fail(ServerError(f"{self._server!r} has ended before the call"))

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
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if self._stopping:  # before there was a loop to tell
            return
        life = asyncio.create_task(self._started())
        stop = asyncio.create_task(self._stop.wait())
        ready: asyncio.Future[Any] = asyncio.ensure_future(self._server.ready)
        waiting: list[asyncio.Future[Any]] = [life, ready, stop]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not life.done():
            self._tell(self._settle)
        await asyncio.wait([life, stop], return_when=asyncio.FIRST_COMPLETED)
        if not life.done():
            await self._server.stop()
        await life

    async def _started(self) -> None:
        life = self._server.start(**self._options)
        if life is None:
            raise ServerError(f"{self._server!r} runs already, or is a child of another")
        await life

    def _tell(self, call: Callable[[], object]) -> None:
        """Have the trio run make `call`."""
        assert self._token is not None
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(call)
