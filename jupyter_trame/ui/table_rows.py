"""What a table shows, column by column: a copy, which stays as it is while the app goes on changing its rows."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from itertools import chain
from numbers import Real
from typing import Any, TypeAlias, cast

from jupyter_trame.core.in_place import UNCHANGING

__all__ = ["Rows", "rows_of"]

Column: TypeAlias = "Any"
"""A list, or a numpy array of one dimension whose values are no objects."""

_KEPT_ORDERS = 4
_PLAIN = frozenset("biufmM")
"""Kinds of numpy's types that are kept as arrays."""


class Rows:
    """Named columns of one length. Any thread: nothing of it changes."""

    __slots__ = ("_columns", "_order", "length", "names")

    def __init__(self, columns: Mapping[str, Column]) -> None:
        """Raises ValueError for columns of different lengths."""
        self._columns = dict(columns)
        # Any thread may ask for an order while another one sorts: this cache bears that.
        self._order = lru_cache(_KEPT_ORDERS)(partial(_order, self._columns))
        self.names = tuple(self._columns)
        """Of the columns, in their order."""
        lengths = {name: len(column) for name, column in self._columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"the columns of a table have one length, not {lengths}")
        self.length = next(iter(lengths.values()), 0)
        """How many rows there are."""

    def value(self, name: str, position: int) -> Any:
        """A value as Python has it; None for one that is missing. Raises KeyError and IndexError."""
        column = self._columns[name]
        value = column[position]
        if isinstance(column, list):
            return None if _is_missing(value) else value
        if column.dtype.kind in "mM":  # of nanoseconds numpy makes bare numbers
            value = value.astype(f"{'timedelta64' if column.dtype.kind == 'm' else 'datetime64'}[us]")
        item = value.item()
        return None if _is_missing(item) else item

    def row(self, position: int) -> dict[str, Any]:
        """All values of a row."""
        return {name: self.value(name, position) for name in self.names}

    def has_numbers(self, name: str) -> bool:
        """Whether the first value that a column has is a number."""
        column = self._columns[name]
        if not isinstance(column, list):
            return column.dtype.kind in "iuf"
        first = next((value for value in column if not _is_missing(value)), None)
        return isinstance(first, Real | Decimal) and not isinstance(first, bool)

    def has_days(self, name: str) -> bool:
        """Whether a column has moments, and all of them are at midnight."""
        column = self._columns[name]
        if not isinstance(column, list):
            present = column[column == column]  # noqa: PLR0124 - all but NaT
            return column.dtype.kind == "M" and bool((present == present.astype("M8[D]")).all())
        moments = (value for value in column if not _is_missing(value))
        return _is_day(next(moments, None)) and all(map(_is_day, moments))

    def order(self, name: str, descending: bool) -> Sequence[int]:
        """The places of all rows by the values of a column: equal ones stay as they are, missing ones come last.

        Raises KeyError for a column that is not there.
        """
        return self._order(name, descending)

    def changes(self, newer: Rows, most: int) -> list[tuple[int, str]] | None:
        """Place and column of each value that another has in `newer`, and of those that may have changed in place.

        None: there are more than `most`, or rows or columns came or went.
        """
        if self.names != newer.names or self.length != newer.length:
            return None
        found: list[tuple[int, str]] = []
        for name in self.names:
            found += (
                (position, name) for position in _differences(self._columns[name], newer._columns[name])
            )
            if len(found) > most:
                return None
        return found


def rows_of(value: Any) -> Rows:
    """The rows of a list of dicts, a dict of columns, a structured array, or a DataFrame of pandas or polars.

    Raises TypeError for anything else, and ValueError for columns that do not fit together.
    """
    if value is None:
        return Rows({})
    if isinstance(value, Mapping):
        return Rows({str(name): _column(values) for name, values in value.items()})
    if isinstance(value, list | tuple):
        return Rows(_columns_of_dicts(value))
    pandas, polars, numpy = (sys.modules.get(name) for name in ("pandas", "polars", "numpy"))
    if pandas is not None and isinstance(value, pandas.Series):
        value = value.to_frame()
    if pandas is not None and isinstance(value, pandas.DataFrame):
        return Rows(_columns_of_pandas(value))
    if polars is not None and isinstance(value, polars.DataFrame):
        return Rows({name: value.get_column(name).to_list() for name in value.columns})
    if numpy is not None and isinstance(value, numpy.ndarray) and value.dtype.names:
        return Rows({name: _column(value[name]) for name in value.dtype.names})
    expected = "a list of dicts, a dict of columns or a DataFrame"
    raise TypeError(f"the rows of a table are {expected}, not {type(value).__qualname__}")


