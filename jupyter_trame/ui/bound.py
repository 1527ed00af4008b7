"""Functions whose parameters are keys of the state: they are called again when one of these has another value."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from inspect import isawaitable, iscoroutine
from typing import Any, TypeVar

from jupyter_trame.core.arguments import arguments_of, refuse
from jupyter_trame.core.in_place import UNCHANGING, fingerprint
from jupyter_trame.core.listeners import report_missing
from jupyter_trame.core.state import reloader_of, store_of
from jupyter_trame.execution.code_places import place_of
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.names import ON_SERVER_READY
from jupyter_trame.runtime.runtime import RUNNING
from jupyter_trame.server import Server
from jupyter_trame.server.server import life_cycle_of, runtime_of
from jupyter_trame.ui.part import in_words

__all__ = ["Bound", "called", "keys_of", "name_of", "picture_label", "said_of", "unlisten", "values_for"]

T = TypeVar("T")

_SLOW = 0.3
"""Seconds after which a function counts as one that its readers have to be told of."""


def name_of(fn: Callable[..., Any]) -> str:
    """What `fn` is called, as a part of a key; of a ``lambda`` that is ``output``."""
    name = getattr(fn, "__name__", type(fn).__name__)
    return name if name.isidentifier() else "output"


def picture_label(fn: Callable[..., Any]) -> str:
    """What a picture that `fn` makes is called where nobody has said it: its name in words, or "Figure"."""
    name = getattr(fn, "__name__", "")
    return in_words(name) if name.isidentifier() else "Figure"


def said_of(fn: Callable[..., Any]) -> str:
    """What errors call `fn`: its name; for a ``lambda`` also where it is, and for other callables their type."""
    name, code = getattr(fn, "__name__", type(fn).__name__), getattr(fn, "__code__", None)
    if name.isidentifier() or code is None:
        return str(name)
    return f"{name} in {place_of(code.co_filename, code.co_firstlineno)}"


def keys_of(fn: Callable[..., Any], *own: str) -> list[str]:
    """The keys that the parameters of `fn` name; those named `own` are none. Raises TypeError for no function."""
    if not callable(fn):
        raise TypeError(f"a function is wanted whose parameters are keys of the state, not {fn!r}")
    return [name for name in arguments_of(fn).names if name not in own]


def values_for(server: Server, fn: Callable[..., Any], *own: str) -> dict[str, Any]:
    """What the state has for the keys of `fn`. Raises `MissingArgumentError` for one without value and default."""
    state = server.state
    missing = _missing(server, fn, *own)
    if missing:
        refuse(said_of(fn), missing, [name for name in dir(state) if state.has(name)])
    return {key: state[key] for key in keys_of(fn, *own) if state.has(key)}


def _missing(server: Server, fn: Callable[..., Any], *own: str) -> set[str]:
    """The keys that `fn` cannot do without and the state has not."""
    return {key for key in arguments_of(fn).required - set(own) if not server.state.has(key)}


def called(name: str, method: Callable[[], T]) -> Callable[[], T]:
    """`method` as a listener or trigger that messages call `name`."""

    def call() -> T:
        return method()

    call.__module__, call.__qualname__ = "__main__", name
    return call


def unlisten(server: Server, fn: Callable[..., Any]) -> None:
    """Call `fn` for no key of the state any more. Any thread."""
    store = store_of(server.state)
    with store.lock:
        for listeners in store.registry.callbacks.values():
            listeners[:] = [listener for listener in listeners if listener[0] != fn]


class _Nothing:
    """What the state has of a key that nobody has set."""


class Bound:
    """Calls a function with the values of the keys that its parameters name, and again when one of them is new.

    It runs on the owner's thread: at once if the values are there, else when the server has started. However many
    values come while it runs, or wait before it, it runs once more for the newest. What it returns is given to `put`.
    An exception is given to `fail` as a report, which the log and the cell have already; without `fail` the view shows
    it as any other. `busy` is told when a run begins that will take long, as the last one did, and when it is over.

    `every` seconds it runs again, as long as a client is there. `when` is a key: nothing runs while it is false.
    `where` is what reports call it. A key that another part's function makes is waited for.
    """

    def __init__(
        self,
        server: Server,
        fn: Callable[..., Any],
        put: Callable[[Any], object],
        *,
        fail: Callable[[ErrorReport], object] | None = None,
        busy: Callable[[bool], object] | None = None,
        every: float | None = None,
        when: str | None = None,
        where: str | None = None,
    ) -> None:
        if every is not None and not every > 0:
            raise ValueError(f"every is a number of seconds above 0, not {every!r}")
        self._server = server
        self._fn = fn
        self._put = put
        self._fail = fail
        self._busy = busy
        self._every = every
        self._when = when
        self._where = where or f"output {said_of(fn)}"
        self._listener = called(self._where, self._heard)
        report_missing(self._listener, arguments_of(fn).required)
        self._runtime = runtime_of(server)
        self._begun = self._awaiting = self._again = self._ended = False
        self._first_values: dict[str, Any] | None = None
        """Those of a run that came before its listener is told of them; None once that has been."""
        self._took = 0.0
        self._task: asyncio.Task[Any] | None = None
        """The run that is awaited, if that is known: one of another thread is not."""
        self._life = 0
        """Counts the starts and ends of the server: a timer of another one does nothing."""
        # As the latest: values that are on their way make it one run.
        server.state.change(*keys_of(fn), *([when] if when else []), latest=True)(self._listener)
        server.controller.add(ON_SERVER_READY)(self._started)
        life_cycle_of(server).at_end.append(self._stopped)
        self._first()

    def end(self) -> None:
        """Call the function no more, and cancel what is awaited. The owner's thread."""
        self._ended = True
        self._life += 1
        if self._task is not None:
            self._task.cancel()
        unlisten(self._server, self._listener)
        self._server.controller[ON_SERVER_READY].discard(self._started)
        at_end = life_cycle_of(self._server).at_end
        if self._stopped in at_end:
            at_end.remove(self._stopped)

    # -- when it runs

    def _first(self) -> None:
        # The parts that have missing keys may come below.
        if not _missing(self._server, self._fn) and self._runtime.owner.owns_thread():
            self._run_first()
        if self._runtime.stage == RUNNING:
            self._runtime.owner.run(self._started)

    def _run_first(self) -> None:
        # The listener is called as well for values that nobody has been told of yet.
        if store_of(self._server.state).is_due(self._listener):
            self._first_values = self._described()
        self._run()

    def _heard(self) -> None:
        before, self._first_values = self._first_values, None
        if before is None or before != self._described():
            self._run()

    def _described(self) -> dict[str, Any] | None:
        """The values of its keys, to be compared; None where it cannot be known whether one is as it was."""
        state = self._server.state
        keys = [*keys_of(self._fn), *([self._when] if self._when else [])]
        found = {}
        for key in keys:
            value = state[key] if state.has(key) else _Nothing
            known = value if value is _Nothing or type(value) in UNCHANGING else fingerprint(value)
            if known is None and value is not None:
                return None
            found[key] = type(value), known
        return found

    def _started(self) -> None:
        if self._ended:
            return  # this call was on its way
        self._life += 1
        if not self._begun:
            self._run_first()
        if self._every is not None:
            self._runtime.owner.call_later(self._every, partial(self._tick, self._life))

    def _stopped(self) -> None:
        self._life += 1
        if self._awaiting:  # the server cancels it: it runs when that starts again
            self._begun = self._again = False

    def _tick(self, life: int) -> None:
        if life != self._life or self._every is None:
            return
        begin = time.monotonic()
        if self._runtime.primary.clients and not self._awaiting:
            self._run()
        left = max(0.0, self._every - (time.monotonic() - begin))
        self._runtime.owner.call_later(left, partial(self._tick, life))

    # -- a run

    def _run(self) -> None:
        self._begun = True
        if self._ended or (self._when and not self._server.state[self._when]) or self._waits():
            return
        if self._awaiting:
            self._again = True
            return
        if self._busy is not None and self._took > _SLOW:
            self._busy(True)
            self._runtime.flush()
        begin = time.monotonic()
        attempt = partial(self._runtime.user_code.attempt, in_place=self._fail is not None)
        result, report = attempt(self._where, self._call)
        if report is None and isawaitable(result):
            self._awaiting = True
            self._task = self._runtime.owner.create_task(
                self._wait(result, begin), on_end=partial(self._waited, result)
            )
            return
        self._finish(begin, result, report)

    def _waits(self) -> bool:
        """Whether it needs what another function has not made yet, or has failed to make."""
        translate = self._server.translator.translate_key
        missing = map(translate, _missing(self._server, self._fn))
        return not self._runtime.made_keys.isdisjoint(missing)

    def _call(self) -> Any:
        reload = reloader_of(self._server.state)
        fn = reload(self._fn) if reload else self._fn
        return fn(**values_for(self._server, fn))

    async def _wait(self, awaitable: Any, begin: float) -> None:
        result, report = await self._runtime.user_code.attempt_async(
            self._where, awaitable, in_place=self._fail is not None
        )
        self._finish(begin, result, report)

    def _waited(self, awaitable: Any) -> None:
        """The task of a run is over: it has a result, or somebody has cancelled it."""
        if iscoroutine(awaitable):
            awaitable.close()  # cancelled before its first step it was never awaited
        self._awaiting, self._task = False, None
        if self._again:
            self._again = False
            self._run()

    def _finish(self, begin: float, result: Any, report: ErrorReport | None) -> None:
        self._took = max(time.monotonic() - begin, 1e-6)
        if self._ended:
            return
        if report is None:
            put = partial(self._put, result)
            _, report = self._runtime.user_code.attempt(self._where, put, in_place=self._fail is not None)
        if report is not None and self._fail is not None:
            self._fail(report)
        if self._busy is not None:
            self._busy(False)
        self._runtime.flush()
