"""Inputs: each is bound to a key of the state. What all share is told by `field`."""

# ruff: noqa: A002, PLR0913 - what can be said of an input has the words of HTML, and stands in its signature

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

from jupyter_trame.ui.field import Text, field
from jupyter_trame.ui.form import Check
from jupyter_trame.ui.part import Expression, Handler, Part, server_around, takes_value

__all__ = [
    "check",
    "color",
    "date",
    "number",
    "range_slider",
    "slider",
    "switch",
    "text_area",
    "text_input",
    "upload",
]


def slider(
    key: str,
    min: float | Expression,
    max: float | Expression,
    *,
    value: float | None = None,
    step: float | Expression | None = None,
    unit: str | None = None,
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """A number from `min` to `max` in steps of `step`; `value`, by default `min`, is there first.

    Steps are 1 by default. Where an end has a fraction, or both are at most 1 apart, they are a power of ten with which
    the slider has a hundred steps or more: 0.01 from 0 to 1.

    The key follows while the slider moves; `on_change` is called when it is let go. Raises TypeError where `min` is an
    expression and there is no `value`, and ValueError for bounds that are turned round and a `value` beyond them.
    """
    return field(
        "JtSlider",
        key,
        _start(min) if value is None else value,
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        check=check,
        props={"min": min, "max": max, "step": _fine(min, max) if step is None else step, "unit": unit},
        **attributes,
    )


def range_slider(
    key: str,
    min: float,
    max: float,
    *,
    value: tuple[float, float] | None = None,
    step: float | Expression | None = None,
    unit: str | None = None,
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """Two numbers from `min` to `max`, the lower one first, as a list; `value`, by default both ends, is there first.
    Steps are those of `slider`.

    The key follows while a thumb moves; `on_change` is called when it is let go. Raises ValueError for bounds that are
    turned round and a `value` beyond them.
    """
    return field(
        "JtRange",
        key,
        list((min, max) if value is None else value),
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        check=check,
        props={"min": min, "max": max, "step": _fine(min, max) if step is None else step, "unit": unit},
        **attributes,
    )


def number(
    key: str,
    min: float | Expression | None = None,
    max: float | Expression | None = None,
    *,
    value: float | None = None,
    step: float | Expression | None = None,
    unit: str | None = None,
    placeholder: Text | None = None,
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """A number that is typed; None while the field is empty.

    What is no number, is out of bounds or between the steps is told below the field, and the key stays as it was.
    Raises ValueError for a `value` out of bounds.
    """
    return field(
        "JtEntry",
        key,
        value,
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        check=check,
        props={"min": min, "max": max, "step": step, "unit": unit, "placeholder": placeholder},
        **attributes,
    )


def date(
    key: str,
    min: dt.date | Text | None = None,
    max: dt.date | Text | None = None,
    *,
    value: dt.date | str | None = None,
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """A day as text, ``"2026-11-30"``, which `datetime.date.fromisoformat` reads; None while the field is empty.

    A day out of bounds is told below the field, and the key stays as it was. Raises ValueError for a `value` out of
    bounds.
    """
    return field(
        "JtEntry",
        key,
        _iso(value),
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        check=check,
        props={"type": "date", "min": _iso(min), "max": _iso(max)},
        **attributes,
    )


def text_input(
    key: str,
    *,
    value: str = "",
    placeholder: Text | None = None,
    password: bool = False,
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """A line of text. The key follows each stroke; `on_change` is called at Enter and when the line is left.

    With `password` nobody reads it over a shoulder; the state has it as it is.
    """
    return field(
        "JtText",
        key,
        value,
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        check=check,
        props={"placeholder": placeholder, "type": "password" if password else None},
        **attributes,
    )


def text_area(
    key: str,
    *,
    value: str = "",
    rows: int = 4,
    placeholder: Text | None = None,
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """Lines of text, of which `rows` are seen. The key follows each stroke; `on_change` is called at the end."""
    return field(
        "JtText",
        key,
        value,
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        check=check,
        props={"placeholder": placeholder, "rows": rows},
        **attributes,
    )


def check(
    key: str,
    *,
    value: bool = False,
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """A box to tick: True or False."""
    return field(
        "JtCheck",
        key,
        value,
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        check=check,
        **attributes,
    )


def switch(
    key: str,
    *,
    value: bool = False,
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """A switch for what takes effect at once: True or False."""
    return field(
        "JtCheck",
        key,
        value,
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        check=check,
        props={"toggle": True},
        **attributes,
    )


def color(
    key: str,
    *,
    value: str = "#1769d2",
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """A colour as text, ``"#1769d2"``. The key follows while one is chosen; `on_change` is called at the end."""
    return field(
        "JtColor",
        key,
        value,
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        check=check,
        **attributes,
    )


def upload(
    key: str,
    *,
    accept: str | None = None,
    multiple: bool = False,
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Callable[..., Any] | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """A file that the user chooses or drops, as an `UploadedFile`; None before, and a list with `multiple`.

    `accept` says which, by extensions and media types: ``".csv,image/*"``. `on_change` is called when the file is here.
    Raises TypeError where it is no function.
    """
    heard = None
    if on_change is not None:
        if not callable(on_change):
            raise TypeError(f"the on_change of an upload is a function, not {on_change!r}")
        server, takes = server_around(attributes), takes_value(on_change)

        def heard() -> Any:
            # The state has it already: as an argument of the call it would be sent once more.
            return on_change(server.state[key]) if takes else on_change()

    return field(
        "JtUpload",
        key,
        [] if multiple else None,
        label=label,
        help=help,
        disabled=disabled,
        on_change=heard,
        check=check,
        props={"accept": accept, "multiple": multiple},
        **attributes,
    )


def _start(least: float | Expression) -> float:
    if isinstance(least, tuple):
        raise TypeError(f"a slider from {least[0]!r} on is given the value= that it begins with")
    return least


def _fine(least: float | Expression, most: float | Expression) -> float | None:
    """The steps between ends for which those of 1 are too large; None for others, and for ends that are not known."""
    if isinstance(least, tuple) or isinstance(most, tuple) or most <= least:
        return None
    if most - least > 1 and float(least).is_integer() and float(most).is_integer():
        return None
    return float(f"1e{math.floor(math.log10((most - least) / 100))}")


def _iso(day: Any) -> Any:
    return day.isoformat() if isinstance(day, dt.date) else day
