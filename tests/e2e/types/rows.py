"""The types of the table in docs/client.md, each with a value. `tests/e2e/test_types.py` sends them through a page."""

import array
import collections
import datetime as dt
import decimal
import enum
import fractions
import pathlib
import re
import uuid
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np
import pandas as pd

__all__ = ["REFUSED", "SENT", "Sent", "kind_of"]


@dataclass(frozen=True)
class Sent:
    """A row of what is sent."""

    what: str
    """In the words of the table."""
    value: Any
    page: str
    """What a page has, as `DESCRIBE` says it."""
    back: Any
    """What Python has when the page sends that back."""


class Word(enum.StrEnum):
    A = "a"


class Number(enum.IntEnum):
    ONE = 1


class Colour(enum.Enum):
    RED = "red"


@dataclass
class Point:
    x: int
    tags: tuple[str, ...]


Pair = collections.namedtuple("Pair", "a b")  # noqa: PYI024 - the plain kind

MOMENT = dt.datetime(2024, 2, 29, 12, 30, 15, 250_000, dt.UTC)
STAMP = msgpack.Timestamp.from_datetime(MOMENT)
HERE = dt.datetime(2024, 2, 29, 12)  # noqa: DTZ001 - local time
LOCAL = msgpack.Timestamp.from_datetime(HERE.astimezone())

SENT = [
    Sent("None", None, "null", None),
    Sent("bool, `numpy.bool_`", np.bool_(True), "boolean", True),
    Sent(
        "int up to 2**53, `IntEnum`, numpy integers",
        [Number.ONE, np.int8(-3), 2**53 - 1],
        "number",
        [1, -3, 2**53 - 1],
    ),
    Sent(
        "int beyond 2**53, up to 64 bit", [2**53, 2**64 - 1, -(2**63)], "BigInt", [2**53, 2**64 - 1, -(2**63)]
    ),
    Sent("float, numpy floats", [0.5, np.float16(0.25), float("inf")], "number", [0.5, 0.25, float("inf")]),
    Sent("float without a fraction", 2.0, "number", 2),
    Sent(
        "str, `StrEnum`, `numpy.str_`",
        [Word.A, np.str_("\ufeffé"), "\U0001f600"],
        "string",
        ["a", "\ufeffé", "\U0001f600"],
    ),
    Sent(
        "bytes, bytearray, memoryview (strided too), `numpy.void`",
        [b"ab", bytearray(b"ab"), memoryview(b"a-b-")[::2], np.void(b"ab")],
        "Uint8Array",
        [b"ab"] * 4,
    ),
    Sent("list, tuple, named tuple", [[1, "a"], (1, "a"), Pair(1, "a")], "array", [[1, "a"]] * 3),
    Sent("set, frozenset (sorted, if they can be)", [{3, 1}, frozenset("ba")], "array", [[1, 3], ["a", "b"]]),
    Sent(
        "dict and what derives from it; keys are text or numbers",
        [{"a": 1}, collections.OrderedDict(a=1), collections.Counter("a"), {Word.A: 1}],
        "object",
        [{"a": 1}] * 4,
    ),
    Sent("dict with number keys", {1: "a", 2.5: "b"}, "object", {"1": "a", "2.5": "b"}),
    Sent("instance of a dataclass", Point(1, ("t",)), "object", {"x": 1, "tags": ["t"]}),
    Sent(
        "datetime, `pandas.Timestamp`, with a time zone", [MOMENT, pd.Timestamp(MOMENT)], "Date", [STAMP] * 2
    ),
    Sent(
        "datetime, `pandas.Timestamp`, `numpy.datetime64` without one: local time",
        [HERE, pd.Timestamp(HERE), np.datetime64(HERE)],
        "Date",
        [LOCAL] * 3,
    ),
    Sent(
        "`datetime.min`", dt.datetime.min.replace(tzinfo=dt.UTC), "Date", msgpack.Timestamp(-62_135_596_800)
    ),
    Sent(
        "date, time: as `.isoformat()`",
        [dt.date(2024, 2, 29), dt.time(12, 30)],
        "string",
        ["2024-02-29", "12:30:00"],
    ),
    Sent(
        "timedelta, `pandas.Timedelta`: seconds",
        [dt.timedelta(1), pd.Timedelta("1ms")],
        "number",
        [86400, 0.001],
    ),
    Sent(
        "`Decimal`, `Path`: as `str()`",
        [decimal.Decimal("1.50"), pathlib.PurePosixPath("a/b")],
        "string",
        ["1.50", "a/b"],
    ),
    Sent(
        "`DataFrame` of pandas and polars: its rows",
        pd.DataFrame({"a": [1, 2]}),
        "array",
        [{"a": 1}, {"a": 2}],
    ),
    Sent("`Series` of pandas and polars", pd.Series([1, 2]), "array", [1, 2]),
    Sent(
        "`pandas.NaT`, `pandas.NA`, `numpy.ma.masked`, NaT of numpy",
        [pd.NaT, pd.NA, np.ma.masked, np.datetime64("NaT")],
        "null",
        [None] * 4,
    ),
    Sent(
        "array of floats",
        np.array([[0.5, 1]], "<f8"),
        "{dtype, shape, data: Float64Array}",
        np.array([[0.5, 1]]),
    ),
    Sent(
        "masked array of floats: NaN where it is masked",
        np.ma.array([0.5, 9], mask=[0, 1], dtype="<f4"),  # type: ignore[arg-type]
        "{dtype, shape, data: Float32Array}",
        np.array([0.5, np.nan], "<f4"),
    ),
    Sent(
        "array of int8 ... uint32",
        np.arange(3, dtype="<u2"),
        "{dtype, shape, data: Uint16Array}",
        np.arange(3, dtype="<u2"),
    ),
    Sent(
        "array of int64, uint64",
        np.arange(3, dtype="<i8"),
        "{dtype, shape, data: BigInt64Array}",
        np.arange(3),
    ),
    Sent(
        "array of bool", np.array([True, False]), "{dtype, shape, data: Uint8Array}", np.array([True, False])
    ),
    Sent(
        "array of datetime64, timedelta64: counts of the dtype's unit",
        np.array(["2024-02-29"], "<M8[ms]"),
        "{dtype, shape, data: BigInt64Array}",
        np.array(["2024-02-29"], "<M8[ms]"),
    ),
    Sent(
        "array of complex numbers, float16, text: its bytes",
        np.array([1 + 2j], "<c8"),
        "{dtype, shape, data: Uint8Array}",
        np.array([1 + 2j], "<c8"),
    ),
]

