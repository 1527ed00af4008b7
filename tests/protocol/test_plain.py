"""Every type: its form, or the words that say how to convert it."""

import array
import collections
import datetime as dt
import decimal
import enum
import fractions
import pathlib
import uuid
from dataclasses import dataclass, field
from typing import Any

import msgpack
import numpy as np
import pandas as pd
import pytest

from jupyter_trame.errors import SerializationError
from jupyter_trame.protocol.packing import pack, unpack
from jupyter_trame.protocol.plain import UnpackableError, plain


class Colour(enum.Enum):
    RED = "r"


class Number(enum.IntEnum):
    ONE = 1


class Word(enum.StrEnum):
    A = "a"


Pair = collections.namedtuple("Pair", "a b")  # noqa: PYI024 - the plain kind


class LongerThanItSays(list[Any]):
    def __len__(self) -> int:
        return 1


class MoreThanItHolds(dict[str, Any]):
    def items(self) -> Any:
        return [("a", 1), ("b", 2)]


@dataclass
class Holder:
    inner: Any
    names: set[str] = field(default_factory=set)


SENT = [
    (Number.ONE, 1),
    (Word.A, "a"),
    ({Word.A: Number.ONE}, {"a": 1}),
    (Pair(1, 2), [1, 2]),
    (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    (collections.defaultdict(list, a=[1]), {"a": [1]}),
    (collections.Counter("aab"), {"a": 2, "b": 1}),
    ([LongerThanItSays([1, 2, 3]), 5], [[1, 2, 3], 5]),
    ([LongerThanItSays([1, 2, 3]), memoryview(b"abc")[::2]], [[1, 2, 3], b"ac"]),
    ([MoreThanItHolds(), 5], [{"a": 1, "b": 2}, 5]),
    (np.str_("a"), "a"),
    (np.bool_(True), True),
    (np.float16(1.5), 1.5),
    (np.float64(1.5), 1.5),
    (np.longdouble(1.5), 1.5),
    (np.int64(-5), -5),
    (np.uint64(2**64 - 1), 2**64 - 1),
    (np.void(b"abc"), b"abc"),
    ({np.int64(1): 2, 2.5: 3}, {1: 2, 2.5: 3}),
    (2**63, 2**63),
    (pd.NaT, None),
    (pd.NA, None),
    ([np.datetime64("NaT"), np.timedelta64("NaT"), np.ma.masked], [None, None, None]),
    (pd.Timestamp("2024-01-01", tz="UTC"), msgpack.Timestamp(1_704_067_200)),
    (memoryview(b"abcdef")[::2], b"ace"),
    ({"a": [memoryview(b"abcdef")[::-1]]}, {"a": [b"fedcba"]}),
    (memoryview(np.arange(4, dtype="<u2"))[::2], b"\x00\x00\x02\x00"),  # type: ignore[arg-type]
    ({"a": (1, {"b": {3, 1}})}, {"a": [1, {"b": [1, 3]}]}),
    ({dt.date(2024, 2, 29): 1, decimal.Decimal(2): 2}, {"2024-02-29": 1, "2": 2}),
    ({dt.date(2024, 2, 29): memoryview(b"ab")[::2]}, {"2024-02-29": b"a"}),
    (Holder({"a": memoryview(b"ab")[::2]}), {"inner": {"a": b"a"}, "names": []}),
    (dt.date(2024, 2, 29), "2024-02-29"),
    (dt.time(12, 30), "12:30:00"),
    (dt.timedelta(minutes=1), 60.0),
    (pd.Timedelta("1ms"), 0.001),
    (decimal.Decimal("1.50"), "1.50"),
    (pathlib.PurePosixPath("a/b"), "a/b"),
    (pd.DataFrame({"a": [1, 2], 3: ["x", "y"]}), [{"a": 1, "3": "x"}, {"a": 2, "3": "y"}]),
    ({"deep": [pd.Series([1, 2]), dt.date(2024, 2, 29)]}, {"deep": [[1, 2], "2024-02-29"]}),
]


@pytest.mark.parametrize(("value", "form"), SENT, ids=lambda value: type(value).__name__)
def test_what_is_sent(value: Any, form: Any) -> None:
    received = unpack(pack(value), any_keys=True)
    assert received == form
    assert type(received) is type(form)


KEY = "a map's key must be text or a number, got "
REFUSED = [
    ({(1, 2): 3}, f"{KEY}tuple (1, 2): convert it with str()"),
    ({None: 1}, f"{KEY}NoneType None: convert it with str()"),
    ({True: 1}, f"{KEY}bool True: convert it with str()"),
    ({b"a": 1}, f"{KEY}bytes b'a': convert it with str()"),
    ({frozenset(): 1}, f"{KEY}frozenset"),
    ({pd.Timestamp("2024-01-01"): 1}, f"{KEY}Timestamp"),
    ({Colour.RED: 1}, f"{KEY}Colour"),
    ({"__proto__": 1}, "a map with the key '__proto__'"),
    ({"a": [0, 1, 2, {(1, 2): 3}]}, f"at ['a'][3]: {KEY}tuple (1, 2)"),
    ({"a": {"b": {"__proto__": 1}}}, "at ['a']['b']: a map with the key '__proto__'"),
    (Holder({None: 1}), f"at ['inner']: {KEY}NoneType"),
    ({1: 2, "1": 3}, "the keys 1 and '1' of a map are the same in JavaScript"),
    (2**64, "an integer beyond 64 bit has no form on the wire: convert it with str()"),
    ([-(2**63) - 1], "at [0]: an integer beyond 64 bit"),
    ({"a": "\ud800"}, "at ['a']: half a character (a surrogate)"),
    (Colour.RED, "convert it with .value"),
    (fractions.Fraction(1, 3), "convert it with str() or float()"),
    (uuid.UUID(int=1), "convert it with str()"),
    (np.timedelta64(1, "ns"), "convert it with value / numpy.timedelta64(1, 's')"),
    (np.timedelta64(1, "D"), "convert it with value / numpy.timedelta64(1, 's')"),
    (np.datetime64(10**15, "D"), "beyond the moments of a Date"),
    (np.longdouble(1) / 3, "convert it with float() or str()"),
    (np.complex64(1), "convert it with [z.real, z.imag]"),
    (1j, "convert it with [z.real, z.imag]"),
    (np.zeros(1, "i4,f4")[0], "convert it with .item()"),
    (range(3), "convert it with list()"),
    ((i for i in "ab"), "convert it with list()"),
    (map(str, [1]), "convert it with list()"),
    ({}.keys(), "convert it with list()"),
    (collections.deque([1]), "convert it with list()"),
    (collections.ChainMap({}), "convert it with dict()"),
    (array.array("d", [1.0]), "convert it with numpy.asarray()"),
    (pd.Index([1]), "convert it with .tolist() or .to_numpy()"),
    (pd.Categorical(["a"]), "convert it with .tolist()"),
    (pd.array([1, None]), "convert it with .tolist()"),
    (pd.Interval(0, 1), "convert it with [i.left, i.right]"),
    (pd.Period("2024", "Y"), "convert it with str()"),
    (np.ma.array([1, 2], mask=[0, 1]), "convert it with .filled()"),  # type: ignore[arg-type]
    (msgpack.ExtType(78, b""), "0 bytes are no array"),
    ([msgpack.ExtType(78, b"")], "at [0]: 0 bytes are no array"),
    (object(), "convert it to text, numbers, a list or a dict"),
]


@pytest.mark.parametrize(("value", "words"), REFUSED, ids=lambda value: type(value).__name__)
def test_what_is_refused_names_the_place_and_the_way(value: Any, words: str) -> None:
    with pytest.raises(SerializationError) as caught:
        pack(value, "v")
    assert f"the value of 'v' ({type(value).__qualname__}) cannot be sent, " in str(caught.value)
    assert words in caught.value.reason
    assert str(caught.value).startswith("convert it ") is ("convert it " in caught.value.reason)
    with pytest.raises(SerializationError) as within:
        pack({"deep": [value]}, "v")
    assert "at ['deep'][0]" in str(within.value)


@pytest.mark.parametrize(
    ("module", "name", "way"),
    [
        ("polars.lazyframe.frame", "LazyFrame", ".collect().to_dicts()"),
        ("pydantic.main", "BaseModel", '.model_dump(mode="json")'),
        ("torch", "Tensor", ".numpy()"),
    ],
)
def test_packages_are_named_without_being_there(module: str, name: str, way: str) -> None:
    stand_in = type(name, (), {"__module__": module})
    with pytest.raises(UnpackableError) as caught:
        plain(type("Derived", (stand_in,), {})())
    assert caught.value.reason.endswith(f"convert it with {way}")


def test_sources_of_such_keys() -> None:
    frame = pd.DataFrame({"a": [1, 1], "b": [1, 2], "v": [1.0, 2.0]})
    with pytest.raises(SerializationError, match=r"at \['v'\]: a map's key must be .* got tuple \(1, 1\)"):
        pack(frame.groupby(["a", "b"]).sum().to_dict())
    with pytest.raises(SerializationError, match=r"got bool (True|False)"):
        pack((frame.v > 1).value_counts().to_dict())
    assert unpack(pack(frame.a.value_counts().to_dict()), any_keys=True) == {1: 2}


def test_what_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append({"a": value})
    with pytest.raises(SerializationError, match="holds itself"):
        pack(value)


def test_large_values_are_looked_at_as_small_ones_are() -> None:
    padding = bytes(100_000)
    for mixed in ([1.0, {None: 1}], ["a", {None: 1}], [1, "a", {None: 1}], [1, np.float64(2), {None: 1}]):
        with pytest.raises(SerializationError, match=r"got NoneType None"):
            pack(mixed)
        with pytest.raises(SerializationError, match=r"got NoneType None"):
            pack([*mixed, padding])
    for bad in ({"__proto__": 1}, {b"a": 1}, Holder({None: 1}), {1: 1, "1": 1}, msgpack.ExtType(78, b"")):
        with pytest.raises(SerializationError, match=r"at \[0\]"):
            pack([bad, padding])
    for flat in (
        [1.0, 2, True],
        ["a", "b"],
        [float("inf"), float("-inf")],
        [np.arange(3)],
        {"a": {"b": (1,)}},
    ):
        assert pack([flat, padding]) == b"\x92" + pack(flat) + pack(padding)
    assert unpack(pack(["a"] * 100_000)) == ["a"] * 100_000
    assert unpack(pack([0.5] * 100_000)) == [0.5] * 100_000