def _columns_of_dicts(rows: Sequence[Any]) -> dict[str, Column]:
    for row in rows:
        if type(row) is not dict and not isinstance(row, Mapping):
            raise TypeError(f"the rows of a table are dicts, not {row!r:.60}: write [{{'name': ...}}, ...]")
    names = dict.fromkeys(chain.from_iterable(rows))
    return {str(name): [row.get(name) for row in rows] for name in names}


def _columns_of_pandas(frame: Any) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    index = frame.index
    if index.nlevels > 1 or index.name is not None or index.dtype.kind not in "iu":
        for level in range(index.nlevels):
            name = index.names[level]
            columns["index" if name is None else str(name)] = index.get_level_values(level).tolist()
    for number, label in enumerate(frame.columns):
        name = " ".join(map(str, label)) if isinstance(label, tuple) else str(label)
        if name in columns:
            raise ValueError(f"two columns of the table are called {name!r}")
        columns[name] = _column_of_pandas(frame.iloc[:, number])
    return columns


def _column_of_pandas(series: Any) -> Column:
    if getattr(series.dtype, "kind", "O") in _PLAIN and type(series.dtype).__module__.startswith("numpy"):
        return series.to_numpy(copy=True)
    values, missing = series.tolist(), series.isna()
    if missing.any():
        return [None if gone else value for value, gone in zip(values, missing.tolist(), strict=True)]
    return values


def _column(values: Any) -> Column:
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if pandas is not None and isinstance(values, pandas.Series):
        return _column_of_pandas(values)
    if numpy is not None and isinstance(values, numpy.ndarray):
        if values.ndim != 1:
            raise ValueError(f"a column of a table has one dimension, not the shape {values.shape}")
        return values.copy() if values.dtype.kind in _PLAIN else values.tolist()
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise TypeError(f"a column of a table is a list or an array, not {values!r:.60}")
    return list(values)


def _is_missing(value: Any) -> bool:
    if value is None:
        return True
    try:
        return bool(value != value)  # NaN and NaT  # noqa: PLR0124
    except Exception:  # noqa: BLE001 - pandas.NA, and what a user's class makes of it
        return type(value).__name__ == "NAType"


def _is_day(value: Any) -> bool:
    return isinstance(value, dt.datetime) and value.time() == dt.time.min


def _order(columns: Mapping[str, Column], name: str, descending: bool) -> Sequence[int]:
    column = columns[name]
    return (_list_order if isinstance(column, list) else _array_order)(column, descending)


def _list_order(column: list[Any], descending: bool) -> Sequence[int]:
    present, missing = list[int](), list[int]()
    for position, value in enumerate(column):
        (missing if _is_missing(value) else present).append(position)
    try:
        present.sort(key=column.__getitem__, reverse=descending)
    except Exception:  # noqa: BLE001 - values of several types, or of a type without an order
        present.sort(key=lambda at: (type(column[at]).__name__, str(column[at])), reverse=descending)
    return [*present, *missing]


def _array_order(column: Any, descending: bool) -> Sequence[int]:
    import numpy as np

    missing = column != column  # noqa: PLR0124 - NaN and NaT
    present = np.flatnonzero(~missing)
    values = column[present]
    if descending:
        # From behind, so that equal ones keep their order when all are turned round.
        order = len(values) - 1 - np.argsort(values[::-1], kind="stable")[::-1]
    else:
        order = np.argsort(values, kind="stable")
    return cast("Sequence[int]", np.concatenate([present[order], np.flatnonzero(missing)]).tolist())


def _differences(old: Column, new: Column) -> Iterable[int]:
    if isinstance(old, list) and isinstance(new, list):
        if _all_equal(old, new):
            return [at for at, value in enumerate(new) if _can_change(value)]
        pairs = enumerate(zip(old, new, strict=True))
        return [at for at, pair in pairs if not _same(*pair) or _can_change(pair[1])]
    if isinstance(old, list) or isinstance(new, list) or old.dtype != new.dtype:
        return range(len(old))
    import numpy as np

    differs = (old != new) & ((old == old) | (new == new))  # noqa: PLR0124 - NaN stays NaN
    return cast("Iterable[int]", np.flatnonzero(differs).tolist())


def _can_change(value: Any) -> bool:
    """Whether a change in place of `value` is noticed by the state: nobody knows then what was shown of it."""
    if type(value) in UNCHANGING:
        return False
    try:
        hash(value)
    except Exception:  # noqa: BLE001 - a list, a dict, a tuple that holds one, or what a user's class makes of it
        return True
    return hasattr(value, "__dataclass_fields__")


def _all_equal(old: list[Any], new: list[Any]) -> bool:
    try:
        return old == new
    except Exception:  # noqa: BLE001 - an array among the values
        return False


def _same(old: Any, new: Any) -> bool:
    try:
        return old is new or bool(old == new) or (_is_missing(old) and _is_missing(new))
    except Exception:  # noqa: BLE001 - what cannot be compared counts as new
        return False
