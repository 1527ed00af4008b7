"""Numpy arrays as extension type 78; the layout is in PROTOCOL.md, "Values"."""

import re
import struct
import sys
from math import prod
from typing import Any

from jupyter_trame.types import Packed

__all__ = ["ARRAY_TYPE", "array_parts", "check_array", "pack_array", "read_array"]

ARRAY_TYPE = 78
"""Extension type of a numpy array: the letter N."""

_KINDS = frozenset("biufcSUVMm")
_DTYPE = re.compile(r"[<|>=]?([biufcSUVMm?])(\d*)(\[[\w/]+\])?")
_UNICODE_BYTES = 4


def pack_array(array: Any) -> bytes:
    """The payload for `array`. Masked values of a masked array of floats are NaN.

    Raises TypeError for what has no form, with the way to convert it.
    """
    return b"".join(array_parts(array))


def array_parts(array: Any) -> tuple[bytes, Packed]:
    """What `pack_array` joins; the second part is the array's own memory where that lies in one piece.

    Raises as `pack_array`.
    """
    numpy = sys.modules["numpy"]
    array = numpy.asarray(_unmasked(array, numpy))
    dtype = array.dtype
    if dtype.names is not None:
        raise TypeError("an array of records has no form on the wire: send its fields one by one")
    if dtype.hasobject or dtype.kind not in _KINDS:
        raise TypeError(f"an array of {dtype} has no form on the wire: convert it with .tolist()")
    if dtype.byteorder == ">" or (dtype.byteorder == "=" and sys.byteorder == "big"):
        array = array.astype(dtype.newbyteorder("<"))
    name = array.dtype.str.encode("ascii")
    head = struct.pack(f"<B{len(name)}sB{array.ndim}I", len(name), name, array.ndim, *array.shape)
    # Without a copy where the items lie in one piece; an array without items has no other view.
    data = array.reshape(-1).view("u1").data if array.size and array.flags.c_contiguous else array.tobytes()
    return head + bytes(-len(head) % 8), data


def _unmasked(array: Any, numpy: Any) -> Any:
    if not isinstance(array, numpy.ma.MaskedArray):
        return array
    if not numpy.ma.getmaskarray(array).any():
        return array.data
    if array.dtype.kind not in "fc":
        raise TypeError(
            f"a masked value of type {array.dtype} has no form on the wire: convert it with .filled()"
        )
    return array.filled(numpy.nan)


def read_array(data: bytes) -> Any:
    """The array of a payload, which it is a view on. Raises ValueError, or whatever numpy raises."""
    import numpy as np  # only a peer that packs arrays makes us read them

    name, shape, start = _head(data)
    dtype = np.dtype(name)
    if dtype.hasobject:
        raise ValueError("an array of objects is refused")
    return np.frombuffer(data, dtype=dtype, offset=start).reshape(shape)


def check_array(data: Packed) -> None:
    """Raises ValueError for a payload that a reader will not take for an array. Needs no numpy."""
    name, shape, start = _head(data)
    described = _DTYPE.fullmatch(name)
    if described is None:
        raise ValueError(f"{name!r} is no type of an array that can be sent")
    kind, digits = described[1], described[2]
    size = int(digits or 1) * (_UNICODE_BYTES if kind == "U" else 1)
    if prod(shape) * size != len(data) - start:
        raise ValueError(f"{len(data) - start} bytes are no {name} array of shape {list(shape)}")


def _head(data: Packed) -> tuple[str, tuple[int, ...], int]:
    """Name of the type, shape, and where the items begin."""
    try:
        length = data[0]
        name = bytes(data[1 : 1 + length]).decode("ascii")
        ndim = data[1 + length]
        shape = struct.unpack_from(f"<{ndim}I", data, 2 + length)
    except (IndexError, UnicodeDecodeError, struct.error):
        raise ValueError(f"{len(data)} bytes are no array") from None
    head = 2 + length + 4 * ndim
    return name, shape, head + -head % 8
