"""msgpack, the way both ends speak it, and the few documents that are put together from packed parts."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgpack

from jupyter_trame.errors import MalformedMessageError, SerializationError
from jupyter_trame.protocol.arrays import ARRAY_TYPE, read_array
from jupyter_trame.protocol.chunking import MESSAGE_LIMIT
from jupyter_trame.protocol.large_values import holds_large, map_header, pack_large
from jupyter_trame.protocol.plain import UnpackableError, one_plain, plain
from jupyter_trame.protocol.readable import check_readable, place
from jupyter_trame.showing.forms import form_of, sent_form
from jupyter_trame.types import Packed

__all__ = [
    "TEXT_ERRORS",
    "clean_state",
    "clean_value",
    "map_header",
    "pack",
    "pack_key",
    "pack_value",
    "same_bytes",
    "unpack",
    "unpack_extension",
]

TEXT_ERRORS = "replace"
"""How texts are read that are no UTF-8. In a browser a character may be cut in half: that is no reason to hang up."""

_KEPT_BUFFER = 1 << 20
"""A packer's buffer, in bytes, never shrinks: larger ones are given back."""


_VALUE_LIMIT = MESSAGE_LIMIT - (1 << 20)
"""Bytes of a value that leave room for what stands around it in a message."""

_COMPARED = 1 << 20
"""Bytes of which copies are made to compare them."""

_LARGE = 1 << 16
"""Bytes from which it is faster to look into a value than to read what was packed."""

_LONG_TEXT = 1 << 20
_LONG_LIST = 1 << 17
"""Characters of a text, and members of a list, from which a copy of what was packed is too much memory."""

_LEAVES = frozenset((type(None), bool, int, float, str, bytes, bytearray))
_BUILT_IN = _LEAVES | {list, tuple, dict, set, frozenset}
_SCALARS = frozenset((type(None), bool, int, float, str))

_ALL: Any = object()


class _Packers(threading.local):
    """A packer is not thread-safe and its buffer is worth keeping."""

    def __init__(self) -> None:
        self.packer = _new_packer()


def _new_packer() -> Any:
    return msgpack.Packer(default=one_plain)


def pack(value: object, key: str = "", *, inside: int = 0, part: object = _ALL) -> bytes:
    """`value` as one msgpack document that every client reads. Any thread.

    Tuples become arrays, and sets too, in their order if they have one; an instance of a dataclass becomes a map
    of its fields, ``bytes``, ``bytearray`` and ``memoryview`` bin, numpy arrays extension 78, numpy scalars
    numbers. A ``datetime`` becomes a timestamp, which JavaScript reads as a Date; one without a time zone is
    local time. Objects whose type has a form (`jupyter_trame.showing`) become that: figures pictures, tables their
    rows, a ``date`` its text. Raises `SerializationError`, which names `key`, the place in `value` and a way to
    convert what is there, for anything else. `inside`: so many steps of the place are the
    envelope's own and are not named. `part`: what in `value` is not made here of texts and numbers.
    """
    subject = value if part is _ALL else part
    if type(subject) not in _SCALARS and holds_large(subject):
        large = pack_large(value, pack)
        if large is not None:
            return large
    packer = _packers.packer
    try:
        packed = cast("bytes", packer.pack(value))
        if type(subject) in _LEAVES:
            pass
        elif len(packed) <= _LARGE or not _knows(value):
            check_readable(packed, extensions=type(value) is msgpack.ExtType)
    except Exception as error:  # noqa: BLE001 - a user's class may raise anything from its methods
        packer.reset()
        packed = _pack_plain(value, key, inside, error)
    if len(packed) > _KEPT_BUFFER:
        _packers.packer = _new_packer()
    return packed


def _knows(value: object) -> bool:
    try:
        return _is_readable(value)
    except Exception:  # noqa: BLE001 - some keys or members are of another kind
        return False


def _is_readable(value: Any) -> bool:
    """Whether `value`, which was packed, holds nothing but what every client reads. False: that is to be found out.

    Faster than to read what was packed where that is large: buffers are not copied for it.
    """
    kind = type(value)
    members: Iterable[Any]
    if kind is dict:
        if "__proto__" in value:
            return False
        "".join(value)  # the fastest way to ask whether all are text
        members = value.values()
    elif kind is list or kind is tuple:
        if kind is list and _is_flat(value):
            return True
        members = value
    else:
        return kind in _LEAVES or kind.__module__ == "numpy"
    kinds = set(map(type, members))
    return kinds <= _LEAVES or all(_is_readable(member) for member in members if type(member) not in _LEAVES)


def _is_flat(value: Any) -> bool:
    """Whether `value` is a list of numbers or of texts alone, found out in a fraction of the time to pack it."""
    kind = type(value[0]) if value else None
    if kind is str:
        "".join(value)
        return True
    return (kind is float or kind is int) and type(sum(value)) in (float, int)


