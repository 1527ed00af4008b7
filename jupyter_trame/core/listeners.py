"""Who wants to know of a change, in which order they are told, and how code of users is called."""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from inspect import isawaitable, iscoroutine, iscoroutinefunction
from threading import RLock
from types import MethodType
from typing import Any, Protocol, Self, TypeAlias, cast
from weakref import WeakMethod

from jupyter_trame.core.arguments import Arguments, arguments_of, identity_of, refuse
from jupyter_trame.core.in_place import UNCHANGING
from jupyter_trame.core.translator import Translator

__all__ = [
    "Callback",
    "CommitFunction",
    "InlineHooks",
    "Listener",
    "ListenerHooks",
    "ListenerRegistry",
    "Reloader",
    "Round",
    "current",
    "name_of",
    "report_missing",
    "reports_missing",
]

Callback: TypeAlias = Callable[..., Any]

Reloader: TypeAlias = Callable[[Callback], Callback]
"""Gives the newest version of a function; asked before each call where hot reload is on."""

CommitFunction: TypeAlias = Callable[[dict[str, Any]], object]
"""Sends one round of changes; gets the keys of the root and must not keep or change the dict."""

_logger = logging.getLogger(__name__)


class ListenerHooks(Protocol):
    """What the core needs from the process it lives in: a guard, an event loop and a thread.

    `defer` and `owns_thread` are called on any thread, the others wherever a callback is due.
    """

    def call(self, where: str, fn: Callback, /, *args: Any, **kwargs: Any) -> Any:
        """Run `fn` and return its result, or report its exception as one in `where` and return None.

        Every callback of a user that has no caller of its own goes through here.
        """

    def call_concurrently(self, where: str, fn: Callback, /, *args: Any, **kwargs: Any) -> object:
        """Run `fn` off the owner thread, so that it runs while the owner is busy; does not wait for it.

        An exception is reported, an awaitable result is scheduled, as after `call`.
        """

    def schedule(
        self, where: str, awaitable: Awaitable[Any], /, on_end: Callable[[], object] | None = None
    ) -> object:
        """Have `awaitable` run to its end on the owner loop, exceptions reported.

        `on_end` is called there when it is over, however it ended. Returns the task, where there is one already.
        """

    def owns_thread(self) -> bool:
        """Is this the thread on which listeners run?"""

    def defer(self, fn: Callable[[], object], /) -> object:
        """Have `fn` run on the owner thread soon; does not wait for it."""

    def call_later(self, seconds: float, fn: Callable[[], object], /) -> object:
        """Have `fn` run on the owner thread in `seconds`, where a loop turns there."""

    def advise(self, where: str, message: str, /) -> object:
        """Tell the user, once, what looks like a mistake in `where`."""


class InlineHooks:
    """Runs everything at once in the calling thread and logs what goes wrong."""

    __slots__ = ()

    def call(self, where: str, fn: Callback, /, *args: Any, **kwargs: Any) -> Any:
        """Run `fn`; an exception is logged."""
        try:
            return fn(*args, **kwargs)
        except Exception:
            _logger.exception("exception in %s", where)
            return None

    def call_concurrently(self, where: str, fn: Callback, /, *args: Any, **kwargs: Any) -> None:
        """Run `fn` here and now."""
        result = self.call(where, fn, *args, **kwargs)
        if isawaitable(result):
            self.schedule(where, result)

    def schedule(
        self, where: str, awaitable: Awaitable[Any], /, on_end: Callable[[], object] | None = None
    ) -> object:
        """Log that there is no loop to run `awaitable` on, which is over then."""
        _logger.error("no event loop to run %s on", where)
        if iscoroutine(awaitable):
            awaitable.close()
        if on_end is not None:
            on_end()
        return None

    def owns_thread(self) -> bool:
        """Say yes: every thread runs its own listeners."""
        return True

    def defer(self, fn: Callable[[], object], /) -> None:
        """Run `fn` now."""
        fn()

    def call_later(self, seconds: float, fn: Callable[[], object], /) -> None:
        """Drop `fn`: there is no loop."""

    def advise(self, where: str, message: str, /) -> None:
        """Log it."""
        _logger.warning("%s: %s", where, message)


