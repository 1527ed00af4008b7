"""Values that are changed in place: ``state.items.append(1)`` sets nothing, and is noticed all the same.

A fingerprint of every value that can change is taken when it is committed. Whoever means to change it has to
look at it first: keys whose values were handed out since the last flush are compared with their fingerprints
at the next one. What cannot be noticed is a change through a reference that was kept from before the last
flush of the same thread, unless the key was read or set again since.

A fingerprint costs about as much as packing the value does (8 MB of array 1.5 ms, a list of 100 000 numbers
1 ms) and a few bytes of memory; a value that cannot change costs one look at its type. Looked into are list,
dict, tuple, set, frozenset and what is derived from them, dataclass instances, bytearray, memoryview and numpy
arrays. Any other object counts as the one it is, whatever becomes of its attributes.
"""

import datetime as dt
import decimal
import fractions
import pickle
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from threading import enumerate as enumerate_threads
from threading import get_ident
from types import BuiltinFunctionType, FunctionType, MethodType, NoneType
from typing import Any

__all__ = ["UNCHANGING", "Fingerprint", "InPlace", "fingerprint"]

UNCHANGING = frozenset(
    (
        *(NoneType, bool, int, float, complex, str, bytes, range),
        *(FunctionType, BuiltinFunctionType, MethodType),
        *(dt.date, dt.datetime, dt.time, dt.timedelta, dt.timezone),
        *(decimal.Decimal, fractions.Fraction, uuid.UUID),
    )
)
"""Types whose instances never change."""

KEPT = 64
"""Bytes; a longer piece of a description is kept as its hash."""


class Fingerprint:
    """What a value held at a time. Two are equal if nothing changed in between."""

    __slots__ = ("_content", "_objects")

    def __init__(self, content: list[object], objects: list[object]) -> None:
        self._content = content
        # Kept alive, so that no other object can have their identity.
        self._objects = objects

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fingerprint) or self._content != other._content:
            return False
        mine, theirs = self._objects, other._objects
        return len(mine) == len(theirs) and all(a is b for a, b in zip(mine, theirs, strict=True))

    __hash__ = None  # type: ignore[assignment]


class _Sink:
    """Gets what pickle writes, in pieces: large buffers as they are, the rest in frames of 64 kB."""

    __slots__ = ("content",)

    def __init__(self) -> None:
        self.content: list[object] = []

    def write(self, data: Any) -> None:
        """Keep what tells `data` from anything else."""
        # The hash of bytes has 64 bits and a secret key, and runs at 6 GB/s.
        self.content.append(bytes(data) if len(data) <= KEPT else (len(data), hash(bytes(data))))


class _Printer(pickle.Pickler):
    """Pickles to describe, never to be read: instances become ``object()`` with a state.

    pickle runs at the speed of C, knows values that hold themselves and memorises by identity, so that the
    same objects give the same bytes.
    """

    def __init__(self) -> None:
        self.sink = _Sink()
        self.objects: list[object] = []
        super().__init__(self.sink, 5)

    def reducer_override(self, obj: Any) -> Any:
        if obj is object:
            return NotImplemented
        kind = type(obj)
        content = _content(obj, kind)
        if content is not None:
            # As the state, which is described after the object is known: it may hold itself.
            self.objects.append(kind)
            return object, (), content
        self.objects.append(obj)
        return object, ()


def _content(value: Any, kind: type) -> tuple[Any, ...] | None:
    """What `value`, which is none of pickle's own types, holds; None if that cannot be known.

    Through the methods of the base types: those of a class derived from them may do anything.
    """
    if hasattr(kind, "__dataclass_fields__"):
        return tuple(getattr(value, field.name, None) for field in fields(value))
    if isinstance(value, dict):
        return tuple(dict.items(value))
    base: Any
    for base in (list, tuple, set, frozenset):
        if isinstance(value, base):
            return tuple(base.__iter__(value))
    if isinstance(value, bytearray | memoryview):
        return (bytes(value),)
    # Nobody can hold an array unless numpy was imported.
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.ndarray):
        return None
    if value.dtype.hasobject:
        return value.shape, value.tolist()
    return value.dtype.str, value.shape, value.tobytes(), getattr(value, "mask", None)


def fingerprint(value: object) -> Fingerprint | None:
    """The fingerprint of `value` as it is now; None if it cannot be looked into. Never raises."""
    printer = _Printer()
    try:
        printer.dump(value)
    except RecursionError:
        return None
    except RuntimeError:  # another thread is changing it: equal to no other fingerprint
        return Fingerprint([], [object()])
    except Exception:  # noqa: BLE001 - an attribute of a user's object may raise anything
        return None
    objects = printer.objects
    if len(objects) == 1 and objects[0] is value:
        return None
    return Fingerprint(printer.sink.content, objects)


class InPlace:
    """The fingerprints of what was committed, and the keys that were looked at since.

    `look` may be called on any thread; callers hold the lock of the state for everything else.
    """

    __slots__ = ("committed", "looked")

    def __init__(self) -> None:
        self.committed: dict[str, Fingerprint] = {}
        """By key; of values that can change only."""
        self.looked: dict[tuple[str, int], None] = {}
        """Keys and the threads that looked: what one of them does next is not over with another's flush."""

    def look(self, key: str) -> None:
        """The value of `key`, of a type that is not in `UNCHANGING`, is handed out."""
        self.looked[key, get_ident()] = None

    def describe(self, values: Mapping[str, Any]) -> dict[str, Fingerprint]:
        """Fingerprints of those of `values` that can change, for `commit`."""
        taken = {key: fingerprint(value) for key, value in values.items() if type(value) not in UNCHANGING}
        return {key: found for key, found in taken.items() if found is not None}

    def commit(self, keys: Iterable[str], described: Mapping[str, Fingerprint]) -> None:
        """The values of `keys` are what everybody knows; `described` is what `describe` said of them before."""
        committed = self.committed
        for key in committed.keys() & keys:
            del committed[key]
        committed.update(described)

    def changed(self, values: Mapping[str, Any]) -> Iterator[str]:
        """The keys whose values, out of `values`, are not what was committed any more.

        Forgets the looks of this thread, and of those that ended.
        """
        looked, own, threads = list(self.looked), get_ident(), None
        for look in looked:
            if look[1] != own:
                threads = threads or {thread.ident for thread in enumerate_threads()}
            if threads is None or look[1] == own or look[1] not in threads:
                del self.looked[look]
        for key in dict.fromkeys(key for key, _ in looked):
            if key in values and self._differs(key, values[key]):
                yield key

    def replaces(self, key: str, old: object, new: object) -> bool:
        """May `new`, which equals the committed value `old`, take its place, with its fingerprint?

        False: the change in place of `old` was not noticed yet, and makes `new` a change.
        """
        committed = self.committed.get(key)
        mark = None if committed is None else fingerprint(new)
        if committed is None or mark is None:
            return True
        if mark != committed and self._differs(key, old):
            return False
        self.committed[key] = mark
        return True

    def _differs(self, key: str, value: object) -> bool:
        committed = self.committed.get(key)
        # What cannot be looked into any more is left alone.
        return (
            committed is not None
            and type(value) not in UNCHANGING
            and fingerprint(value) not in (committed, None)
        )