REFUSED: list[tuple[str, Any, str]] = [
    ("a key that is neither text nor a number: a tuple, None, a bool, bytes", {(1, 2): 3}, "str()"),
    ("the key `__proto__`", {"__proto__": 1}, "another name"),
    ("an integer beyond 64 bit", 2**64, "str()"),
    ("`numpy.longdouble` with more digits than a float", np.longdouble(1) / 3, "float() or str()"),
    ("`Fraction`", fractions.Fraction(1), "str() or float()"),
    ("complex", 1j, "[z.real, z.imag]"),
    ("`numpy.timedelta64`", np.timedelta64(1, "ns"), "value / numpy.timedelta64(1, 's')"),
    ("an `Enum` that is no number and no text", Colour.RED, ".value"),
    (
        "`UUID`, `pandas.Period`",
        [uuid.UUID(int=1), pd.Period("2024", "Y")],
        "str()",
    ),
    (
        "range, generator, deque, views of a dict",
        [range(1), (i for i in ""), collections.deque(), {}.keys()],
        "list()",
    ),
    ("a mapping that is no dict", collections.ChainMap(), "dict()"),
    ("`array.array`", array.array("d"), "numpy.asarray()"),
    ("`pandas.Index`", pd.Index([1]), ".tolist() or .to_numpy()"),
    (
        "`pandas.Categorical` and other arrays of pandas",
        [pd.Categorical(["a"]), pd.array([1, None])],
        ".tolist()",
    ),
    ("`pandas.Interval`", pd.Interval(0, 1), "[i.left, i.right]"),
    ("a masked array of anything but floats", np.ma.array([1, 2], mask=[0, 1]), ".filled()"),  # type: ignore[arg-type]
    ("an array of objects, of texts of any length", np.array([object()]), ".tolist()"),
    ("an array of records", np.zeros(1, "i4,f4"), "its fields, one by one"),
    ("half a character (a surrogate)", "\ud800", '.encode("utf-8", "replace").decode()'),
    ("anything else", re.compile(""), "text, numbers, a list or a dict"),
]
"""What, one value or a list of some, and what it is converted to or with."""


def kind_of(value: Any) -> str:
    """What the table calls a value that came back."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return "numpy array"
    return "msgpack.Timestamp" if isinstance(value, msgpack.Timestamp) else type(value).__name__
