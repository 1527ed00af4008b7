"""Values within values: lists, dicts, unions, and dataclasses that are not spread over keys of their own."""

from collections import abc
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args, get_origin

from jupyter_trame.typed_state.encoders import DefaultEncoderDecoder, IStateEncoderDecoder
from jupyter_trame.typed_state.fields import class_of, fields_of, is_union, plain_type, tag_of

__all__ = ["TAG", "CollectionEncoderDecoder", "make_instance"]

TAG = "__trame_typed_state__"
"""Key of a dataclass's name in the dict that stands for its instance."""

_LISTS = (list, abc.Sequence, abc.MutableSequence, abc.Iterable, abc.Collection)
_SETS = {set: set, frozenset: frozenset, abc.Set: frozenset, abc.MutableSet: set}
_DICTS = (dict, abc.Mapping, abc.MutableMapping)
_SCALARS = (bool, int, float, str, bytes)


class CollectionEncoderDecoder(IStateEncoderDecoder):
    """Takes collections and dataclasses apart and has `encoders` do the rest: the first that does not fail wins."""

    def __init__(self, encoders: Iterable[IStateEncoderDecoder] | None = None) -> None:
        """`encoders`: default: a `DefaultEncoderDecoder`; it has to be among those given, if it is wanted."""
        self._encoders = [*encoders] if encoders is not None else [DefaultEncoderDecoder()]

    def encode(self, obj: Any) -> Any:
        """What the state holds for `obj`. Raises TypeError where no encoder can tell.

        Lists and tuples stay what they are, sets become lists, an instance of a dataclass a dict with `TAG`.
        """
        match obj:
            case dict():
                return {self.encode(key): self.encode(value) for key, value in obj.items()}
            case tuple() if hasattr(obj, "_make"):
                return obj._make(map(self.encode, obj))
            case list() | tuple():
                return type(obj)(map(self.encode, obj))
            case set() | frozenset():
                return [self.encode(item) for item in obj]
        kind: Any = type(obj)
        if class_of(kind) is not None:
            values = {field.name: self.encode(getattr(obj, field.name)) for field in fields_of(kind)}
            return {**values, TAG: tag_of(kind)}
        return self._first("encode", obj, lambda encoder: encoder.encode(obj))

    def decode(self, obj: Any, obj_type: Any) -> Any:
        """The value of `obj_type` for which the state holds `obj`; None for None. Raises TypeError where it cannot be.

        A union takes the dataclass that is named in the value, else the first member that fits; a text or a number
        becomes another kind of scalar only where no member fits as it is.
        """
        obj_type = plain_type(obj_type)
        if obj is None or obj_type in (Any, object):
            return obj
        if is_union(obj_type):
            return self._decode_union(obj, get_args(obj_type))
        if class_of(obj_type) is not None:
            return self._decode_dataclass(obj, obj_type)
        origin, arguments = get_origin(obj_type) or obj_type, get_args(obj_type)
        if origin in _DICTS:
            return self._decode_dict(obj, obj_type, *(arguments or (Any, Any)))
        if origin is tuple:
            return self._decode_tuple(obj, obj_type, arguments)
        if origin in _LISTS or origin in _SETS:
            items = _items_of(obj, obj_type)
            make = _SETS.get(origin, list)
            return make(self.decode(item, arguments[0] if arguments else Any) for item in items)
        return self._first(
            f"decode as {_name(obj_type)}:", obj, lambda encoder: encoder.decode(obj, obj_type)
        )

    def _decode_dict(self, obj: Any, obj_type: Any, key_type: Any, value_type: Any) -> dict[Any, Any]:
        if not isinstance(obj, abc.Mapping):
            raise _mismatch(obj, obj_type)
        return {self.decode(key, key_type): self.decode(value, value_type) for key, value in obj.items()}

    def _decode_tuple(self, obj: Any, obj_type: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        items = list(_items_of(obj, obj_type))
        # ``tuple[E]`` is written for a tuple of any number of E as well.
        if not arguments or arguments[-1] is Ellipsis or len(arguments) == 1 != len(items):
            return tuple(self.decode(item, arguments[0] if arguments else Any) for item in items)
        if len(items) != len(arguments):
            raise _mismatch(obj, obj_type)
        return tuple(self.decode(item, type_) for item, type_ in zip(items, arguments, strict=True))

    def _decode_union(self, obj: Any, members: tuple[Any, ...]) -> Any:
        if isinstance(obj, dict) and TAG in obj:
            named = [member for member in members if _named_class(obj[TAG], class_of(plain_type(member)))]
            members = (*named, *members)
        fitting = [member for member in members if member not in _SCALARS or type(obj) is member]
        for member in (*fitting, *members):
            if member is type(None):
                continue
            try:
                return self.decode(obj, member)
            except TypeError:
                continue
        raise TypeError(f"{obj!r} is none of {', '.join(map(_name, members))}")

    def _decode_dataclass(self, obj: Any, obj_type: Any) -> Any:
        origin = class_of(obj_type)
        assert origin is not None
        if isinstance(obj, origin):
            return obj
        if not isinstance(obj, abc.Mapping):
            raise _mismatch(obj, obj_type)
        named = _named_class(obj.get(TAG), origin)
        if named is not None and named is not origin:
            origin = obj_type = named
        values = {
            field.name: self.decode(obj[field.name], field.type)
            if field.name in obj
            else (field.default() if field.has_default else None)
            for field in fields_of(obj_type)
        }
        return make_instance(origin, values)

    def _first(self, what: str, obj: Any, ask: Callable[[IStateEncoderDecoder], Any]) -> Any:
        reasons: list[str] = []
        cause: Exception | None = None
        for encoder in self._encoders:
            try:
                result = ask(encoder)
            except Exception as error:  # noqa: BLE001 - an encoder says by any exception that it cannot
                reasons.append(str(error))
                cause = error
                continue
            if self.is_serialization_success(result):
                return result
            reasons.append(result.reason)
        raise TypeError(
            f"cannot {what} {obj!r}: {'; '.join(filter(None, reasons)) or 'no encoder can'}"
        ) from cause


def make_instance(dataclass_type: type, values: dict[str, Any]) -> Any:
    """An instance of `dataclass_type` with these values of its fields, those that its constructor does not take too."""
    fields = fields_of(dataclass_type)
    instance = dataclass_type(**{field.name: values[field.name] for field in fields if field.init})
    for field in fields:
        if not field.init:
            object.__setattr__(instance, field.name, values[field.name])
    return instance


def _named_class(tag: object, declared: type | None) -> type | None:
    """The class of this name: `declared`, or one derived from it."""
    if declared is None:
        return None
    return next((found for found in _family(declared) if tag_of(found) == tag), None)


def _family(declared: Any) -> Iterator[type]:
    yield declared
    for derived in declared.__subclasses__():
        yield from _family(derived)


def _items_of(obj: Any, obj_type: Any) -> Iterable[Any]:
    if not isinstance(obj, list | tuple | set | frozenset):
        raise _mismatch(obj, obj_type)
    return obj


def _mismatch(obj: object, obj_type: Any) -> TypeError:
    return TypeError(f"cannot decode as {_name(obj_type)}: {obj!r}")


def _name(type_: Any) -> str:
    return type_.__qualname__ if isinstance(type_, type) and not get_args(type_) else str(type_)