def _pack_plain(value: object, key: str, inside: int, error: Exception) -> bytes:
    """`value` packed from a copy in msgpack's own types; `error` came when it was packed as it is."""
    packer = _packers.packer
    try:
        packed = cast("bytes", packer.pack(plain(value)))
        check_readable(packed)
    except UnpackableError as unpackable:
        reason = place(unpackable.path[inside:]) + unpackable.reason
        raise SerializationError(key, value, reason) from error
    except Exception as again:
        packer.reset()
        raise SerializationError(key, value, _reason(again)) from again
    return packed


def unpack(data: Packed, *, any_keys: bool = False) -> Any:
    """The value of one msgpack document. Any thread.

    A timestamp is read as ``msgpack.Timestamp``, which keeps its nanoseconds and can be packed again. Map keys
    must be str or bytes unless `any_keys`. Half characters in a text become U+FFFD. Raises `MalformedMessageError`.
    """
    try:
        return msgpack.unpackb(
            data, ext_hook=unpack_extension, strict_map_key=not any_keys, unicode_errors=TEXT_ERRORS
        )
    except Exception as error:  # msgpack raises a dozen classes for input it cannot read
        raise MalformedMessageError(f"not a msgpack document: {_reason(error)}") from error


def clean_value(value: Any) -> Any:
    """`value` as it is sent: a map that names keys in ``_filter`` loses them, in lists of maps too.

    Maps within maps and tuples are not looked into. The value itself is left alone; a list that holds itself is
    returned as it is, for `pack` to refuse.
    """
    try:
        return _clean(value)
    except RecursionError:
        return value


def _clean(value: Any) -> Any:
    if isinstance(value, dict) and "_filter" in value:
        hidden = value["_filter"]
        hidden = hidden if isinstance(hidden, list | tuple) else ()
        return {key: member for key, member in value.items() if key not in hidden}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def clean_state(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """`values` as they are sent (see `clean_value`), and each of them packed. Raises `SerializationError`."""
    cleaned = {key: clean_value(value) for key, value in values.items()}
    return cleaned, {key: pack(value, key) for key, value in cleaned.items()}


def pack_value(value: object, key: str) -> Packed:
    """The value of `key` as it is sent (see `clean_value`). Raises `SerializationError`, also for one too large."""
    cleaned = clean_value(value if type(value) in _BUILT_IN else _sent(value, key))
    packed = _pack_in_place(cleaned) if _is_long(cleaned) else None
    if packed is None:
        packed = pack(cleaned, key)
    if len(packed) > _VALUE_LIMIT:
        raise SerializationError(key, value, f"{len(packed)} bytes are more than {_VALUE_LIMIT}")
    return packed


def _sent(value: object, key: str) -> object:
    """What is sent of `value`: here, so that the rows of a large table are packed as any list."""
    if form_of(type(value)) is None:
        return value
    try:
        return sent_form(value)
    except Exception as error:
        raise SerializationError(key, value, _reason(error)) from error


def _is_long(value: Any) -> bool:
    kind = type(value)
    return (kind is str or kind is list) and len(value) >= (_LONG_TEXT if kind is str else _LONG_LIST)


def _pack_in_place(value: Any) -> Packed | None:
    """`value` in the memory of a packer that is used once, not in a copy of that; None if `pack` has to do it."""
    packer = msgpack.Packer(default=one_plain, autoreset=False)
    try:
        packer.pack(value)
        packed = memoryview(packer).toreadonly()
        if not _knows(value):
            check_readable(packed)
    except Exception:  # noqa: BLE001 - `pack` finds out what is wrong; old versions of msgpack give nobody their memory
        return None
    return packed


def pack_key(key: str) -> bytes:
    """`key` as msgpack str; the short form, which nearly all keys have, without a packer."""
    data = key.encode()
    if len(data) < 32:
        return bytes((0xA0 | len(data),)) + data
    return pack(key, key)


def same_bytes(a: Packed, b: Packed) -> bool:
    """Whether two documents are equal; memoryviews as bytes, since their ``==`` goes item by item."""
    if a is b:
        return True
    if len(a) != len(b):
        return False
    if len(a) <= _COMPARED or type(a) is type(b) is bytes:
        return bytes(a) == bytes(b)
    a, b = memoryview(a), memoryview(b)
    return all(
        bytes(a[at : at + _COMPARED]) == bytes(b[at : at + _COMPARED]) for at in range(0, len(a), _COMPARED)
    )


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def unpack_extension(code: int, data: bytes) -> Any:
    """The value of an extension; raises what numpy raises."""
    return read_array(data) if code == ARRAY_TYPE else msgpack.ExtType(code, data)


_packers = _Packers()
