"""Values that an input begins with, which are refused where it could not have them."""

from __future__ import annotations

from numbers import Real
from typing import Any

from jupyter_trame.ui.calls import public_call

__all__ = ["require_bounds", "require_option"]

_SHOWN = 6
"""Options that a message names."""


def require_bounds(value: Any, least: Any, most: Any) -> None:
    """Raise ValueError where `value` is beyond one of its bounds; what is None or an expression is none.

    Numbers are compared, and days as text.
    """
    name = public_call().name
    if _is_above(least, most):
        raise ValueError(
            f"{name} is given bounds of which the lower one comes first, not {least!r} and {most!r}"
        )
    if _is_above(least, value):
        raise ValueError(f"{name} begins with value={value!r}, which is below its min of {least!r}")
    if _is_above(value, most):
        raise ValueError(f"{name} begins with value={value!r}, which is above its max of {most!r}")


def require_option(value: Any, options: Any) -> None:
    """Raise ValueError where `value` is not among `options`, as clients get them; of an expression nothing is known."""
    if not isinstance(options, list) or any(option["value"] == value for option in options):
        return
    shown = [repr(option["value"]) for option in options[:_SHOWN]] + ["..."] * (len(options) > _SHOWN)
    offered = ", ".join(shown) or "none"
    raise ValueError(f"{public_call().name} begins with value={value!r}, which is no option of it: {offered}")


def _is_above(a: Any, b: Any) -> bool:
    is_comparable = all(isinstance(value, Real) for value in (a, b)) or all(
        isinstance(value, str) for value in (a, b)
    )
    return is_comparable and a > b
