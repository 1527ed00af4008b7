"""Values that hold large buffers are packed with one copy of those: msgpack makes two or three, which all are memory.

Only what lies near the top is looked at, so that the look costs nothing where there is nothing.
"""

import struct
import sys
from collections.abc import Callable
from typing import Any

from jupyter_trame.protocol.arrays import ARRAY_TYPE, array_parts
from jupyter_trame.types import Packed

__all__ = ["holds_large", "map_header", "pack_large"]

_LARGE = 1 << 20
"""Bytes of a buffer that is not copied twice."""
_MANY = 64
"""Members of a container beyond which it is not looked into."""
_VISITS = 256
"""Values that are looked at."""
_LIMIT = 1 << 32
"""Bytes that no bin and no extension has."""

_BUFFERS = frozenset((bytes, bytearray, memoryview))


class _NotHereError(Exception):
    """The value is for msgpack, which finds out what is wrong with it."""


def holds_large(value: Any) -> bool:
    """Whether a large buffer is found in `value`."""
    waiting, left = [value], _VISITS
    while waiting and left:
        item = waiting.pop()
        left -= 1
        kind = type(item)
        if kind is dict:
            if len(item) <= _MANY:
                waiting.extend(item.values())
        elif kind is list or kind is tuple:
            if len(item) <= _MANY:
                waiting.extend(item)
        elif _is_large(item, kind):
            return True
    return False


def pack_large(value: Any, pack: Callable[[Any], bytes]) -> bytes | None:
    """`value` packed as `pack` does it, which is called for what is not large; None where that alone can tell what is
    wrong with it.
    """
    parts: list[Packed] = []
    try:
        _add(value, parts, pack)
        return b"".join(parts)
    except Exception:  # noqa: BLE001 - whatever it is, the caller meets it again and names the place
        return None


def _add(value: Any, parts: list[Packed], pack: Callable[[Any], bytes]) -> None:
    kind = type(value)
    if _is_large(value, kind):
        parts += _buffer(value, kind)
    elif kind not in (dict, list, tuple) or not holds_large(value):
        parts.append(pack(value))
    elif kind is dict:
        parts.append(map_header(len(value)))
        for key, member in value.items():
            if type(key) is not str or key == "__proto__":
                raise _NotHereError
            parts.append(pack(key))
            _add(member, parts, pack)
    else:
        parts.append(_array_header(len(value)))
        for member in value:
            _add(member, parts, pack)


def _is_large(value: Any, kind: type) -> bool:
    if kind in _BUFFERS:
        size: int = value.nbytes if kind is memoryview else len(value)
        return size >= _LARGE
    if kind.__module__ != "numpy":
        return False
    return kind is sys.modules["numpy"].ndarray and value.nbytes >= _LARGE


def _buffer(value: Any, kind: type) -> list[Packed]:
    if kind in _BUFFERS:
        view = memoryview(value)
        if not view.c_contiguous or view.nbytes >= _LIMIT:
            raise _NotHereError
        return [struct.pack(">BI", 0xC6, view.nbytes), view.cast("B")]
    head, data = array_parts(value)
    size = len(head) + len(data)
    if size >= _LIMIT:
        raise _NotHereError
    return [struct.pack(">BIB", 0xC9, size, ARRAY_TYPE), head, data]


def map_header(size: int) -> bytes:
    """Head of a msgpack map of `size` entries."""
    if size < 16:
        return bytes((0x80 | size,))
    if size < 1 << 16:
        return struct.pack(">BH", 0xDE, size)
    return struct.pack(">BI", 0xDF, size)


def _array_header(size: int) -> bytes:
    if size < 16:
        return bytes((0x90 | size,))
    return struct.pack(">BH", 0xDC, size)
