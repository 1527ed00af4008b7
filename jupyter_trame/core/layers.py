"""The values that all states of one server tree share, under the root's names, and which of them are news."""

from collections.abc import Iterable
from threading import RLock, get_ident
from typing import Any

from jupyter_trame.core.drawings import Drawings
from jupyter_trame.core.hints import Hints
from jupyter_trame.core.in_place import UNCHANGING, InPlace
from jupyter_trame.core.listeners import ListenerHooks
from jupyter_trame.core.unsent import FlushSoon, Unsent
from jupyter_trame.core.utils import check_name
from jupyter_trame.core.values import Equality
from jupyter_trame.showing.forms import form_of

__all__ = ["MISSING", "Layers"]

MISSING = object()
"""In place of a value where there is none."""


class Layers:
    """Two layers of values, `pushed` and `pending`, and the marks that say whose listeners are due.

    Writes are safe on any thread. Reads take no lock: a value is put where it goes before it is taken from where
    it was.
    """

    __slots__ = (
        "_committing",
        "_hints",
        "_in_place",
        "_marks",
        "_suppressions",
        "_unsent",
        "drawings",
        "equal",
        "lock",
        "pending",
        "pushed",
        "ready",
    )

    def __init__(
        self, *, equal: Equality, hooks: ListenerHooks, ready: bool, in_place: bool, hints: Hints | None
    ) -> None:
        self.lock = RLock()
        self.equal = equal
        self.ready = ready
        """Nothing is flushed before."""
        self.pushed: dict[str, Any] = {}
        """What everybody knows. The same dict for the whole life of the store."""
        self.pending: dict[str, Any] = {}
        """What the next round will tell."""
        self.drawings = Drawings()
        """What takes long to be sent is made before `lock` is held for it."""
        self._in_place = InPlace() if in_place else None
        self._hints = hints
        self._unsent: Unsent | FlushSoon = Unsent(
            hooks, lambda: self.pending if self.ready and not self.drawings.unfinished() else {}
        )
        self._unsent.is_watching = hints is None
        self._marks: dict[str, None] = {}
        self._committing = False
        """Whether a round is on its way from `pending` to those who are told."""
        self._suppressions: list[tuple[int, frozenset[str]]] = []

    def get(self, key: str) -> Any:
        """The newest value of `key`, None if there is none."""
        value = self.pending.get(key, MISSING)
        if value is MISSING:
            value = self.pushed.get(key, MISSING)
            if type(value) not in UNCHANGING:
                return self._get_other(key, value)
        return value

    def _get_other(self, key: str, value: Any) -> Any:
        """The rest of `get`, for a value that can change or is missing."""
        if value is MISSING:
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
        pushed = self.pushed.get(key, MISSING)
        if pushed is MISSING:
            with self.lock:
                pushed = self.pushed.get(key, MISSING)
                if pushed is MISSING:
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

    def _is_suppressed(self, key: str) -> bool:
        thread = get_ident()
        return any(owner == thread and (not keys or key in keys) for owner, keys in self._suppressions)

    def _notice(self) -> None:
        """Make pending what was changed in place. Needs the lock."""
        # While a round is committed, its values are pushed and their fingerprints are not.
        if self._in_place is not None and self._in_place.looked and not self._committing:
            for key in self._in_place.changed(self.pushed):
                if key not in self.pending:
                    self.pending[key] = self.pushed[key]
                    self._mark(key)
