"""Values that an input begins with, which are refused where it could not have them."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

from jupyter_trame.ui.calls import public_call

__all__ = ["require_possible"]

_SHOWN = 6
"""Options that a message names."""


def require_possible(value: Any, props: Mapping[str, Any]) -> None:
    """Raise ValueError where an input with these `props` cannot have `value`; None is what it has before any."""
    for number in value if isinstance(value, list) else [value]:
        _require_bounds(number, props.get("min"), props.get("max"))
    for chosen in value if props.get("many") else [value]:
        _require_option(chosen, props.get("options"))


def _require_bounds(value: Any, least: Any, most: Any) -> None:
    """Numbers are compared, and days as text; of an expression nothing is known."""
    name = public_call().name
    if _is_above(least, most):
        raise ValueError(
            f"{name} is given bounds of which the lower one comes first, not {least!r} and {most!r}"
        )
    if _is_above(least, value):
        raise ValueError(
            f"give a value= from {least!r} on: {name} begins with {value!r}, which is below its min"
        )
    if _is_above(value, most):
        raise ValueError(
            f"give a value= up to {most!r}: {name} begins with {value!r}, which is above its max"
        )


def _require_option(value: Any, options: Any) -> None:
    """`options` are as clients get them; of an expression nothing is known."""
    if value is None or not isinstance(options, list) or any(option["value"] == value for option in options):
        return
    shown = [repr(option["value"]) for option in options[:_SHOWN]] + ["..."] * (len(options) > _SHOWN)
    advice = f"give a value= out of {', '.join(shown)}" if shown else "give options, or no value="
    raise ValueError(f"{advice}: {public_call().name} begins with {value!r}, which is none of its options")


def _is_above(a: Any, b: Any) -> bool:
    is_comparable = all(isinstance(value, Real) for value in (a, b)) or all(
        isinstance(value, str) for value in (a, b)
    )
    return is_comparable and a > b
