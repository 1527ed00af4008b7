"""Inputs: each is bound to a key of the state."""

# ruff: noqa: A002, PLR0913 - what can be said of an input has the words of HTML, and stands in its signature

from __future__ import annotations

from typing import Any

from jupyter_trame.ui.field import field
from jupyter_trame.ui.part import Expression, Handler, Part

__all__ = ["slider", "text_input"]


def slider(
    key: str,
    min: float | Expression,
    max: float | Expression,
    /,
    *,
    value: float | None = None,
    step: float | Expression | None = None,
    unit: str | None = None,
    label: str | Expression | None = None,
    help: str | Expression | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    **attributes: Any,
) -> Part:
    """A number from `min` to `max` in steps of `step`; `value`, by default `min`, is there first.

    The key follows while the slider moves; `on_change` is called when it is let go. See `field` for the rest.
    """
    return field(
        "JtSlider",
        key,
        min if value is None else value,
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        props={"min": min, "max": max, "step": step, "unit": unit},
        **attributes,
    )


def text_input(
    key: str,
    /,
    *,
    value: str = "",
    placeholder: str | Expression | None = None,
    label: str | Expression | None = None,
    help: str | Expression | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    **attributes: Any,
) -> Part:
    """A line of text. The key follows each stroke; `on_change` is called at Enter and when the line is left."""
    return field(
        "JtText",
        key,
        value,
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        props={"placeholder": placeholder},
        **attributes,
    )
