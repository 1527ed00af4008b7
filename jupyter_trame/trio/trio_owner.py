"""The trio run that owns a client: callbacks of users run in it, whatever thread their cause came in on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import trio

from jupyter_trame.execution.owner import OwnerLoop
from jupyter_trame.execution.user_code import UserCode, calling
from jupyter_trame.trio.nurseries import is_cancellation

__all__ = ["TrioOwner", "TrioUserCode"]

T = TypeVar("T")

_logger = logging.getLogger(__name__)


class TrioOwner(OwnerLoop):
    """An `OwnerLoop` with a task of a trio run in place of an asyncio loop. Before `turn` calls wait."""

    def __init__(self) -> None:
        super().__init__()
        self._token: trio.lowlevel.TrioToken | None = None
        self._nursery: trio.Nursery | None = None
        self._due = trio.Event()

    async def turn(self, nursery: trio.Nursery) -> None:
        """Run the calls, until it is cancelled; coroutines run in `nursery`.

        A KeyboardInterrupt comes out of it; other exceptions of calls are logged.
        """
        self._token, self._nursery = trio.lowlevel.current_trio_token(), nursery
        self._thread = threading.get_ident()
        try:
            while True:
                self._drain()
                self._due = trio.Event()
                if not self._queue:
                    await self._due.wait()
                await trio.lowlevel.checkpoint()
        finally:
            self._token = self._nursery = self._thread = None

    def submit(self, call: Callable[[], object]) -> None:
        """Run `call` in the trio run, after everything submitted before. Any thread; never raises."""
        self._queue.append(call)
        self._call_soon(self._set_due)

    def call_in_run(self, call: Callable[[], object]) -> None:
        """Run `call`, which belongs to this package, between tasks of the trio run: at once where that is here.

        Any thread; where no run owns the client it is dropped.
        """
        if self._thread == threading.get_ident():
            call()
        else:
            self._call_soon(call)

    def create_task(
        self, coroutine: Coroutine[Any, Any, Any], on_end: Callable[[], object] | None = None
    ) -> None:
        """Run `coroutine` as a task of the trio run. Any thread; `on_end` is called when it is over."""
        if self._nursery is not None and self._thread == threading.get_ident():
            self._nursery.start_soon(self._run_to_end, coroutine, on_end)
        else:
            self.submit(lambda: self.create_task(coroutine, on_end))

    async def _run_to_end(
        self, coroutine: Coroutine[Any, Any, Any], on_end: Callable[[], object] | None
    ) -> None:
        try:
            await coroutine
        finally:
            if on_end is not None:
                on_end()

    def _call_soon(self, call: Callable[[], object]) -> None:
        token = self._token
        if token is None:
            return
        try:
            token.run_sync_soon(call)
        except trio.RunFinishedError:
            _logger.debug("the trio run has ended, and calls wait for the next one")

    def _set_due(self) -> None:
        self._due.set()

    def _run(self, call: Callable[[], object]) -> None:
        try:
            call()
        except Exception:  # user code has its own guard: a defect of ours; the queue goes on
            _logger.exception("a call in the trio run failed")


class TrioUserCode(UserCode):
    """A `UserCode` where a cancellation is trio's."""

    async def wait(self, where: str, awaitable: Awaitable[T]) -> T:
        """The result of `awaitable`; its exception is reported and raised. In the trio run; a cancellation passes."""
        calling.set(self)  # the context is that of the caller's task
        try:
            return await awaitable
        except Exception as error:
            self.report(where, error)
            raise
        except GeneratorExit:
            raise
        except BaseException as error:
            if is_cancellation(error):
                raise
            raise self.caught(where, error) from error
