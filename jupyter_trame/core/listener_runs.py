"""How listeners that are due run: at once, off the owner thread, or once for all that changes while they are busy."""

from collections.abc import Callable, Iterable
from functools import partial
from inspect import isawaitable, iscoroutinefunction
from threading import Lock
from typing import Any, TypeAlias

from jupyter_trame.core.listeners import CommitFunction, Listener, ListenerHooks, Reloader, Round

__all__ = ["ListenerRuns"]

_Flush: TypeAlias = Callable[[CommitFunction | None, Reloader | None], object]


class ListenerRuns:
    """Runs the listeners of one store."""

    __slots__ = ("_flush", "_hooks", "_lock", "_round", "_under_way")

    def __init__(self, hooks: ListenerHooks, make_round: Callable[[], Round], flush: _Flush) -> None:
        """`make_round` gives what is pushed now; `flush` is the store's."""
        self._hooks = hooks
        self._round = make_round
        self._flush = flush
        self._lock = Lock()
        self._under_way: dict[object, _LatestRun] = {}
        """Listeners with ``latest=True`` that wait or run, by identity."""

    def run(
        self, due: Iterable[Listener], commit: CommitFunction | None, reload: Reloader | None = None
    ) -> None:
        """Run each of `due`, which belong to one round of a flush with `commit` and `reload`. The owner thread."""
        hooks, values = self._hooks, self._round()
        for listener in due:
            if listener.runs_at_once:
                result = hooks.call(listener.where, listener.run, values, reload)
                if result is not None and isawaitable(result):
                    hooks.schedule(listener.where, result)
            elif listener.latest:
                self._run_latest(listener, commit, reload)
            else:
                hooks.call(listener.where, self._start_apart, listener, values, reload)

    def is_waiting(self, fn: Callable[..., Any]) -> bool:
        """Whether `fn`, a listener with ``latest=True``, is to run and has not been given its values yet."""
        with self._lock:
            runs = [run for run in self._under_way.values() if run.listener[0] == fn]
            return any(run.again or not run.has_values for run in runs)

    def _start_apart(self, listener: Listener, values: Round, reload: Reloader | None) -> None:
        bound = listener.bind(values, reload)
        if bound is not None:
            fn, given = bound
            if iscoroutinefunction(fn):
                self._hooks.schedule(listener.where, fn(**given))
            else:
                self._hooks.call_concurrently(listener.where, fn, **given)

    # -- one run at a time

    def _run_latest(self, listener: Listener, commit: CommitFunction | None, reload: Reloader | None) -> None:
        with self._lock:
            run = self._under_way.get(listener.identity)
            if run is not None:
                # One that waits will see what is new.
                run.again = run.has_values
                return
            run = self._under_way[listener.identity] = _LatestRun(listener, commit, reload)
        self._begin(run)

    def _begin(self, run: "_LatestRun") -> None:
        listener = run.listener
        if listener.concurrent and not iscoroutinefunction(listener[0]):
            self._hooks.call_concurrently(listener.where, self._run_apart, run)
        else:
            self._hooks.defer(partial(self._run_here, run))

    def _run_here(self, run: "_LatestRun") -> None:
        hooks, where, result = self._hooks, run.listener.where, None
        try:
            result = hooks.call(where, self._call, run)
            hooks.call("flush", self._flush, run.commit, run.reload)
        finally:
            if result is not None and isawaitable(result):
                hooks.schedule(where, result, partial(self._end, run))
            else:
                self._end(run)

    def _run_apart(self, run: "_LatestRun") -> None:
        result = None
        try:
            result = self._call(run)
        finally:
            if result is not None and isawaitable(result):
                self._hooks.schedule(run.listener.where, result, partial(self._end, run))
            else:
                self._end(run)

    def _call(self, run: "_LatestRun") -> Any:
        with self._lock:
            run.has_values = True
        return run.listener.run(self._round(), run.reload)

    def _end(self, run: "_LatestRun") -> None:
        with self._lock:
            again, run.again, run.has_values = run.again, False, False
            if not again:
                del self._under_way[run.listener.identity]
        if again:
            self._begin(run)


class _LatestRun:
    """One listener that waits or runs."""

    __slots__ = ("again", "commit", "has_values", "listener", "reload")

    def __init__(self, listener: Listener, commit: CommitFunction | None, reload: Reloader | None) -> None:
        self.listener = listener
        self.commit = commit
        self.reload = reload
        self.has_values = False
        """Whether it runs, with the values that were there then."""
        self.again = False
        """Whether something changed since."""
