"""Trio beside a notebook: what is started here runs on a thread of its own, whatever cells do."""

from __future__ import annotations

import atexit
import inspect
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import trio

from jupyter_trame.trio.nurseries import is_cancellation, single_error

__all__ = ["Job", "start"]

_logger = logging.getLogger(__name__)

_PATIENCE = 10.0
"""Seconds that a job has to end."""


class Job:
    """What `start` has started. Any thread."""

    def __init__(self, host: _Host, name: str) -> None:
        self.name = name
        """Under which a later one takes its place."""
        self.value: Any = None
        """What it gave to ``task_status.started``: of `serve` the server."""
        self.error: BaseException | None = None
        """What it has ended with, if that was an exception."""
        self._host = host
        self._scope = trio.CancelScope()
        self._began: Future[None] = Future()
        self._over = threading.Event()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return not self._over.is_set()

    def stop(self, timeout: float = _PATIENCE) -> bool:
        """Cancel it and wait, for `timeout` seconds at most, until it has ended; whether it has.

        Harmless where it has ended. On trio's own thread, in a handler of a job for one, it does not wait.
        """
        self._host.run_soon(self._scope.cancel)
        return self._over.wait(0 if self._host.owns_thread() else timeout)

    def __repr__(self) -> str:
        return f"<Job {self.name!r}, {'running' if self.running else 'ended'}>"

    async def _run(self, async_fn: Callable[..., Awaitable[Any]], args: tuple[Any, ...]) -> None:
        try:
            with self._scope:
                if "task_status" in _parameters(async_fn):
                    async with trio.open_nursery() as nursery:
                        self.value = await nursery.start(async_fn, *args)
                        self._began.set_result(None)
                else:
                    awaitable = async_fn(*args)
                    if not inspect.isawaitable(awaitable):
                        raise TypeError(
                            f"start() takes an async function, and {self.name} gave {awaitable!r}"
                        )
                    self._began.set_result(None)
                    await awaitable
        except BaseException as error:
            if is_cancellation(error):
                raise
            self._fail(
                single_error(error) if isinstance(error, BaseExceptionGroup) else error
            )  # others go on
        finally:
            if not self._began.done():
                self._began.set_exception(RuntimeError(f"{self.name} was stopped before it had started"))
            self._over.set()

    def _fail(self, error: BaseException) -> None:
        self.error = error
        if not self._began.done():
            self._began.set_exception(error)
        else:
            _logger.error("%s has ended with an exception", self.name, exc_info=error)


class _Host:
    """The trio run of this process that has a thread of its own; it begins with the first job."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: WeakValueDictionary[str, Job] = WeakValueDictionary()
        """Those that run, which their tasks keep, and those that a notebook keeps."""
        self._thread: threading.Thread | None = None
        self._up = threading.Event()
        self._token: trio.lowlevel.TrioToken | None = None
        self._nursery: trio.Nursery | None = None

    def start(self, async_fn: Callable[..., Awaitable[Any]], args: tuple[Any, ...], name: str) -> Job:
        with self._lock:
            predecessor = self._jobs.pop(name, None)
            if predecessor is not None and not predecessor.stop():
                _logger.warning("%r does not end, and its successor starts beside it", predecessor)
            self._ensure_thread()
            job = self._jobs[name] = Job(self, name)
            assert self._nursery is not None
            self.run_soon(partial(self._nursery.start_soon, job._run, async_fn, args))
        try:
            job._began.result()
        except KeyboardInterrupt:  # the cell that waits is interrupted, and what it has begun goes with it
            job.stop()
            raise
        return job

    def owns_thread(self) -> bool:
        return threading.current_thread() is self._thread

    def run_soon(self, call: Callable[[], object]) -> None:
        """Run `call` between tasks of the trio run. Any thread; where the run has ended it is dropped."""
        if self._token is not None:
            with suppress(trio.RunFinishedError):
                self._token.run_sync_soon(call)

    def stop(self) -> None:
        """End all jobs, their connections with the word that the server goes, and the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
            nursery = self._nursery
            if thread is None or nursery is None:
                return
            self.run_soon(nursery.cancel_scope.cancel)
            thread.join(_PATIENCE)
            if thread.is_alive():
                _logger.warning("a job on trio's thread does not end")

    def _ensure_thread(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._up = threading.Event()
            self._thread = threading.Thread(
                target=trio.run, args=(self._main, self._up), name="trame-trio", daemon=True
            )
            self._thread.start()
        self._up.wait()  # an interrupt may have ended the wait of who began it

    async def _main(self, up: threading.Event) -> None:
        async with trio.open_nursery() as nursery:
            self._token, self._nursery = trio.lowlevel.current_trio_token(), nursery
            up.set()
            await trio.sleep_forever()


_host = _Host()
atexit.register(_host.stop)


def start(async_fn: Callable[..., Awaitable[Any]], *args: Any, name: str | None = None) -> Job:
    """Run ``async_fn(*args)`` on trio's own thread in this process; for notebooks.

    ::

        job = start(serve, echo, "127.0.0.1", 8765)

    A function with the parameter ``task_status``, as `serve` has, is waited for until it has started; what it raises
    before is raised here, and logged later. It goes on while cells run or block, and interrupts do not reach it.
    Raises TypeError for what is no async function, or does not take `args`.

    The same call again, as when a cell runs again, ends the job of the one before first: the same are calls of
    functions of one name with equal arguments. `name` says otherwise which job takes the place of which.
    """
    if _host.owns_thread():
        raise RuntimeError("this is trio's own thread: use a nursery")
    if not callable(async_fn):
        raise TypeError(
            f"start() takes an async function and its arguments, as in start(serve, handler, host, port), "
            f"not {async_fn!r}"
        )
    return _host.start(async_fn, args, name or _call_name(async_fn, args))


def _call_name(async_fn: Callable[..., Any], args: tuple[Any, ...]) -> str:
    return f"{_name_of(async_fn)}({', '.join(map(_name_of, args))})"


def _name_of(value: Any) -> str:
    """As it is in the next run of the cell: a function is another object then."""
    if isinstance(value, partial):
        keywords = [f"{name}={_name_of(given)}" for name, given in value.keywords.items()]
        return f"{_name_of(value.func)}({', '.join([*map(_name_of, value.args), *keywords])})"
    if callable(value):
        return str(getattr(value, "__qualname__", type(value).__qualname__))
    return repr(value)


def _parameters(async_fn: Callable[..., Any]) -> set[str]:
    try:
        return set(inspect.signature(async_fn).parameters)
    except (TypeError, ValueError):
        return set()
