"""The state in a form that a widget's model and a saved notebook can hold: JSON values and bytes, of bounded size."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from jupyter_trame.given import check_texts
from jupyter_trame.protocol.readable import key_fault

__all__ = ["SNAPSHOT_SIZE", "NotPortableError", "SnapshotStore", "portable"]

SNAPSHOT_SIZE = 1 << 20
"""Bytes that a notebook holds of the state of one app, unless the app says otherwise."""

_OVERHEAD = 8
_JS_INT = 1 << 53


class NotPortableError(ValueError):
    """A value that has no JSON form."""


def portable(value: Any, *, binary: bool = True) -> tuple[Any, int]:
    """A copy of `value` in JSON types and bytes, and about how many bytes it takes.

    NaN and infinities become None, as in JavaScript's JSON, and keys that are numbers become text. Raises
    `ValueError` for the rest: numpy arrays, integers that JavaScript cannot hold, keys that no page reads; and for
    bytes unless `binary`.
    """
    match value:
        case None | bool():
            return value, _OVERHEAD
        case str():
            return value, _OVERHEAD + len(value)
        case int():
            if abs(value) >= _JS_INT:
                raise NotPortableError(f"an integer of {value.bit_length()} bits, where JavaScript has 53")
            return int(value), _OVERHEAD
        case float():
            return (float(value) if math.isfinite(value) else None), _OVERHEAD
        case bytes() | bytearray() | memoryview() if binary:
            data = bytes(value)
            return data, _OVERHEAD + len(data)
        case list() | tuple():
            items = [portable(item, binary=binary) for item in value]
            return [item for item, _ in items], _OVERHEAD + sum(size for _, size in items)
        case dict():
            members = {_portable_key(key): portable(member, binary=binary) for key, member in value.items()}
            if len(members) < len(value):
                raise NotPortableError("two keys that are the same in JavaScript")
            size = sum(_OVERHEAD + len(key) + size for key, (_, size) in members.items())
            return {key: member for key, (member, _) in members.items()}, _OVERHEAD + size
    raise NotPortableError(type(value).__qualname__)


def _portable_key(key: object) -> str:
    reason = key_fault(key)
    if reason is not None:
        raise NotPortableError(reason)
    return str(int(key) if isinstance(key, float) and key.is_integer() else key)


class SnapshotStore:
    """Follows the commits of one server. Not thread-safe: feed it on the owner's thread."""

    def __init__(self, *, max_size: int, exclude: Collection[str] = (), binary: bool = True) -> None:
        """`max_size` in bytes; without `binary`, values that are or have bytes are left out."""
        self._max_size = max_size
        self._binary = binary
        self._exclude = frozenset(check_texts("snapshot_exclude", exclude))
        self._dirty: dict[str, Any] = {}
        self._values: dict[str, tuple[Any, int]] = {}

    def update(self, changes: Mapping[str, Any]) -> None:
        """Take `changes` in; they are copied when the next `build` looks at them."""
        self._dirty.update((key, value) for key, value in changes.items() if key not in self._exclude)

    def build(self) -> dict[str, Any]:
        """The state, smallest values first until the size is used up."""
        for key, value in self._dirty.items():
            try:
                self._values[key] = portable(value, binary=self._binary)
            except ValueError:
                self._values.pop(key, None)
        self._dirty.clear()
        room = self._max_size
        state: dict[str, Any] = {}
        for key, (value, size) in sorted(self._values.items(), key=lambda item: item[1][1]):
            room -= size + len(key)
            if room < 0:
                break
            state[key] = value
        return state
