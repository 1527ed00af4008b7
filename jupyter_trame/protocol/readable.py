"""Whether every client reads a document: asked of what leaves this process, and of what a client sends.

msgpack can say more than a browser reads. A key of a map is text or a number, and never ``__proto__``; an array and a
timestamp are what they say they are.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import msgpack

from jupyter_trame.protocol.arrays import ARRAY_TYPE, check_array
from jupyter_trame.types import Packed

__all__ = [
    "PartsError",
    "check_extension",
    "check_keys",
    "check_readable",
    "count_parts",
    "has_more_parts",
    "key_fault",
    "keys_fault",
    "place",
    "skip_extension",
]

_MAP, _TEXT, _NEVER, _ARRAY16, _NEGATIVE = 0x80, 0xA0, 0xC1, 0xDC, 0xE0
_EXTENSIONS = frozenset((0xC7, 0xC8, 0xC9, *range(0xD4, 0xD9)))
_PART_HEADS = bytes((*range(0x80, 0xA0), *range(0xDC, 0xE0)))
"""First bytes of maps and arrays."""
_SHOWN = 100
"""Characters of a key that are shown."""


class PartsError(Exception):
    """More arrays and maps than there may be."""


class _Map(list[Any]):
    """Keys and values of a map as they came, where a dict could not hold them."""


class _Broken:
    """Stands for an extension that cannot be read."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def check_readable(packed: Packed, *, extensions: bool = True) -> None:
    """Raises ValueError, which names the place and the reason, for a document that some client cannot read.

    At the speed of C. Without `extensions` one at the top is not looked at: it was packed here.
    """
    head = packed[0] if len(packed) else _NEVER
    if not (_MAP <= head < _TEXT or _ARRAY16 <= head < _NEGATIVE or head == _NEVER or head in _EXTENSIONS):
        return
    if head in _EXTENSIONS and not extensions:
        return
    try:
        _check(packed)
    except Exception as error:  # noqa: BLE001 - msgpack raises a dozen classes for input it cannot read
        # Its own words ("unhashable type") say less, and would stand above ours in what a user is shown.
        raise ValueError(_fault(packed) or str(error) or type(error).__name__) from None


def has_more_parts(packed: Packed, most: int) -> bool:
    """Whether a document has more than `most` arrays and maps; what is none may give either."""
    if len(packed) <= most:
        return False
    data = bytes(packed)
    # Most have too few bytes that could be one.
    return len(data) - len(data.translate(None, _PART_HEADS)) > most and count_parts(data, most) > most


def count_parts(packed: Packed, most: int) -> int:
    """How many arrays and maps a document has, ``most + 1`` for any more. None of them is kept meanwhile."""
    count = 0

    def found(_part: object) -> None:
        nonlocal count
        count += 1
        if count > most:
            raise PartsError

    # Whoever reads it finds out what is no document.
    with suppress(Exception):
        msgpack.unpackb(packed, list_hook=found, object_hook=found, ext_hook=skip_extension, **_OPTIONS)
    return count


def key_fault(key: object) -> str | None:
    """Why `key` can be none of a map; None for one that can."""
    if isinstance(key, str):
        return "a map with the key '__proto__' is not for pages: rename it" if key == "__proto__" else None
    if isinstance(key, int | float) and not isinstance(key, bool):
        return None
    shown = f"{type(key).__qualname__} {key!r}"[:_SHOWN]
    return f"a map's key must be text or a number, got {shown}: convert it with str()"


def keys_fault(keys: Collection[object]) -> str | None:
    """Why `keys` cannot be those of one map; None if they can."""
    owners: dict[str, object] = {}
    for key in keys:
        reason = key_fault(key)
        if reason is not None:
            return reason
        # What a property of a JavaScript object is called.
        name = str(int(key) if isinstance(key, float) and key.is_integer() else key)
        other = owners.setdefault(name, key)
        if type(other) is not type(key):
            return f"the keys {other!r} and {key!r} of a map are the same in JavaScript: convert one of them"
    return None


def check_keys(found: Collection[Any]) -> None:
    """Raises ValueError, with the reason, for keys that cannot be those of one map."""
    with suppress(TypeError):
        "".join(found)  # the fastest way to ask whether all are text
        if "__proto__" not in found:
            return
    reason = keys_fault(found)
    if reason is not None:
        raise ValueError(reason)


def check_extension(code: int, data: bytes) -> None:
    """Raises ValueError for an array that cannot be read."""
    if code == ARRAY_TYPE:
        check_array(data)


def place(path: Sequence[object]) -> str:
    """The words for `path` before a reason: ``at ['a'][3]: ``, and none for the value itself."""
    return f"at {''.join(f'[{step!r}]' for step in path)}: " if path else ""


def skip_extension(_code: int, _data: bytes) -> None:
    """For whoever needs no value of an extension."""


def _keep_fault(code: int, data: bytes) -> _Broken | None:
    try:
        check_extension(code, data)
    except ValueError as error:
        return _Broken(str(error))
    return None


def _fault(packed: Packed) -> str | None:
    """Place and reason of the first part that cannot be read; None where it is no msgpack at all."""
    try:
        todo: list[tuple[tuple[object, ...], Any]] = [((), _keep(packed))]
    except Exception:  # noqa: BLE001 - as in check_readable
        return None
    while todo:
        path, value = todo.pop()
        if isinstance(value, _Broken):
            return place(path) + value.reason
        if isinstance(value, _Map):
            reason = keys_fault([key for key, _ in value])
            if reason is not None:
                return place(path) + reason
            todo += [((*path, key), member) for key, member in reversed(value)]
        elif isinstance(value, list):
            todo += [((*path, index), member) for index, member in reversed(list(enumerate(value)))]
    return None


# Bound once: of a small document the options would cost as much as the reading.
_OPTIONS: dict[str, Any] = {"strict_map_key": False, "unicode_errors": "replace"}
_check = partial(msgpack.unpackb, object_hook=check_keys, ext_hook=check_extension, **_OPTIONS)
_keep = partial(msgpack.unpackb, object_pairs_hook=_Map, ext_hook=_keep_fault, **_OPTIONS)
