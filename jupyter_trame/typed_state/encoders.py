"""Single values: what the state holds for an enum member, a date, a path, and the way back."""

from abc import ABC, abstractmethod
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

__all__ = ["DefaultEncoderDecoder", "IStateEncoderDecoder", "SerializationFailure"]


class SerializationFailure:
    """What an encoder returns, if it does not raise, for a value that is not its own."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason

    def __repr__(self) -> str:
        return f"SerializationFailure({self.reason!r})"


class IStateEncoderDecoder(ABC):
    """Turns values of a dataclass into values of the state and back.

    A subclass raises, or returns `failed_serialization`, for what is not its own; the next encoder is asked then.
    """

    @abstractmethod
    def encode(self, obj: Any) -> Any:
        """What the state holds for `obj`."""

    @abstractmethod
    def decode(self, obj: Any, obj_type: Any) -> Any:
        """The value of type `obj_type` for which the state holds `obj`."""

    @staticmethod
    def failed_serialization(reason: str = "") -> SerializationFailure:
        """To be returned by `encode` and `decode` in place of raising."""
        return SerializationFailure(reason)

    @staticmethod
    def is_serialization_success(value: object) -> bool:
        """Is `value` what an encoder means, and no `failed_serialization`?"""
        return not isinstance(value, SerializationFailure)


class DefaultEncoderDecoder(IStateEncoderDecoder):
    """Enum members by their values, UUID and Decimal as text, dates and times in ISO format (a datetime in UTC), paths
    with slashes; everything else as it is.
    """

    def encode(self, obj: Any) -> Any:
        match obj:
            case Enum():
                return obj.value
            case UUID() | Decimal():
                return str(obj)
            case datetime():
                return _iso(obj)
            case date() | time():
                return obj.isoformat()
            case Path():
                return obj.as_posix()
            case _:
                return obj

    def decode(self, obj: Any, obj_type: Any) -> Any:
        """Raises TypeError or ValueError where `obj` cannot be an `obj_type`."""
        if get_origin(obj_type) is Literal:
            if obj in get_args(obj_type):
                return obj
            raise ValueError(f"{obj!r} is none of {get_args(obj_type)}")
        if not isinstance(obj_type, type):
            raise TypeError(f"{obj_type!r} is no type")
        if isinstance(obj, obj_type):
            return obj
        if issubclass(obj_type, date | time) and hasattr(obj_type, "fromisoformat"):
            return obj_type.fromisoformat(obj)
        if issubclass(obj_type, Decimal) and not isinstance(obj, str | int):
            # A float would become the digits of its binary value.
            return obj_type(str(obj))
        return obj_type(obj)


def _iso(moment: datetime) -> str | None:
    """`moment` in UTC; None for one of pandas that is none.

    Read part by part, since a derived class may have another arithmetic. The ends of the calendar, which UTC may not
    have, stay as they are.
    """
    if moment != moment:  # noqa: PLR0124 - only NaT is not itself
        return None
    day = (moment.year, moment.month, moment.day)
    clock = (moment.hour, moment.minute, moment.second, moment.microsecond)
    plain = datetime(*day, *clock, tzinfo=moment.tzinfo, fold=moment.fold)
    try:
        return plain.astimezone(UTC).isoformat()
    except (OverflowError, ValueError):
        return plain.isoformat()
