"""Is a new value the old one? Asked at every write, so both answers are quick and neither ever raises.

`same_value` is the default: whatever would look different to a client is different. `equal_value` is Python's
``==``, which takes ``True``, ``1`` and ``1.0`` for the same.
"""

import sys
from collections.abc import Callable
from dataclasses import fields
from itertools import pairwise
from math import copysign, isnan
from typing import Any, TypeAlias

__all__ = ["Equality", "equal_value", "same_value"]

Equality: TypeAlias = Callable[[Any, Any], bool]
"""``(old, new) -> bool``; True means that `new` needs not be told to anybody."""

CHUNK = 1 << 20
"""Bytes of two arrays that are compared at a time: what differs mostly differs early."""

_COMPARED_BY_VALUE = frozenset((int, str, bool, bytes, type(None)))


def same_value(old: Any, new: Any) -> bool:
    """Have both values the same type and the same content, all the way down?

    NaN is the same as NaN, ``0.0`` is not ``-0.0``, the order of a dict counts. Instances of a dataclass are
    compared by their fields, arrays by dtype, shape and bytes. Where a comparison fails (it raises, or has no
    truth value, or the values hold themselves) the answer is False: sending a value once too often does no harm.
    """
    if old is new:
        return True
    kind = type(old)
    if kind is not type(new):
        return False
    if kind in _COMPARED_BY_VALUE:
        return bool(old == new)
    try:
        return _same(old, new, kind)
    except Exception:  # noqa: BLE001 - a foreign __eq__ may raise anything
        # RecursionError is among it: that is how values that hold themselves end.
        return False


def equal_value(old: Any, new: Any) -> bool:
    """Is ``old == new``?

    Arrays are compared as in `same_value`; a comparison that fails counts as different.
    """
    try:
        if _is_array(old) or _is_array(new):
            return same_value(old, new)
        return bool(old == new)
    except Exception:  # noqa: BLE001 - a foreign __eq__ may raise anything
        return False


def _same(old: Any, new: Any, kind: type) -> bool:
    if issubclass(kind, float):
        return (isnan(old) and isnan(new)) or bool(old == new and copysign(1.0, old) == copysign(1.0, new))
    if kind is list or kind is tuple:
        return len(old) == len(new) and all(map(same_value, old, new))
    if kind is dict:
        return len(old) == len(new) and all(
            same_value(a, b) and same_value(old[a], new[b]) for a, b in zip(old, new, strict=True)
        )
    if kind is set or kind is frozenset:
        return bool(old == new) and _same_members(old, new)
    if hasattr(kind, "__dataclass_fields__"):
        return all(same_value(getattr(old, field.name), getattr(new, field.name)) for field in fields(old))
    if _is_array(old):
        return _same_array(old, new)
    if _is_numpy_scalar(old):
        return bool(old.dtype == new.dtype and old.tobytes() == new.tobytes())
    return bool(old == new)


def _same_members(old: Any, new: Any) -> bool:
    mine = {member: member for member in old}
    return all(same_value(mine[member], member) for member in new)


def _is_array(value: Any) -> bool:
    # Nobody can hold an array unless numpy was imported, so this never has to import it.
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def _is_numpy_scalar(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.generic)


def _same_array(old: Any, new: Any) -> bool:
    if old.dtype != new.dtype or old.shape != new.shape:
        return False
    if old.dtype.hasobject:
        return same_value(old.tolist(), new.tolist())
    if hasattr(old, "mask") and not same_value(old.mask, new.mask):
        return False
    return _same_bytes(_flat_bytes(old), _flat_bytes(new))


def _flat_bytes(array: Any) -> Any:
    array = sys.modules["numpy"].asarray(array)
    if not array.flags.c_contiguous:
        array = array.copy(order="C")
    return array.reshape(-1).view("u1")


def _same_bytes(old: Any, new: Any) -> bool:
    size = len(old)
    # The first chunk is small: a picture that changed at all has mostly changed within it.
    edges = [0, *range(CHUNK >> 6, size, CHUNK), size]
    return all(not (old[start:end] != new[start:end]).any() for start, end in pairwise(edges))
