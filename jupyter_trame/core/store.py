"""The values that all states of one server tree share, under the root's names, and the flush."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from threading import RLock, get_ident
from typing import Any, TypeAlias

from jupyter_trame.core.drawings import Drawings
from jupyter_trame.core.hints import Hints
from jupyter_trame.core.in_place import UNCHANGING, Fingerprint, InPlace
from jupyter_trame.core.listener_runs import ListenerRuns
from jupyter_trame.core.listeners import (
    Callback,
    CommitFunction,
    Listener,
    ListenerHooks,
    ListenerRegistry,
    Reloader,
    Round,
    name_of,
    reports_missing,
)
from jupyter_trame.core.unsent import Unsent
from jupyter_trame.core.utils import check_name
from jupyter_trame.core.values import Equality
from jupyter_trame.showing.ahead import using
from jupyter_trame.showing.forms import form_of

__all__ = ["CommitFunction", "Store", "Watcher"]

Watcher: TypeAlias = Callable[[Mapping[str, Any]], object]
"""Gets each round's changes (keys of the root) before its listeners, and nothing when the flush ends."""

MAX_ROUNDS = 1000
"""A flush ends after so many rounds: listeners that still change something then will hardly ever stop."""

_MISSING = object()


class Store:
    """Two layers of values, `pushed` and `pending`, and the marks that say whose listeners are due.

    Writes and flushes are safe on any thread. `lock` is held while a round is taken and committed, so rounds
    have one order, and never while a listener runs. Reads take no lock: a value is put where it goes before
    it is taken from where it was.
    """

    __slots__ = (
        "_committing",
        "_deferred",
        "_flushing",
        "_hints",
        "_in_place",
        "_late",
        "_marks",
        "_modified",
        "_runs",
        "_suppressions",
        "_unsent",
        "_watchers",
        "drawings",
        "equal",
        "hooks",
        "lock",
        "pending",
        "pushed",
        "ready",
        "registry",
    )

    def __init__(
        self, *, equal: Equality, hooks: ListenerHooks, ready: bool, in_place: bool, hints: Hints | None
    ) -> None:
        self.lock = RLock()
        self.equal = equal
        self.hooks = hooks
        self.ready = ready
        """Nothing is flushed before."""
        self.pushed: dict[str, Any] = {}
        """What everybody knows. The same dict for the whole life of the store."""
        self.pending: dict[str, Any] = {}
        """What the next round will tell."""
        self.drawings = Drawings()
        """What takes long to be sent is made before `lock` is held for it."""
        self.registry = ListenerRegistry()
        self._in_place = InPlace() if in_place else None
        self._hints = hints
        self._unsent = Unsent(
            hooks, lambda: self.pending if self.ready and not self.drawings.unfinished() else {}
        )
        self._unsent.is_watching = hints is None
        look = None if self._in_place is None else self._in_place.look
        self._runs = ListenerRuns(hooks, lambda: Round(self.pushed, self.lock, look), self.flush)
        self._marks: dict[str, None] = {}
        self._late: dict[str, bool] = {}
        """Keys committed by other threads whose listeners have not run yet -> are their listeners due?"""
        self._deferred = False
        self._modified: Mapping[str, Any] = {}
        self._flushing = False
        self._committing = False
        self._suppressions: list[tuple[int, frozenset[str]]] = []
        self._watchers: list[Watcher] = []

    # Values

    def get(self, key: str) -> Any:
        """The newest value of `key`, None if there is none."""
        value = self.pending.get(key, _MISSING)
        if value is _MISSING:
            value = self.pushed.get(key, _MISSING)
            if type(value) not in UNCHANGING:
                return self._get_other(key, value)
        return value

    def _get_other(self, key: str, value: Any) -> Any:
        """The rest of `get`, for a value that can change or is missing."""
        if value is _MISSING:
            if self._hints is not None and self._hints.is_new(key):
                self._hints.read(key, [*self.pushed, *self.pending])
            return None
        if self._in_place is not None:
            self._in_place.look(key)
        return value

    def put(self, key: str, value: Any) -> None:
        """Make `value` pending; back to the pushed value means that nothing is pending any more."""
        with self.lock:
            self._put(key, value)

    def put_all(self, values: Iterable[tuple[str, Any]]) -> None:
        """`put` many."""
        with self.lock:
            for key, value in values:
                self._put(key, value)

    def _put(self, key: str, value: Any) -> None:
        pushed = self.pushed
        if key in pushed and self.equal(pushed[key], value) and self._replace(key, value):
            if key in self.pending:
                del self.pending[key]
                self._marks.pop(key, None)
                self.drawings.outdate(key)
        else:
            if type(key) is not str:
                check_name(key, 'state["x"]')
            self.pending[key] = value
            self._mark(key)

    def _replace(self, key: str, value: Any) -> bool:
        """Make `value` the pushed one, which equals it; False if that one was changed in place meanwhile."""
        kind = type(value)
        if kind in UNCHANGING:
            return True
        old = self.pushed[key]
        # Whoever sets a figure again has drawn in it, and nobody could see that.
        if old is value and (form := form_of(kind)) is not None and form.changes:
            return False
        in_place = self._in_place
        if in_place is None:
            return True
        if old is not value:
            if not in_place.replaces(key, old, value):
                return False
            self.pushed[key] = value
        in_place.look(key)
        return True

    def set_default(self, key: str, value: Any) -> Any:
        """The value of `key`, which becomes `value` if it has none; the pushed one comes before the pending."""
        pushed = self.pushed.get(key, _MISSING)
        if pushed is _MISSING:
            with self.lock:
                pushed = self.pushed.get(key, _MISSING)
                if pushed is _MISSING:
                    check_name(key, 'state.setdefault("x", 0)')
                    value = self.pending.setdefault(key, value)
                    self._mark(key)
                    return value
        return pushed if type(pushed) in UNCHANGING else self._get_other(key, pushed)

    def touch(self, key: str) -> None:
        """Make the value of `key` pending although it is not new."""
        with self.lock:
            if key not in self.pending:
                check_name(key, 'state.dirty("x")')
                self.pending[key] = self.pushed.get(key)
            self._mark(key)

    def _mark(self, key: str) -> None:
        if self.drawings.known:
            self.drawings.outdate(key)
        if not self._suppressions or not self._is_suppressed(key):
            self._marks[key] = None
        if not self._unsent.is_watching:
            self._unsent.watch()

    def clean(self, key: str) -> None:
        """Take the pending value of `key` for pushed: nobody is told."""
        with self.lock:
            if key in self.pending:
                value = self.pushed[key] = self.pending[key]
                if self._in_place is not None:
                    self._in_place.commit((key,), self._in_place.describe({key: value}))
                del self.pending[key]
                self._marks.pop(key, None)
                self.drawings.outdate(key)

    def snapshot(self) -> dict[str, Any]:
        """All values, pending ones on top of pushed ones. Not to be changed: it may be `pushed` itself."""
        with self.lock:
            return {**self.pushed, **self.pending} if self.pending else self.pushed

    @property
    def modified(self) -> set[str]:
        """The keys of the round whose listeners are running, or of the last one."""
        return set(self._modified)

    # Who is told

    def suppress(self, keys: Iterable[str]) -> tuple[int, frozenset[str]]:
        """From now on this thread's changes of `keys` (none: of all) mark nothing, until `end_suppression`."""
        suppression = (get_ident(), frozenset(keys))
        with self.lock:
            self._notice()  # of what was changed before
            self._suppressions.append(suppression)
        return suppression

    def end_suppression(self, suppression: tuple[int, frozenset[str]]) -> None:
        """Undo `suppress`, given what it returned."""
        with self.lock:
            self._notice()
            self._suppressions.remove(suppression)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` on the owner thread in each flush, for suppressed changes too; returns what ends it."""
        with self.lock:
            self._watchers.append(watcher)
        return partial(self._unwatch, watcher)

    def _unwatch(self, watcher: Watcher) -> None:
        with self.lock:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

    def _is_suppressed(self, key: str) -> bool:
        thread = get_ident()
        return any(owner == thread and (not keys or key in keys) for owner, keys in self._suppressions)

    # Flush

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

    def _notice(self) -> None:
        """Make pending what was changed in place. Needs the lock."""
        # While a round is committed, its values are pushed and their fingerprints are not.
        if self._in_place is not None and self._in_place.looked and not self._committing:
            for key in self._in_place.changed(self.pushed):
                if key not in self.pending:
                    self.pending[key] = self.pushed[key]
                    self._mark(key)

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
        before = {} if commit is None else {key: pushed.get(key, _MISSING) for key in taken}
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
            if value is _MISSING:
                del self.pushed[key]
            else:
                self.pushed[key] = value

    def hint_at_listeners(self) -> None:
        """Name the listeners that wait for a key which does not exist, if that looks like a slip."""
        if self._hints is not None:
            with self.lock:
                known = self.snapshot()
                for key, listeners in self.registry.callbacks.items():
                    hinted = [entry for entry in listeners if not reports_missing(*entry, key)]
                    if hinted and key not in known:
                        self._hints.listened(key, known, name_of(hinted[0][0]))

    def _raise_unsettled(self) -> None:
        keys = ", ".join(sorted(self.pending))
        raise RuntimeError(
            f"listeners still change the state after {MAX_ROUNDS} rounds of one flush; pending: {keys}"
        )
