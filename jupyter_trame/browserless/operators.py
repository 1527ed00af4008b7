"""JavaScript's operators on values of the state, where they do the same in Python; anything else is refused.

`UNDEFINED` is what a name or a member is that does not exist; None is ``null``.
"""

import json
import math
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from operator import is_
from typing import Any, Final

__all__ = [
    "METHODS",
    "UNDEFINED",
    "Undefined",
    "UnsupportedError",
    "arithmetic",
    "compare",
    "display",
    "equal",
    "includes",
    "member",
    "member_name",
    "number",
    "plain",
    "to_fixed",
    "truthy",
]

_EXACT = 2**53
_LOWEST, _HIGHEST = 1e-4, 1e16
"""Between them both languages write a number without an exponent."""


class UnsupportedError(Exception):
    """JavaScript would do something that is not done here; the text says what."""


class Undefined:
    """The type of `UNDEFINED`."""

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED: Final = Undefined()


def truthy(value: Any) -> bool:
    """Whether `value` counts as true; lists and dicts do, even empty ones."""
    if value is None or value is UNDEFINED:
        return False
    if isinstance(value, str | bool | int):
        return bool(value)
    return not (isinstance(value, float) and (value == 0 or math.isnan(value)))


def equal(operator: str, left: Any, right: Any) -> bool:
    """``===``, ``!==``, ``==`` or ``!=``; lists and dicts are equal to themselves only."""
    same = _strictly_equal(left, right) if len(operator) == 3 else _loosely_equal(left, right)
    return same == operator.startswith("=")


def compare(operator: str, left: Any, right: Any) -> bool:
    """``<``, ``<=``, ``>`` or ``>=`` of two numbers or two texts."""
    if not (_is_number(left) and _is_number(right)) and not (
        isinstance(left, str) and isinstance(right, str)
    ):
        raise UnsupportedError(f"{left!r} {operator} {right!r} converts a value")
    if operator[0] == ">":
        left, right = right, left
    return bool(left < right or (len(operator) == 2 and left == right))


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    """``+``, ``-``, ``*``, ``/`` or ``%`` of two numbers; with a text ``+`` joins."""
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        for value in (left, right):
            if not isinstance(value, str) and not _is_number(value):
                raise UnsupportedError(f"{left!r} + {right!r} converts a value")
        return display(left) + display(right)
    if not (_is_number(left) and _is_number(right)):
        raise UnsupportedError(f"{left!r} {operator} {right!r} converts a value")
    if right == 0 and operator in {"/", "%"}:
        raise UnsupportedError("it divides by zero")
    match operator:
        case "+":
            return number(left + right)
        case "-":
            return number(left - right)
        case "*":
            return number(left * right)
        case "/":
            return number(left / right)
    return number(math.fmod(left, right))


def member(target: Any, key: Any, *, optional: bool = False) -> Any:
    """A member of a dict, an item or the length of a list or a text, else UNDEFINED."""
    if target is None or target is UNDEFINED:
        if optional:
            return UNDEFINED
        raise UnsupportedError(
            f"it reads {key!r} of {'null' if target is None else 'undefined'}, which throws"
        )
    if isinstance(target, dict):
        return target.get(member_name(key), UNDEFINED)
    if isinstance(target, list | tuple | str):
        if key == "length":
            return len(target)
        if isinstance(key, int) and not isinstance(key, bool):
            return target[key] if 0 <= key < len(target) else UNDEFINED
    raise UnsupportedError(f"it reads {key!r} of a {type(target).__name__}")


def member_name(key: Any) -> str:
    """The name of a dict's member as JavaScript makes it of `key`."""
    if not isinstance(key, str | bool | int | float) or key == "__proto__":
        raise UnsupportedError(f"it names a member {key!r}")
    return display(key)


def number(value: float) -> float:
    """`value` as it travels: an int where it has no fraction."""
    return int(value) if float(value).is_integer() and abs(value) < _EXACT else value


def display(value: Any) -> str:
    """`value` as ``{{ }}`` shows it."""
    if value is None or value is UNDEFINED:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return _digits(value)
    if isinstance(value, list | tuple | dict):
        try:
            return json.dumps(plain(value), indent=2, ensure_ascii=False)
        except (TypeError, ValueError):
            pass
    raise UnsupportedError(f"it shows a {type(value).__name__}")


def to_fixed(value: Any, digits: Any = 0) -> str:
    """``value.toFixed(digits)``."""
    if not _is_number(value) or not isinstance(digits, int) or abs(value) >= _HIGHEST:
        raise UnsupportedError(f"it takes toFixed of {value!r}")
    # Of two that are as near JavaScript takes the larger; Decimal is exact about what lies between.
    rounded = abs(Decimal(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"-{rounded}" if value < 0 else str(rounded)


def includes(value: Any, item: Any) -> bool:
    """``value.includes(item)``."""
    if isinstance(value, str) and isinstance(item, str):
        return item in value
    if isinstance(value, list | tuple):
        return any(_strictly_equal(each, item) for each in value)
    raise UnsupportedError(f"it searches {item!r} in {value!r}")


METHODS: Final[Mapping[str, Callable[..., Any]]] = {"toFixed": to_fixed, "includes": includes}
"""Methods of values, by their names in JavaScript."""


def plain(value: Any) -> Any:
    """`value` as it travels: UNDEFINED is null. A list or dict without it stays what it is."""
    if value is UNDEFINED:
        return None
    if isinstance(value, list | tuple):
        items = [plain(item) for item in value]
        return value if all(map(is_, items, value)) else items
    if isinstance(value, dict):
        members = {key: plain(item) for key, item in value.items()}
        return value if all(map(is_, members.values(), value.values())) else members
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _digits(value: float) -> str:
    value = number(value)
    if isinstance(value, int) and abs(value) < _EXACT:
        return str(value)
    if not isinstance(value, int) and _LOWEST <= abs(value) < _HIGHEST:
        return repr(value)
    raise UnsupportedError(f"it shows the number {value!r}")


def _strictly_equal(left: Any, right: Any) -> bool:
    if _is_number(left) and _is_number(right):
        return bool(left == right)
    if isinstance(left, str | bool) and type(left) is type(right):
        return bool(left == right)
    return left is right


def _loosely_equal(left: Any, right: Any) -> bool:
    nothing = (left is None or left is UNDEFINED, right is None or right is UNDEFINED)
    if any(nothing):
        return all(nothing)
    if type(left) is not type(right) and not (_is_number(left) and _is_number(right)):
        raise UnsupportedError(f"{left!r} == {right!r} converts a value")
    return _strictly_equal(left, right)
