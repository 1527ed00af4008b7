"""Functions that clients may call by name, and the marks by which packages for trame find them."""

from contextlib import suppress
from inspect import ismethod
from itertools import count
from threading import RLock
from typing import Any, cast

from jupyter_trame.core.listeners import Callback

__all__ = ["GENERATED", "Triggers", "note_trigger"]

GENERATED = "trigger__"
"""Names that `Controller.trigger_name` makes begin so; they are never translated."""


class Triggers:
    """Which function answers to which name, and under which names a function is known. Any thread."""

    __slots__ = ("_concurrent", "_functions", "_lock", "_names", "_numbers")

    def __init__(self) -> None:
        self._lock = RLock()
        self._functions: dict[str, Callback] = {}
        self._names: dict[object, dict[str, None]] = {}
        self._concurrent: set[str] = set()
        self._numbers = count(1)

    def function(self, name: str) -> Callback | None:
        """What `name` calls."""
        return self._functions.get(name)

    def names(self) -> list[str]:
        """All names, in the order in which they were bound."""
        return list(self._functions)

    def is_concurrent(self, name: str) -> bool:
        """Is what `name` calls to run off the owner thread?"""
        return name in self._concurrent

    def bind(self, name: str, fn: Callback, concurrent: bool = False) -> None:
        """Have `name` call `fn`, and nothing else any more."""
        with self._lock:
            self.unbind(name)
            if concurrent:
                self._concurrent.add(name)
            self._functions[name] = fn
            self._names.setdefault(_identity(fn), {})[name] = None

    def unbind(self, name: str) -> Callback | None:
        """Forget `name`; returns what it called."""
        with self._lock:
            fn = self._functions.pop(name, None)
            self._concurrent.discard(name)
            if fn is not None:
                names = self._names[_identity(fn)]
                del names[name]
                if not names:
                    del self._names[_identity(fn)]
            return fn

    def unbind_function(self, fn: Callback) -> str | None:
        """Forget all names of `fn`; returns the last one."""
        with self._lock:
            names = self._names.pop(_identity(fn), {})
            for name in names:
                del self._functions[name]
                self._concurrent.discard(name)
            return next(reversed(names), None)

    def last_name(self, fn: Callback) -> str | None:
        """The newest name of `fn`."""
        return next(reversed(self._names.get(_identity(fn), {})), None)

    def new_name(self) -> str:
        """A name that was not made before."""
        return f"{GENERATED}{next(self._numbers)}"


def _identity(fn: Callback) -> object:
    # Equality, so that obj.method is the same each time it is looked up.
    try:
        hash(fn)
    except TypeError:
        return id(fn)
    return fn


def note_trigger(fn: Callback, name: str) -> None:
    """Leave the mark by which packages for trame find triggers: on the function, or on a method's class."""
    if ismethod(fn):
        owner: Any = type(fn.__self__)
        attribute, value = "_trame_trigger_method_names", fn.__name__
    else:
        owner, attribute, value = fn, "_trame_trigger_names", name
    known = cast("list[str]", getattr(owner, attribute, []))
    if value in known:
        return
    if attribute in getattr(owner, "__dict__", ()):
        known.append(value)
        return
    with suppress(AttributeError, TypeError):  # built-in functions take no marks
        setattr(owner, attribute, [*known, value])
