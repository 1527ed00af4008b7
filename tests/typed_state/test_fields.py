"""Types of fields, with type variables resolved."""

# ruff: noqa: UP007, UP045 - both spellings are tested

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Generic, NewType, Optional, TypeVar, Union

import pytest

from jupyter_trame.typed_state.fields import class_of, fields_of, is_union, plain_type, tag_of

T = TypeVar("T")
N = TypeVar("N", bound=int)
C = TypeVar("C", int, str)


@dataclass
class Pair(Generic[T, N]):
    first: T
    rest: "list[dict[str, T]]"
    number: N


@dataclass
class Half(Pair[str, N]):
    pass


@dataclass
class Whole(Half[bool]):
    kind: ClassVar[int] = 3
    extra: list[int] = field(default_factory=list, init=False)


@dataclass
class Unresolved:
    x: "Nobody"  # type: ignore[name-defined]  # noqa: F821


def types(of: Any) -> dict[str, Any]:
    return {field.name: field.type for field in fields_of(of)}


def test_type_variables() -> None:
    assert types(Pair) == {"first": T, "rest": list[dict[str, T]], "number": N}  # type: ignore[valid-type]
    assert types(Pair[str, bool]) == {"first": str, "rest": list[dict[str, str]], "number": bool}
    assert types(Half) == {"first": str, "rest": list[dict[str, str]], "number": N}
    assert types(Whole) == {
        "first": str, "rest": list[dict[str, str]], "number": bool, "extra": list[int],
    }  # fmt: skip


def test_defaults() -> None:
    first, *_, extra = fields_of(Whole)
    assert (first.has_default, first.init) == (False, True)
    assert (extra.has_default, extra.init, extra.default()) == (True, False, [])
    assert extra.default() is not extra.default()


def test_plain_types() -> None:
    assert plain_type(Annotated[NewType("Id", int), "doc"]) is int
    assert (plain_type(T), plain_type(N), plain_type(C)) == (Any, int, Union[int, str])


def test_small_questions() -> None:
    assert is_union(int | str)
    assert is_union(Optional[int])
    assert not is_union(list[int])
    assert class_of(Pair[int, int]) is Pair
    assert class_of(list[int]) is None
    assert class_of(Whole(True, [], True)) is None  # type: ignore[arg-type]
    assert tag_of(Pair) == f"{__name__}.Pair"


def test_what_cannot_be_resolved() -> None:
    with pytest.raises(TypeError, match="a dataclass is expected, not <class 'int'>"):
        fields_of(int)
    with pytest.raises(TypeError, match=r"annotations of .*Unresolved cannot be resolved: name 'Nobody'"):
        fields_of(Unresolved)
