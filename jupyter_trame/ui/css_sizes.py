"""Sizes as CSS has them."""

from __future__ import annotations

from numbers import Real
from typing import Any, TypeAlias

from jupyter_trame.ui.calls import public_call

__all__ = ["Size", "as_css"]

Size: TypeAlias = str | float
"""A length of CSS, ``"24rem"``, or a number of pixels."""


def as_css(size: Any, argument: str) -> str:
    """`size` as CSS. Raises TypeError, which names the `argument`, for what is no text and no number."""
    if isinstance(size, str):
        return size
    if isinstance(size, bool) or not isinstance(size, Real):
        raise TypeError(
            f"{argument}= of {public_call().name} is a number of pixels, or a length of CSS as in '24rem', "
            f"not {size!r}"
        )
    return f"{float(size):g}px"
