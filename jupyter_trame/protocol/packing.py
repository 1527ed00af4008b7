"""msgpack, the way both ends speak it, and the few documents that are put together from packed parts.

Numpy arrays travel as extension type 78; its layout is in PROTOCOL.md, "Values".
"""

import datetime as dt
import struct
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, cast

import msgpack

from jupyter_trame.errors import MalformedMessageError, SerializationError
from jupyter_trame.types import Packed

__all__ = [
    "ARRAY_TYPE",
    "TEXT_ERRORS",
    "clean_state",
    "clean_value",
    "map_header",
    "pack",
    "pack_key",
    "same_bytes",
    "unpack",
]

ARRAY_TYPE = 78
"""Extension type of a numpy array: the letter N."""

TEXT_ERRORS = "replace"
"""How texts are read that are no UTF-8. In a browser a character may be cut in half: that is no reason to hang up."""

_START = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_KEPT_BUFFER = 1 << 20
"""A packer's buffer, in bytes, never shrinks: larger ones are given back."""


class _Packers(threading.local):
    """A packer is not thread-safe and its buffer is worth keeping."""

    def __init__(self) -> None:
        self.packer = _new_packer()


def _new_packer() -> Any:
    return msgpack.Packer(default=_pack_other)


def pack(value: object, key: str = "") -> bytes:
    """`value` as one msgpack document. Any thread.

    Tuples become arrays, and sets too, in their order if they have one; an instance of a dataclass becomes a map
    of its fields, ``bytes``, ``bytearray`` and ``memoryview`` bin, numpy arrays extension 78, numpy scalars
    numbers. A ``datetime`` becomes a timestamp, which JavaScript reads as a Date; one without a time zone is
    local time. A ``date`` is no moment and has no form. Raises `SerializationError`, which names `key`, for
    anything else.
    """
    packer = _packers.packer
    try:
        packed = cast("bytes", packer.pack(value))
    except Exception as error:  # a user's class may raise anything from its methods
        packer.reset()
        raise SerializationError(key, value, _reason(error)) from error
    if len(packed) > _KEPT_BUFFER:
        _packers.packer = _new_packer()
    return packed


def unpack(data: Packed, *, any_keys: bool = False) -> Any:
    """The value of one msgpack document. Any thread.

    A timestamp is read as ``msgpack.Timestamp``, which keeps its nanoseconds and can be packed again. Map keys
    must be str or bytes unless `any_keys`. Half characters in a text become U+FFFD. Raises `MalformedMessageError`.
    """
    try:
        return msgpack.unpackb(
            data, ext_hook=_unpack_extension, strict_map_key=not any_keys, unicode_errors=TEXT_ERRORS
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


def pack_key(key: str) -> bytes:
    """`key` as msgpack str; the short form, which nearly all keys have, without a packer."""
    data = key.encode()
    if len(data) < 32:
        return bytes((0xA0 | len(data),)) + data
    return pack(key, key)


def map_header(size: int) -> bytes:
    """Head of a msgpack map of `size` entries."""
    if size < 16:
        return bytes((0x80 | size,))
    if size < 1 << 16:
        return struct.pack(">BH", 0xDE, size)
    return struct.pack(">BI", 0xDF, size)


def same_bytes(a: Packed, b: Packed) -> bool:
    """Whether two documents are equal; memoryviews as bytes, since their ``==`` goes item by item."""
    if a is b:
        return True
    return len(a) == len(b) and bytes(a) == bytes(b)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _pack_other(value: object) -> Any:
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(value, numpy.ndarray):
            return msgpack.ExtType(ARRAY_TYPE, b"".join(_array_parts(value)))
        if isinstance(value, numpy.generic):
            return value.item()
    if isinstance(value, set | frozenset):
        return _ordered(value)
    if isinstance(value, dt.datetime):
        return _timestamp(value)
    if hasattr(type(value), "__dataclass_fields__"):
        return {field.name: getattr(value, field.name) for field in fields(cast("Any", value))}
    raise TypeError(f"{type(value).__qualname__} has no form on the wire")


def _ordered(members: Iterable[Any]) -> list[Any]:
    # The order of a set of str is another one in each process.
    try:
        return sorted(members)
    except TypeError:
        return list(members)


def _timestamp(moment: dt.datetime) -> msgpack.Timestamp:
    if moment.tzinfo is None:
        moment = moment.astimezone()
    since = moment - _START
    return msgpack.Timestamp(since.days * 86_400 + since.seconds, since.microseconds * 1000)


def _array_parts(array: Any) -> Iterable[Packed]:
    if array.dtype.hasobject:
        raise TypeError("an array of Python objects has no form on the wire")
    if array.dtype.names is not None:
        raise TypeError("an array of records has no form on the wire")
    if array.dtype.byteorder == ">" or (array.dtype.byteorder == "=" and sys.byteorder == "big"):
        array = array.astype(array.dtype.newbyteorder("<"))
    name = array.dtype.str.encode("ascii")
    head = struct.pack(f"<B{len(name)}sB{array.ndim}I", len(name), name, array.ndim, *array.shape)
    yield head + bytes(-len(head) % 8)
    # Without a copy where the items lie in one piece; an array without items has no other view.
    yield array.reshape(-1).view("u1").data if array.size and array.flags.c_contiguous else array.tobytes()


def _unpack_extension(code: int, data: bytes) -> Any:
    if code != ARRAY_TYPE:
        return msgpack.ExtType(code, data)
    import numpy as np  # only a peer that packs arrays makes us read them

    length = data[0]
    dtype = np.dtype(data[1 : 1 + length].decode("ascii"))
    if dtype.hasobject:
        raise ValueError("an array of objects is refused")
    ndim = data[1 + length]
    head = 2 + length + 4 * ndim
    shape = struct.unpack_from(f"<{ndim}I", data, 2 + length)
    return np.frombuffer(data, dtype=dtype, offset=head + -head % 8).reshape(shape)


_packers = _Packers()
