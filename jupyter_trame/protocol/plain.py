"""Python's values in the types that msgpack has: what is sent in which form, and what is refused with which words.

The table of all of them is in docs/client.md, "Values"; a test makes it.
"""

import datetime as dt
import sys
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from dataclasses import fields
from typing import Any, cast

import msgpack

from jupyter_trame.protocol.arrays import ARRAY_TYPE, pack_array
from jupyter_trame.protocol.moments import moment_of, moment_of_numpy
from jupyter_trame.protocol.readable import key_fault, keys_fault
from jupyter_trame.showing.forms import form_of, sent_form

__all__ = ["ForClients", "UnpackableError", "one_plain", "plain"]

_MIN_INT, _MAX_INT = -(1 << 63), (1 << 64) - 1

_ADVICE = {
    "array.array": "numpy.asarray()",
    "builtins.complex": "[z.real, z.imag]",
    "builtins.range": "list()",
    "enum.Enum": ".value",
    "fractions.Fraction": "str() or float()",
    "numpy.complexfloating": "[z.real, z.imag]",
    "numpy.timedelta64": "value / numpy.timedelta64(1, 's')",
    "numpy.void": ".item()",
    "pandas.ExtensionArray": ".tolist()",
    "pandas.Index": ".tolist() or .to_numpy()",
    "pandas.Interval": "[i.left, i.right]",
    "pandas.Period": "str()",
    "polars.LazyFrame": ".collect().to_dicts()",
    "pydantic.BaseModel": '.model_dump(mode="json")',
    "torch.Tensor": ".numpy()",
    "uuid.UUID": "str()",
}
"""How to convert what has no form, by package and name of a class. Nothing of it is imported for that."""

_Path = tuple[object, ...]


class ForClients(ABC):
    """A value that says itself what of it is sent."""

    __slots__ = ()

    @abstractmethod
    def for_clients(self) -> dict[str, Any]:
        """The map that clients get in its place."""


class UnpackableError(TypeError):
    """A part of a value has no form on the wire."""

    def __init__(self, path: _Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        """Keys and indexes that lead to the part."""
        self.reason = reason


def plain(value: Any, path: _Path = ()) -> Any:
    """`value` in the types of msgpack, all the way down; a copy where something had to be changed or looked into.

    Raises `UnpackableError`, which knows where in `value` the reason lies.
    """
    try:
        if isinstance(value, dict):
            return _plain_map(value.items(), path)
        if isinstance(value, list | tuple) and not isinstance(value, msgpack.ExtType):
            # Of the form that iterating gives: what `len` says may be overridden.
            return [plain(item, (*path, index)) for index, item in enumerate(value)]
        return _plain_leaf(value, path)
    except UnpackableError:
        raise
    except RecursionError:
        raise UnpackableError((), "it holds itself, or is nested too deeply") from None
    except Exception as error:  # a user's class may raise anything from its methods
        raise UnpackableError(path, str(error) or type(error).__name__) from error


def _plain_map(items: Iterable[tuple[Any, Any]], path: _Path) -> dict[Any, Any]:
    found = {_plain_key(key, path): plain(member, (*path, key)) for key, member in items}
    reason = keys_fault(found)
    if reason is not None:
        raise UnpackableError(path, reason)
    return found


def _plain_key(key: Any, path: _Path) -> Any:
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(key, numpy.integer | numpy.floating):
        key = key.item()
    if form_of(type(key)) is not None:
        key = sent_form(key)
    reason = key_fault(key)
    if reason is not None:
        raise UnpackableError(path, reason)
    return _plain_leaf(key, path)


def _plain_leaf(value: Any, path: _Path) -> Any:
    if isinstance(value, int):
        if not _MIN_INT <= value <= _MAX_INT:
            raise UnpackableError(
                path, "an integer beyond 64 bit has no form on the wire: convert it with str()"
            )
        return value
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            how = 'convert it with .encode("utf-8", "replace").decode()'
            raise UnpackableError(path, f"half a character (a surrogate) has no form on the wire: {how}")
        return value
    if value is None or isinstance(value, float | bytes | bytearray | msgpack.ExtType | msgpack.Timestamp):
        return value
    found = one_plain(value)
    return plain(found, path) if isinstance(found, dict | list) else found


def one_plain(value: Any) -> Any:
    """`value`, which has none of msgpack's own types, as one of them; what it holds is left as it is.

    Raises TypeError, with the way to convert what has no form.
    """
    kind = type(value)
    if isinstance(value, memoryview):
        return value.tobytes()
    if isinstance(value, ForClients):
        return value.for_clients()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(value, numpy.ndarray):
            # Of a masked array an item is this.
            return None if value is numpy.ma.masked else msgpack.ExtType(ARRAY_TYPE, pack_array(value))
        if isinstance(value, numpy.generic):
            return _plain_scalar(value, numpy)
    if isinstance(value, set | frozenset):
        return _ordered(value)
    if isinstance(value, dt.datetime):
        return moment_of(value)
    if form_of(kind) is not None:
        return sent_form(value)
    if hasattr(kind, "__dataclass_fields__"):
        return {field.name: getattr(value, field.name) for field in fields(cast("Any", value))}
    advice = _advice(value)
    how = f"convert it {f'with {advice}' if advice else 'to text, numbers, a list or a dict'}"
    raise TypeError(f"{kind.__qualname__} has no form on the wire: {how}")


def _plain_scalar(value: Any, numpy: Any) -> Any:
    if isinstance(value, numpy.datetime64):
        return moment_of_numpy(value)
    if isinstance(value, numpy.timedelta64) and numpy.isnat(value):
        return None
    if isinstance(value, numpy.floating):
        number = float(value)
        if number != value and not numpy.isnan(value):
            raise TypeError(
                f"{type(value).__qualname__} {value} is no float: convert it with float() or str()"
            )
        return number
    if isinstance(value, numpy.bool_ | numpy.integer) and not isinstance(value, numpy.timedelta64):
        return value.item()
    if isinstance(value, numpy.void) and value.dtype.names is None:
        return value.tobytes()
    raise TypeError(f"{type(value).__qualname__} has no form on the wire: convert it with {_advice(value)}")


def _ordered(members: Iterable[Any]) -> list[Any]:
    # The order of a set of str is another one in each process.
    try:
        return sorted(members)
    except TypeError:
        return list(members)


def _advice(value: object) -> str | None:
    for base in type(value).__mro__:
        found = _ADVICE.get(f"{base.__module__.partition('.')[0]}.{base.__name__}")
        if found is not None:
            return found
    if isinstance(value, Iterator | KeysView | ValuesView | ItemsView | deque):
        return "list()"
    if isinstance(value, Mapping):
        return "dict()"
    return None
