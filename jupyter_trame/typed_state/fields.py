"""What a dataclass says about its fields, with type variables replaced by what they stand for."""

import dataclasses
from collections.abc import Mapping
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

__all__ = ["TypedField", "class_of", "fields_of", "is_union", "plain_type", "tag_of"]


@dataclasses.dataclass(frozen=True, slots=True)
class TypedField:
    """One field of a dataclass."""

    name: str
    type: Any
    init: bool
    """Whether the constructor takes it."""
    field: "dataclasses.Field[Any]"

    @property
    def has_default(self) -> bool:
        """Is there a default or a default factory?"""
        missing = dataclasses.MISSING
        return self.field.default is not missing or self.field.default_factory is not missing

    def default(self) -> Any:
        """The default, made anew where a factory makes it."""
        if self.field.default is not dataclasses.MISSING:
            return self.field.default
        assert self.field.default_factory is not dataclasses.MISSING
        return self.field.default_factory()


def class_of(type_: Any) -> type | None:
    """The dataclass that `type_` is, or is a parametrised form of; None for every other type."""
    found = get_origin(type_) or type_
    return found if isinstance(found, type) and dataclasses.is_dataclass(found) else None


def tag_of(dataclass_type: type) -> str:
    """The name that stands with the values of a dataclass in the state."""
    return f"{dataclass_type.__module__}.{dataclass_type.__qualname__}"


def is_union(type_: Any) -> bool:
    """Is this ``A | B``, ``Union[A, B]`` or ``Optional[A]``?"""
    return get_origin(type_) in (Union, UnionType)


@lru_cache(maxsize=256)
def fields_of(dataclass_type: Any) -> tuple[TypedField, ...]:
    """The fields of a dataclass or of a parametrised one. Raises TypeError where its annotations cannot be resolved."""
    origin = class_of(dataclass_type)
    if origin is None:
        raise TypeError(f"a dataclass is expected, not {dataclass_type!r}")
    try:
        hints = get_type_hints(origin)
    except NameError as error:
        raise TypeError(f"the annotations of {tag_of(origin)} cannot be resolved: {error}") from error
    variables = _variables(dataclass_type)
    return tuple(
        TypedField(field.name, _substitute(hints[field.name], variables), field.init, field)
        for field in dataclasses.fields(origin)
    )


def plain_type(type_: Any) -> Any:
    """The type that `type_` is about: without Annotated and NewType, the bound of a type variable."""
    while True:
        if get_origin(type_) is Annotated:
            type_ = get_args(type_)[0]
        elif isinstance(type_, NewType):
            type_ = type_.__supertype__
        elif isinstance(type_, TypeVar):
            type_ = type_.__bound__ or (Union[type_.__constraints__] if type_.__constraints__ else Any)  # noqa: UP007 - of a tuple
        else:
            return type_


def _variables(type_: Any) -> dict[Any, Any]:
    """What the type variables of `type_` and of its bases stand for."""
    origin = get_origin(type_) or type_
    own = dict(zip(getattr(origin, "__parameters__", ()), get_args(type_), strict=False))
    found: dict[Any, Any] = {}
    for base in getattr(origin, "__orig_bases__", ()):
        if class_of(base) is not None:
            found |= {variable: _substitute(value, own) for variable, value in _variables(base).items()}
    return found | own


def _substitute(type_: Any, variables: Mapping[Any, Any]) -> Any:
    if isinstance(type_, TypeVar):
        return variables.get(type_, type_)
    parameters = getattr(type_, "__parameters__", ())
    if not parameters or isinstance(type_, type):
        return type_
    return type_[tuple(variables.get(parameter, parameter) for parameter in parameters)]
