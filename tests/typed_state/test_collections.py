"""Values within values, against trame's own encoder."""

# ruff: noqa: UP007, UP045 - both spellings are tested

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, NamedTuple, Optional, TypeVar, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trame_server.utils import typed_state as peer

from jupyter_trame.typed_state import (
    CollectionEncoderDecoder,
    DefaultEncoderDecoder,
    IStateEncoderDecoder,
)
from jupyter_trame.typed_state.collections import TAG, make_instance
from tests.typed_state.test_encoders import SINGLE, Color

T = TypeVar("T")


class Point(NamedTuple):
    x: int
    y: Any


@dataclass
class A:
    x: int = 1
    color: Color = Color.RED


@dataclass
class B:
    x: int = 1


@dataclass
class Derived(A):
    more: "list[A]" = field(default_factory=list)


@dataclass
class Box(Generic[T]):
    value: T
    all: list[T] = field(default_factory=list)


@dataclass
class Count:
    n: int
    total: int = field(default=0, init=False)


CODER = CollectionEncoderDecoder()
NESTED = st.recursive(
    SINGLE | st.none() | st.builds(A, x=st.integers(), color=st.sampled_from(Color)),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.sampled_from(Color), inner)
        | st.builds(Box, value=inner, all=st.lists(inner))
    ),
    max_leaves=12,
)


@given(NESTED)
def test_encodes_as_trame(value: Any) -> None:
    theirs = peer.CollectionEncoderDecoder([peer.DefaultEncoderDecoder()]).encode(value)
    assert CODER.encode(value) == theirs
    assert repr(CODER.encode(value)) == repr(theirs), "the kinds of collections are the same, too"


def tagged(instance: Any) -> Any:
    return CODER.encode(instance)


@pytest.mark.parametrize(
    ("value", "kind", "decoded"),
    [
        (["red", 2], list[Color], [Color.RED, Color.PAIR]),
        (["red", 1], tuple[Color, int], (Color.RED, 1)),
        (["red"], tuple[Color, ...], (Color.RED,)),
        (["red", "red"], tuple[Color], (Color.RED, Color.RED)),
        ([1], tuple, (1,)),
        (["red"], Sequence[Color], [Color.RED]),
        (["red", "red"], set[Color], {Color.RED}),
        ({"red": 1}, dict[Color, int], {Color.RED: 1}),
        ({"a": "red"}, Mapping[str, Color], {"a": Color.RED}),
        ({"a": 1}, dict, {"a": 1}),
        ([1, "a"], list, [1, "a"]),
        ([["red"]], list[list[Color]], [[Color.RED]]),
        (5, Any, 5),
        (None, int, None),
        (None, Optional[Color], None),
        ("red", Optional[Color], Color.RED),
        ("red", Union[int, Color], Color.RED),
        ("red", Union[str, Color], "red"),
        ("5", Union[int, str], "5"),
        (5, Union[str, int], 5),
        (5, Union[str, float], "5"),
        ({"x": 3, "color": "red"}, A, A(3, Color.RED)),
        ({"x": 3, "strange": 1}, A, A(3)),
        ({"x": 3}, Union[B, A], B(3)),
        (tagged(A(3)), Union[B, A], A(3)),
        (tagged(A(3)), Optional[A], A(3)),
        (tagged(Derived(3, more=[Derived()])), A, Derived(3, more=[Derived()])),
        ([tagged(B(1)), tagged(A(2))], list[A | B], [B(1), A(2)]),
        (tagged(Box(Color.RED, [Color.PAIR])), Box[Color], Box(Color.RED, [Color.PAIR])),
        (tagged(Box("red")), Box, Box("red")),
        ({"n": 1, "total": 7}, Count, make_instance(Count, {"n": 1, "total": 7})),
        ({}, Count, make_instance(Count, {"n": None, "total": 0})),
        (A(4), A, A(4)),
    ],
)  # fmt: skip
def test_decodes(value: Any, kind: Any, decoded: Any) -> None:
    found = CODER.decode(value, kind)
    assert found == decoded
    assert type(found) is type(decoded)


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ("abc", list[str], "cannot decode as list[str]: 'abc'"),
        ([1], dict[str, int], "cannot decode as dict[str, int]: [1]"),
        ([1, 2, 3], tuple[int, int], "cannot decode as tuple[int, int]: [1, 2, 3]"),
        ({"color": "blue"}, A, "cannot decode as Color: 'blue': 'blue' is not a valid Color"),
        (5, A, "cannot decode as A: 5"),
        ("blue", int | Color, "'blue' is none of int, Color"),
    ],
)
def test_what_fits_nowhere(value: Any, kind: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        CODER.decode(value, kind)
    assert str(caught.value) == message


def test_kinds_that_the_wire_lacks() -> None:
    assert CODER.encode({Color.RED}) == ["red"]
    assert CODER.encode(Point(1, Color.RED)) == Point(1, "red")
    assert CODER.encode(A) is A, "a class is no instance"


class Upper(IStateEncoderDecoder):
    def encode(self, obj: Any) -> Any:
        return obj.upper()

    def decode(self, obj: Any, obj_type: Any) -> Any:
        return obj.lower() if obj_type is str else self.failed_serialization("texts only")


def test_the_first_encoder_that_does_not_fail() -> None:
    both = CollectionEncoderDecoder([Upper(), DefaultEncoderDecoder()])
    assert both.encode(["a", Color.RED, 5]) == ["A", "red", 5]
    assert both.decode(["A"], list[str]) == ["a"]
    assert both.decode("5", int) == 5
    alone = CollectionEncoderDecoder([Upper()])
    with pytest.raises(TypeError, match="cannot encode 5: 'int' object has no attribute 'upper'"):
        alone.encode(5)
    with pytest.raises(TypeError, match="cannot decode as int: 5: texts only"):
        alone.decode(5, int)
    with pytest.raises(TypeError, match="no encoder can"):
        CollectionEncoderDecoder([]).encode(5)
    assert isinstance(TAG, str)
    assert issubclass(Color, Enum)
