"""A second reading of a document that cannot be read as a whole: what can be read, and what is lost.

The first one is at the speed of C and takes all or nothing. `js/src/protocol/decoder.ts` reads in this way at once.
"""

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import msgpack

from jupyter_trame.errors import MalformedMessageError
from jupyter_trame.protocol.arrays import ARRAY_TYPE, read_array
from jupyter_trame.protocol.packing import TEXT_ERRORS
from jupyter_trame.protocol.readable import place
from jupyter_trame.types import Packed

__all__ = ["Loss", "read_tolerantly"]

_DEEPEST = 100
"""Values within values that are read here. What is deeper is lost: the first reading went deeper and failed."""
_TIMESTAMP = -1

_NUMBERS: dict[int, struct.Struct] = {
    0xCA: struct.Struct(">f"),
    0xCB: struct.Struct(">d"),
    0xCC: struct.Struct(">B"),
    0xCD: struct.Struct(">H"),
    0xCE: struct.Struct(">I"),
    0xCF: struct.Struct(">Q"),
    0xD0: struct.Struct(">b"),
    0xD1: struct.Struct(">h"),
    0xD2: struct.Struct(">i"),
    0xD3: struct.Struct(">q"),
}
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}


class Loss(NamedTuple):
    """A part that could not be read."""

    path: tuple[object, ...]
    """Keys and indexes that lead to it; of a map's key, to the map."""
    reason: str

    def __str__(self) -> str:
        return place(self.path) + self.reason


def read_tolerantly(packed: Packed) -> tuple[Any, list[Loss]]:
    """The value of a document, with None for each part that is lost and without members that have an unreadable key.

    Raises `MalformedMessageError` where it is not known any more where parts end.
    """
    reader = _Reader(bytes(packed))
    try:
        value = reader.value()
    except IndexError as error:
        raise MalformedMessageError(f"not a msgpack document: {error}") from error
    if reader.at != len(reader.data):
        raise MalformedMessageError("not a msgpack document: bytes are left over")
    return value, reader.losses


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.losses: list[Loss] = []
        self._path: list[object] = []

    def value(self) -> Any:
        head = self._take(1)[0]
        members = self._members(head)
        if members is None:
            return self._single(head)
        is_map, count = members
        if len(self._path) < _DEEPEST:
            return self._map(count) if is_map else self._array(count)
        self._skip(count * (1 + is_map))
        return self._lose(f"more than {_DEEPEST} values are in each other")

    def _members(self, head: int) -> tuple[bool, int] | None:
        """Whether a value is a map or an array, and how many members it has; None for other values."""
        if 0x80 <= head < 0xA0:
            return head < 0x90, head & 0x0F
        if 0xDC <= head <= 0xDF:
            return head >= 0xDE, self._size(4 if head & 1 else 2)
        return None

    def _skip(self, count: int) -> None:
        """Pass `count` values without looking into them, however deep they are."""
        while count:
            head = self._take(1)[0]
            members = self._members(head)
            count -= 1
            if members is not None:
                count += members[1] * (1 + members[0])
            elif 0xC7 <= head <= 0xC9 or 0xD4 <= head <= 0xD8:
                self._take(1 + self._extension_size(head))
            else:
                self._single(head)

    def _single(self, head: int) -> Any:
        """A value without members."""
        if head < 0x80:
            return head
        if head >= 0xE0:
            return head - 0x100
        if head in _CONSTANTS:
            return _CONSTANTS[head]
        if head in _NUMBERS:
            form = _NUMBERS[head]
            return form.unpack(self._take(form.size))[0]
        if head < 0xC0:
            return self._text(head & 0x1F)
        if 0xC4 <= head <= 0xC6:
            return self._take(self._size(1 << (head - 0xC4)))
        if 0xD9 <= head <= 0xDB:
            return self._text(self._size(1 << (head - 0xD9)))
        if head == 0xC1:
            raise IndexError("the byte 193 begins no value")
        return self._extension(self._extension_size(head))

    def _extension_size(self, head: int) -> int:
        return 1 << (head - 0xD4) if head >= 0xD4 else self._size(1 << (head - 0xC7))

    def _take(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self.data):
            raise IndexError("the document is cut off")
        part = self.data[self.at : end]
        self.at = end
        return part

    def _size(self, width: int) -> int:
        return int.from_bytes(self._take(width), "big")

    def _text(self, size: int) -> str:
        return self._take(size).decode("utf-8", TEXT_ERRORS)

    def _array(self, size: int) -> list[Any]:
        return [self._within(index, self.value) for index in range(size)]

    def _map(self, size: int) -> dict[Any, Any]:
        members: dict[Any, Any] = {}
        for _ in range(size):
            before = len(self.losses)
            key = self._within(None, self.value)
            try:
                hash(key)
                known = len(self.losses) == before
            except TypeError:
                known = False
            value = self._within(key, self.value)
            if known:
                members[key] = value
            else:
                del self.losses[before:]
                self._lose(f"a map's key is a {type(key).__qualname__}")
        return members

    def _within(self, step: object, read: Callable[[], Any]) -> Any:
        self._path.append(step)
        value = read()
        self._path.pop()
        return value

    def _extension(self, size: int) -> Any:
        code = int.from_bytes(self._take(1), signed=True)
        data = self._take(size)
        try:
            if code == ARRAY_TYPE:
                return read_array(data)
            return msgpack.Timestamp.from_bytes(data) if code == _TIMESTAMP else msgpack.ExtType(code, data)
        except Exception as error:  # noqa: BLE001 - numpy raises what it likes
            return self._lose(str(error))

    def _lose(self, reason: str) -> None:
        """None, which stands for what is lost at this place."""
        self.losses.append(Loss(tuple(self._path), reason))
