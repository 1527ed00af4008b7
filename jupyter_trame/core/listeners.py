"""Who wants to know of a change, in which order they are told, and how code of users is called."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cached_property
from inspect import CO_VARKEYWORDS, isawaitable, iscoroutine, iscoroutinefunction
from threading import RLock
from types import CodeType, FunctionType, MethodType
from typing import Any, Protocol, Self, TypeAlias, cast
from weakref import WeakMethod

from jupyter_trame.core.in_place import UNCHANGING
from jupyter_trame.core.translator import Translator
from jupyter_trame.core.unread import reads_rest

__all__ = [
    "InlineHooks",
    "Listener",
    "ListenerHooks",
    "ListenerRegistry",
    "Reloader",
    "Round",
    "current",
    "name_of",
    "names_seen",
]

Callback: TypeAlias = Callable[..., Any]

Reloader: TypeAlias = Callable[[Callback], Callback]
"""Gives the newest version of a function; asked before each call where hot reload is on."""

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

    def schedule(self, where: str, awaitable: Awaitable[Any], /) -> object:
        """Have `awaitable` run to its end on the owner loop, exceptions reported.

        Returns the task, where there is one already.
        """

    def owns_thread(self) -> bool:
        """Is this the thread on which listeners run?"""

    def defer(self, fn: Callable[[], object], /) -> object:
        """Have `fn` run on the owner thread soon; does not wait for it."""


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

    def schedule(self, where: str, awaitable: Awaitable[Any], /) -> object:
        """Log that there is no loop to run `awaitable` on."""
        _logger.error("no event loop to run %s on", where)
        if iscoroutine(awaitable):
            awaitable.close()
        return None

    def owns_thread(self) -> bool:
        """Say yes: every thread runs its own listeners."""
        return True

    def defer(self, fn: Callable[[], object], /) -> None:
        """Run `fn` now."""
        fn()


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
    return f"{module}.{name}" if isinstance(module, str) else str(name)


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

    def __new__(cls, fn: Callback, translator: Translator, concurrent: bool = False) -> Self:
        listener = super().__new__(cls, (fn, translator))
        listener.concurrent = concurrent
        return listener

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
        """The function and the keyword arguments that it is to be called with; None if its object is gone."""
        fn = current(self[0], reload)
        if fn is None:
            return None
        named, seen = self._signature(fn)
        given = values.pick(self[1], named)
        if seen:
            return fn, given
        everything = values.values(self[1])
        if type(fn) is MethodType and (own := _first_parameter(fn)) in everything:
            # A key called ``self``: the method cannot be given it.
            everything = {name: value for name, value in everything.items() if name != own}
        return fn, everything

    def _signature(self, fn: Callback) -> tuple[tuple[str, ...], bool]:
        """The names that `fn` takes, and whether it looks at no others."""
        code = getattr(fn, "__code__", None)
        # A function can be given a new code (IPython's autoreload does), so it is looked at in each call.
        known = self.__dict__.get("_known")
        if known is None or known[0] is not code:
            seen = names_seen(fn)
            named = _parameters(fn) if seen is None else seen
            known = self.__dict__["_known"] = (code, (named, seen is not None))
        return cast("tuple[tuple[str, ...], bool]", known[1])


def names_seen(fn: object) -> tuple[str, ...] | None:
    """The keyword arguments that `fn`, a function of the form ``f(a, b, **rest)``, can see, if it never looks
    at `rest`; else None. Why it matters is in `unread`.
    """
    code = _code(fn)
    if code is None or not code.co_flags & CO_VARKEYWORDS or reads_rest(code):
        return None
    return _parameters(fn)


def _parameters(fn: object) -> tuple[str, ...]:
    """The names that `fn` takes as keyword arguments and does not put into its rest."""
    code = _code(fn)
    if code is None:
        return ()
    positional = max(type(fn) is MethodType, code.co_posonlyargcount)
    return code.co_varnames[positional : code.co_argcount + code.co_kwonlyargcount]


def _first_parameter(method: MethodType) -> str | None:
    """What a method calls its object, unless it may have a keyword argument of that name beside it."""
    code = _code(method)
    return (
        code.co_varnames[0] if code is not None and code.co_argcount > code.co_posonlyargcount == 0 else None
    )


def _code(fn: object) -> CodeType | None:
    if type(fn) is MethodType:
        fn = fn.__func__
    # Compilers to C give their functions a code without instructions; those are of other types.
    return fn.__code__ if type(fn) is FunctionType else None


class ListenerRegistry:
    """The listeners of each key, in the order of their registration. Callers hold the lock of the state."""

    __slots__ = ("_concurrent", "callbacks")

    def __init__(self) -> None:
        self.callbacks: dict[str, list[tuple[Callback, Translator]]] = {}
        """Key of the root -> ``(function, translator)``. Packages for trame take entries out, put some in, and
        write plain tuples in place of ours.
        """
        self._concurrent: set[object] = set()
        """Identities of concurrent listeners, which a plain tuple does not keep."""

    def add(self, key: str, fn: Callback, translator: Translator, concurrent: bool = False) -> None:
        """Tell `fn` of changes of the root-level `key`; twice is as good as once."""
        listener = Listener(fn, translator, concurrent)
        self.callbacks.setdefault(key, []).append(listener)
        if concurrent:
            left = {
                self._listener(entry).identity for entries in self.callbacks.values() for entry in entries
            }
            self._concurrent = {identity for identity in self._concurrent if identity in left}
            self._concurrent.add(listener.identity)

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

    def _listener(self, entry: tuple[Callback, Translator]) -> Listener:
        if isinstance(entry, Listener):
            return entry
        listener = Listener(*entry)
        listener.concurrent = listener.identity in self._concurrent
        return listener
