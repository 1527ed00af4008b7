"""The flush of the values that all states of one server tree share: rounds of commits and their listeners."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeAlias

from jupyter_trame.core.hints import Hints
from jupyter_trame.core.in_place import UNCHANGING, Fingerprint
from jupyter_trame.core.layers import MISSING, Layers
from jupyter_trame.core.listener_runs import ListenerRuns
from jupyter_trame.core.listeners import (
    Callback,
    CommitFunction,
    Listener,
    ListenerHooks,
    ListenerRegistry,
    Reloader,
    Round,
)
from jupyter_trame.core.unsent import FlushSoon
from jupyter_trame.core.values import Equality
from jupyter_trame.showing.ahead import using

__all__ = ["CommitFunction", "Store", "Watcher"]

Watcher: TypeAlias = Callable[[Mapping[str, Any]], object]
"""Gets each round's changes (keys of the root) before its listeners, and nothing when the flush ends."""

MAX_ROUNDS = 1000
"""A flush ends after so many rounds: listeners that still change something then will hardly ever stop."""


class Store(Layers):
    """The layers of values, what listens to them, and the flush from one layer to the other.

    Flushes are safe on any thread. `lock` is held while a round is taken and committed, so rounds have one order,
    and never while a listener runs.
    """

    __slots__ = ("_deferred", "_flushing", "_late", "_modified", "_runs", "_watchers", "hooks", "registry")

    def __init__(
        self, *, equal: Equality, hooks: ListenerHooks, ready: bool, in_place: bool, hints: Hints | None
    ) -> None:
        super().__init__(equal=equal, hooks=hooks, ready=ready, in_place=in_place, hints=hints)
        self.hooks = hooks
        self.registry = ListenerRegistry()
        look = None if self._in_place is None else self._in_place.look
        self._runs = ListenerRuns(hooks, lambda: Round(self.pushed, self.lock, look), self.flush)
        self._late: dict[str, bool] = {}
        """Keys committed by other threads whose listeners have not run yet -> are their listeners due?"""
        self._deferred = False
        self._modified: Mapping[str, Any] = {}
        self._flushing = False
        self._watchers: list[Watcher] = []

    @property
    def modified(self) -> set[str]:
        """The keys of the round whose listeners are running, or of the last one."""
        return set(self._modified)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` on the owner thread in each flush, for suppressed changes too; returns what ends it."""
        with self.lock:
            self._watchers.append(watcher)
        return partial(self._unwatch, watcher)

    def _unwatch(self, watcher: Watcher) -> None:
        with self.lock:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

    def flush_soon(self, flush: Callable[[], object]) -> None:
        """From now on `flush()` runs on the owner thread soon after a value was set, whoever set it."""
        self._unsent = FlushSoon(self.hooks, flush)

    def flush(self, commit: CommitFunction | None, reload: Reloader | None = None) -> set[str] | None:
        """Commit what is pending and run its listeners, until nothing is pending; returns the keys committed.

        None: not ready, or called from within a flush of this thread, which will take care of it. On a thread
        that is not the owner's, values are committed at once and their listeners are deferred to the owner.

        Raises what `commit` raises; the values of that round are pending again then.
        """
        if not self.ready:
            return None
        self._draw()
        if not self.hooks.owns_thread():
            return self._flush_apart(commit, reload)
        flushed: set[str] = set()
        with self.lock:
            if self._flushing or self._committing:
                return None
            self._flushing = True
            try:
                due = self._next_round(flushed, commit)
            except BaseException:
                self._flushing = False
                raise
            if due is None:
                self._flushing = False
                return flushed
        self._run_rounds(due, flushed, commit, reload)
        return flushed

    def _flush_apart(self, commit: CommitFunction | None, reload: Reloader | None) -> set[str] | None:
        flushed: set[str] = set()
        try:
            with self.lock:
                if self._committing:
                    return None
                while self._has_pending():
                    taken, marks = self._take()
                    self._commit(taken, marks, flushed, commit)
                    if self._watchers or self._listeners(marks):
                        self._late.update(dict.fromkeys(marks, True))
                        for key in taken:
                            self._late.setdefault(key, False)
        finally:
            # One call for all that comes until the owner has time: listeners get the newest values only.
            if self._late and not self._deferred:
                self._deferred = True
                self.hooks.defer(partial(self._flush_late, commit, reload))
        return flushed

    def _flush_late(self, commit: CommitFunction | None, reload: Reloader | None) -> None:
        self._deferred = False
        self.hooks.call("flush", self.flush, commit, reload)

    def _run_rounds(
        self, due: list[Listener], flushed: set[str], commit: CommitFunction | None, reload: Reloader | None
    ) -> None:
        """Run the listeners `due` and all further rounds; `_flushing` is set, and reset in the end."""
        rounds = 0
        try:
            while True:
                self._tell_watchers(self._modified)
                self._runs.run(due, commit, reload)
                rounds += 1
                self._draw()
                with self.lock:
                    next_due = self._next_round(flushed, commit) if rounds < MAX_ROUNDS else None
                    if next_due is None:
                        # Within the lock: what a refused flush wanted pushed must have been seen here.
                        self._flushing = False
                        break
                due = next_due
        except BaseException:
            self._flushing = False
            raise
        self._tell_watchers({})
        if rounds == MAX_ROUNDS and self.pending:
            self.hooks.call("flush", self._raise_unsettled)

    def _tell_watchers(self, changes: Mapping[str, Any]) -> None:
        for watcher in self._watchers.copy():
            self.hooks.call("watcher of the state", watcher, changes)

    def _next_round(self, flushed: set[str], commit: CommitFunction | None) -> list[Listener] | None:
        """Commit one round, or more while nobody listens; None when nothing is left to do. Needs the lock."""
        while self._has_pending() or self._late:
            if self._late:
                late, self._late = self._late, {}
                self._modified = late
                due = self._listeners(key for key, marked in late.items() if marked)
            else:
                self._modified, marks = self._take()
                self._commit(self._modified, marks, flushed, commit)
                due = self._listeners(marks)
            if due or self._watchers:
                return due
        return None

    def _listeners(self, keys: Iterable[str]) -> list[Listener]:
        return self.registry.collect(keys) if self.registry.callbacks else []

    def is_due(self, fn: Callback) -> bool:
        """Whether `fn`, a listener with ``latest=True``, is to run for something that has changed by now."""
        with self.lock:
            marks = [*self._marks, *(key for key, marked in self._late.items() if marked)]
            return any(due[0] == fn for due in self._listeners(marks)) or self._runs.is_waiting(fn)

    def _draw(self) -> None:
        if self._in_place is not None and self._in_place.looked:
            with self.lock:
                self._notice()
        self.drawings.make(self.pending)

    def _has_pending(self) -> bool:
        """Whether there is something to commit; what another thread draws is committed by that."""
        self._notice()
        if self.drawings.known:
            return not self.drawings.unfinished().issuperset(self.pending)
        return bool(self.pending)

    def _take(self) -> tuple[dict[str, Any], dict[str, None]]:
        """The next round, and its marks: what is pending but for what is being drawn. Needs the lock."""
        taken, marks = self.pending, self._marks
        if self.drawings.known and (unfinished := self.drawings.unfinished()):
            taken = {key: value for key, value in taken.items() if key not in unfinished}
            marks = {key: None for key in marks if key not in unfinished}
        return taken, marks

    def _commit(
        self,
        taken: dict[str, Any],
        marks: dict[str, None],
        flushed: set[str],
        commit: CommitFunction | None,
    ) -> None:
        """Move what was `taken`, with its `marks`, to `pushed` and hand it to `commit`. Needs the lock."""
        pushed = self.pushed
        # Before they leave: what changes at the same time on another thread is news then.
        in_place, described = self._in_place, dict[str, Fingerprint]()
        if in_place is not None and not UNCHANGING.issuperset(map(type, taken.values())):
            described = in_place.describe(taken)
        before = {} if commit is None else {key: pushed.get(key, MISSING) for key in taken}
        known = len(pushed)
        pushed.update(taken)
        # Other dicts: who reads without the lock sees the old one or the new one.
        if taken is self.pending:
            self.pending, self._marks = {}, {}
        else:
            self._marks = {key: None for key in self._marks if key not in marks}
            self.pending = {key: value for key, value in self.pending.items() if key not in taken}
        ahead = self.drawings.take(taken) if self.drawings.known else None
        if len(pushed) > known and self._hints is not None:
            self._hints.named(taken)
        if commit is not None:
            # Only now: what `commit` itself sets (an error it reports, say) belongs to a round of its own.
            self._committing = True
            try:
                if ahead:
                    with using(ahead):
                        commit(taken)
                else:
                    commit(taken)
            except BaseException:
                self._take_back(taken, marks, before)
                raise
            finally:
                self._committing = False
        if in_place is not None and (described or not in_place.committed.keys().isdisjoint(taken)):
            in_place.commit(taken.keys(), described)
        flushed.update(taken)

    def _take_back(self, taken: dict[str, Any], marks: dict[str, None], before: dict[str, Any]) -> None:
        self.pending = taken | self.pending
        self._marks = marks | self._marks
        for key, value in before.items():
            if value is MISSING:
                del self.pushed[key]
            else:
                self.pushed[key] = value

    def hint_at_listeners(self) -> None:
        """Name the listeners that wait for a key which does not exist, if that looks like a slip."""
        if self._hints is not None:
            with self.lock:
                known = self.snapshot()
                for key, listener in self.registry.waiting_in_vain(known):
                    self._hints.listened(key, known, listener)

    def _raise_unsettled(self) -> None:
        keys = ", ".join(sorted(self.pending))
        raise RuntimeError(
            f"listeners still change the state after {MAX_ROUNDS} rounds of one flush; pending: {keys}"
        )