def current(fn: Callback, reload: Reloader | None) -> Callback | None:
    """The function to call for `fn`: its newest version; for a weak method the method, None if it is gone."""
    if isinstance(fn, WeakMethod):
        method = fn()
        if method is None:
            return None
        fn = cast("Callback", method)
    if reload is not None and not iscoroutinefunction(fn):
        return reload(fn)
    return fn


def name_of(fn: Callback) -> str:
    """How a message calls `fn`."""
    target = fn() if isinstance(fn, WeakMethod) else fn
    module = getattr(target, "__module__", None)
    name = getattr(target, "__qualname__", None) or type(target).__qualname__
    # What is written in a notebook or a script has no module that its author knows of.
    return f"{module}.{name}" if isinstance(module, str) and module != "__main__" else str(name)


def report_missing(fn: Callback, keys: Collection[str]) -> None:
    """Note that the listener `fn` itself fails without one of `keys`, so that no hint has to tell of them."""
    cast("Any", fn).jupyter_trame_reports = frozenset(keys)


def reports_missing(fn: Callback, translator: Translator, key: str) -> bool:
    """Whether `report_missing` was told of the root-level `key` for `fn`, whose names `translator` translates."""
    keys = getattr(fn, "jupyter_trame_reports", None)
    # Of a mock every attribute is there.
    return isinstance(keys, frozenset) and any(translator.translate_key(name) == key for name in keys)


class Round:
    """What the listeners of one flush round are given: the pushed values, under the names of each translator.

    They are translated at most once a translator, and not at all where nobody looks at more than single keys.
    """

    __slots__ = ("_lock", "_look", "_pushed", "_translated")

    def __init__(
        self, pushed: Mapping[str, Any], lock: RLock, look: Callable[[str], object] | None = None
    ) -> None:
        """`look` is told the keys of values that can change, when a listener gets them by name."""
        self._pushed = pushed
        self._lock = lock
        self._look = look
        self._translated: dict[int, Mapping[str, Any]] = {}

    def values(self, translator: Translator) -> Mapping[str, Any]:
        """Everything `translator` has a name for. To be unpacked into a call, which copies it."""
        if not translator.active:
            return self._pushed
        values = self._translated.get(id(translator))
        if values is None:
            with self._lock:  # another thread may push in between
                values = translator.reverse_translate_dict(self._pushed)
            self._translated[id(translator)] = values
        return values

    def pick(self, translator: Translator, names: Iterable[str]) -> dict[str, Any]:
        """Those of `names` that `values` has; the cost does not depend on the number of keys."""
        pushed, look = self._pushed, self._look
        picked = {}
        for name in names:
            key = name
            if translator.active:
                key = translator.translate_key(name)
                if translator.reverse_translate_key(key) != name:
                    continue
            value = pushed.get(key, self)
            if value is self:
                continue
            picked[name] = value
            if look is not None and type(value) not in UNCHANGING:
                look(key)
        return picked


