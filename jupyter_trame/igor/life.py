"""One life of a server: its thread and loop, from the moment at which it listens until all has ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.endings import cancel_all, run_to_end
from jupyter_trame.igor.service import Service

__all__ = ["Life", "Place"]

_GOODBYE = 2.0
"""Seconds in which clients have to answer that their connection was closed."""


class Place(Protocol):
    """Where clients reach a service. All on its loop."""

    @property
    def url(self) -> str:
        """Where a client connects."""

    @property
    def file_url(self) -> str | None:
        """Where files are; None where it has none."""

    async def open(self, service: Service) -> None:
        """Let clients in. Raises `OSError` when that is not possible."""

    def close(self) -> None:
        """Let nobody in any more. The goodbyes of the service follow."""

    async def closed(self) -> None:
        """End what is left."""


class Life:
    """Started by `start`, ended by `stop` or by a handler that exits. Any thread, unless it is said."""

    def __init__(
        self,
        make_service: Callable[[], Service],
        places: list[Place],
        on_up: Callable[[Service], object],
        on_ending: Callable[[], list[asyncio.Task[None]]],
        on_ended: Callable[[], object],
        logger: logging.Logger,
    ) -> None:
        """On the loop: `make_service` before it listens, `on_up` after; `on_ending` gives tasks to cancel.

        On the thread, when its loop is no more, and before `ended` is done: `on_ended`.
        """
        self.ended: Future[None] = Future()
        """Done when nothing of it is left."""
        self.ending = False
        """Whether it was told to stop."""
        self._make_service = make_service
        self._places = places
        self._on_up = on_up
        self._on_ending = on_ending
        self._on_ended = on_ended
        self._logger = logger
        self._up: Future[Service] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._turn, name="jupyter-trame-igor", daemon=True)

    def start(self) -> Service:
        """The service, when clients can come. Raises `OSError`; never on the loop's own thread."""
        self._thread.start()
        return self._up.result()

    def stop(self) -> None:
        """Begin to end; `ended` follows. Again is harmless."""
        self.ending = True
        loop, stopping = self._loop, self._stopping
        if loop is None or stopping is None:
            return  # it looks at `ending` when it has them
        with contextlib.suppress(RuntimeError):  # it is closed: there is nothing left to stop
            loop.call_soon_threadsafe(stopping.set)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the thread has ended, at most `timeout` seconds; whether it has. Not on that thread."""
        # Python 3.11 takes a thread for ended when an interrupt ends the wait for it: by then this one nearly has.
        try:
            self.ended.result(timeout)
        except TimeoutError:
            return False
        self._thread.join()
        return True

    def run(self, call: Callable[[], object]) -> None:
        """Run `call` on the loop, soon. Raises `ServerError` when it has ended."""
        if self._loop is None or self._loop.is_closed():
            raise ServerError("the Igor server does not run")
        self._loop.call_soon_threadsafe(call)

    def _turn(self) -> None:
        try:
            run_to_end(self._live())
        except BaseException as error:
            if not self._up.done():
                self._up.set_exception(error)
            else:
                self._logger.exception("the server ended with an error")
        finally:
            try:
                self._on_ended()
            finally:
                self.ended.set_result(None)

    async def _live(self) -> None:
        self._stopping = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if self.ending:
            self._stopping.set()
        service = self._make_service()
        opened: list[Place] = []
        try:
            for place in self._places:
                await place.open(service)
                opened.append(place)
            self._on_up(service)
            self._up.set_result(service)
            await self._stopping.wait()
        finally:
            for place in opened:
                place.close()
            tasks = self._on_ending()
            await service.close()
            await cancel_all(tasks, self._logger)
            await self._say_goodbye(service)
            for place in opened:
                await place.closed()

    async def _say_goodbye(self, service: Service) -> None:
        """Wait until all connections have ended, for a moment at most."""
        try:
            async with asyncio.timeout(_GOODBYE):
                await service.deserted()
        except TimeoutError:
            service.abort()
