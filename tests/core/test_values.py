"""Equality of values: never raises, and says "different" where a client would see a difference."""

import math
import subprocess
import sys
from dataclasses import InitVar, dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.core.values import CHUNK, equal_value, same_value


class Colour(Enum):
    RED = 1
    BLUE = 2


@dataclass
class Point:
    x: Any


@dataclass
class Scaled:
    x: Any
    factor: InitVar[int]

    def __post_init__(self, factor: int) -> None:
        self.x *= factor


class Hostile:
    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    __hash__ = None  # type: ignore[assignment]


class NoTruth:
    def __eq__(self, other: object) -> Any:
        return np.array([True, False])

    __hash__ = None  # type: ignore[assignment]


def holds_itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
anything = json_values | st.sampled_from(
    [
        Hostile(),
        NoTruth(),
        holds_itself(),
        np.arange(3),
        np.zeros((0, 2)),
        np.float64("nan"),
        np.array([None, 1]),
        object(),
        {1, 2},
        Colour.RED,
        Point(1),
        Point(np.arange(2)),
        Decimal(1),
        memoryview(b"ab"),
    ]
)

SAME = [
    (1, 1),
    ("a", "a"),
    (None, None),
    (math.nan, float("nan")),
    ([math.nan], [float("nan")]),
    ({"a": [1, (2,)]}, {"a": [1, (2,)]}),
    ({1, 2}, {2, 1}),
    (frozenset("a"), frozenset("a")),
    (Colour.RED, Colour.RED),
    (Point(1), Point(1)),
    (Scaled(1, 4), Scaled(2, 2)),
    (Decimal("1.0"), Decimal("1.0")),
    (memoryview(b"ab"), memoryview(b"ab")),
    (np.float64("nan"), np.float64("nan")),
    (np.int32(3), np.int32(3)),
    (np.datetime64("NaT", "s"), np.datetime64("NaT", "s")),
    (np.arange(6), np.arange(6)),
    (np.array([math.nan]), np.array([math.nan])),
    (np.array(3.0), np.array(3.0)),
    (np.zeros((0, 3)), np.zeros((0, 3))),
    (np.array(["a", None], dtype=object), np.array(["a", None], dtype=object)),
    ([np.arange(3)], [np.arange(3)]),
    (np.arange(6).reshape(2, 3).T, np.arange(6).reshape(2, 3).T.copy()),
    (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 2], mask=[0, 1])),  # type: ignore[arg-type]
]

DIFFERENT = [
    (1, 2),
    (1, True),
    (1, 1.0),
    (0.0, -0.0),
    (0, False),
    ("", None),
    ("1", 1),
    (b"a", "a"),
    (b"a", bytearray(b"a")),
    ([1], (1,)),
    ([1], [True]),
    ([1], [1, 2]),
    ({"a": 1}, {"a": 1.0}),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({"a": 1}, {"a": 1, "b": 1}),
    ({1: "a"}, {True: "a"}),
    ({1}, {True}),
    ({1}, {2}),
    (Colour.RED, Colour.BLUE),
    (Point(1), Point(2)),
    (np.arange(3), [0, 1, 2]),
    (np.arange(3), np.arange(4)),
    (np.arange(3), np.arange(3.0)),
    (np.arange(6), np.arange(6).reshape(2, 3)),
    (np.array([0.0]), np.array([-0.0])),
    (np.arange(3), np.array([0, 1, 3])),
    (np.int32(3), np.int64(3)),
    (np.array([1, None]), np.array([1, 2], dtype=object)),
    (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 2], mask=[0, 0])),  # type: ignore[arg-type]
    (NoTruth(), NoTruth()),
    (Hostile(), Hostile()),
    (holds_itself(), holds_itself()),
]


@pytest.mark.parametrize(("old", "new"), SAME)
def test_same(old: Any, new: Any) -> None:
    assert same_value(old, new) is True


@pytest.mark.parametrize(("old", "new"), DIFFERENT)
def test_different(old: Any, new: Any) -> None:
    assert same_value(old, new) is False
    assert same_value(new, old) is False


@given(anything)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert same_value(value, value) is True


@given(anything, anything)
def test_both_answer_with_a_bool_whatever_comes(old: Any, new: Any) -> None:
    assert type(same_value(old, new)) is bool
    assert type(equal_value(old, new)) is bool
    assert same_value(old, new) == same_value(new, old)


@given(json_values, json_values)
def test_what_is_the_same_has_the_same_text(old: Any, new: Any) -> None:
    assert same_value(old, new) == (repr(old) == repr(new))


@given(json_values, json_values)
def test_equal_value_is_pythons_equality(old: Any, new: Any) -> None:
    assert equal_value(old, new) == (old == new)


@pytest.mark.parametrize(("old", "new"), [(True, 1), (1, 1.0), (0.0, -0.0), ([True], [1])])
def test_equal_value_takes_numbers_by_their_value(old: Any, new: Any) -> None:
    assert equal_value(old, new) is True


def test_equal_value_compares_arrays_by_content() -> None:
    assert equal_value(np.arange(3), np.arange(3)) is True
    assert equal_value(np.arange(3), np.arange(1, 4)) is False
    assert equal_value(np.arange(3), [0, 1, 2]) is False
    assert equal_value([0, 1, 2], np.arange(3)) is False
    assert equal_value([np.arange(3)], [np.arange(3)]) is False


@pytest.mark.parametrize("at", [0, CHUNK >> 6, CHUNK, 2 * CHUNK, -1])
def test_a_difference_is_found_anywhere_in_a_large_array(at: int) -> None:
    old = np.zeros(2 * CHUNK + 7, dtype="u1")
    new = old.copy()
    assert same_value(old, new) is True
    new[at] = 1
    assert same_value(old, new) is False


def test_numpy_is_not_imported() -> None:
    program = (
        "import sys; from jupyter_trame.core import same_value, equal_value;"
        "assert same_value([1.5], [1.5]) and equal_value(object(), 1) is False; assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