class Listener(tuple[Callback, Translator]):  # noqa: SLOT001 - the cached properties need a dict
    """A function and the translator of the state it was registered on; packages for trame expect a tuple."""

    concurrent: bool
    """Does it run off the owner thread?"""
    latest: bool
    """Does it run once for all that changes while it is busy?"""
    runs_at_once: bool
    """Is it neither of these?"""
    _known: tuple[object, Arguments] = (None, Arguments((), frozenset(), all=False))
    """The function that was looked at last, and what it takes."""

    def __new__(
        cls, fn: Callback, translator: Translator, *, concurrent: bool = False, latest: bool = False
    ) -> Self:
        listener = super().__new__(cls, (fn, translator))
        listener.concurrent, listener.latest = concurrent, latest
        listener.runs_at_once = not (concurrent or latest)
        return listener

    def inspect(self) -> None:
        """Read now what the function takes. Raises TypeError where it cannot be given values by name."""
        fn = current(self[0], None)
        if fn is not None:
            self._arguments(fn)

    @cached_property
    def identity(self) -> object:
        """Equal for two registrations of the same function."""
        try:
            hash(self)
        except TypeError:
            return (id(self[0]), self[1])
        return (self[0], self[1])

    @cached_property
    def where(self) -> str:
        """How a message calls this listener."""
        return f"change listener {name_of(self[0])}"

    def run(self, values: Round, reload: Reloader | None = None) -> Any:
        """Call the function with the state as keyword arguments; a method whose object is gone is skipped."""
        bound = self.bind(values, reload)
        return None if bound is None else bound[0](**bound[1])

    def bind(
        self, values: Round, reload: Reloader | None = None
    ) -> tuple[Callback, Mapping[str, Any]] | None:
        """The function and the keyword arguments that it is to be called with; None if its object is gone.

        Raises `MissingArgumentError` where it names a value that is not there.
        """
        fn = current(self[0], reload)
        if fn is None:
            return None
        names, required, wants_all = self._arguments(fn)
        given = values.pick(self[1], names)
        if len(given) < len(names) and not required <= given.keys():
            refuse(name_of(fn), required - given.keys(), values.values(self[1]))
        if not wants_all:
            return fn, given
        everything = values.values(self[1])
        if type(fn) is MethodType and (own := _first_parameter(fn)) in everything:
            # A key called ``self``: the method cannot be given it.
            everything = {name: value for name, value in everything.items() if name != own}
        return fn, everything

    def _arguments(self, fn: Callback) -> Arguments:
        # IPython's autoreload gives functions a new code.
        identity = getattr(fn, "__code__", None) or identity_of(fn)
        known = self._known
        if known[0] is not identity:
            known = self._known = (identity, arguments_of(fn, "change listener"))
        return known[1]


def _first_parameter(method: MethodType) -> str | None:
    """What a method calls its object, unless it may have a keyword argument of that name beside it."""
    code = getattr(method, "__code__", None)
    return (
        code.co_varnames[0] if code is not None and code.co_argcount > code.co_posonlyargcount == 0 else None
    )


class ListenerRegistry:
    """The listeners of each key, in the order of their registration. Callers hold the lock of the state."""

    __slots__ = ("_special", "callbacks")

    def __init__(self) -> None:
        self.callbacks: dict[str, list[tuple[Callback, Translator]]] = {}
        """Key of the root -> ``(function, translator)``. Packages for trame take entries out, put some in, and
        write plain tuples in place of ours.
        """
        self._special: dict[object, Listener] = {}
        """Listeners that run in another way, by identity: a plain tuple does not say so."""

    def add(self, key: str, listener: Listener) -> None:
        """Tell `listener` of changes of the root-level `key`; twice is as good as once."""
        self.callbacks.setdefault(key, []).append(listener)
        if not listener.runs_at_once:
            left = {
                self._listener(entry).identity for entries in self.callbacks.values() for entry in entries
            }
            self._special = {identity: one for identity, one in self._special.items() if identity in left}
            self._special[listener.identity] = listener

    def collect(self, keys: Iterable[str]) -> list[Listener]:
        """The listeners of `keys`, each once, by key and then by registration."""
        callbacks = self.callbacks
        found: dict[object, Listener] = {}
        for key in keys:
            entries = callbacks.get(key)
            if entries:
                for index, entry in enumerate(entries):
                    if type(entry) is not Listener:
                        entry = entries[index] = self._listener(entry)
                    found.setdefault(entry.identity, entry)
        return list(found.values())

    def waiting_in_vain(self, known: Collection[str]) -> Iterator[tuple[str, str]]:
        """Keys that are not `known`, each with the name of a listener which does not report that itself."""
        for key, entries in self.callbacks.items():
            silent = [entry for entry in entries if not reports_missing(*entry, key)]
            if silent and key not in known:
                yield key, name_of(silent[0][0])

    def _listener(self, entry: tuple[Callback, Translator]) -> Listener:
        if isinstance(entry, Listener):
            return entry
        listener = Listener(*entry)
        return self._special.get(listener.identity, listener)
