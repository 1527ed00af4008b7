"""How the values of a table are written."""

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeAlias

__all__ = ["Format", "writer"]

Format: TypeAlias = str | Callable[[Any], object]
"""A format specification (``.2f``), a text with one in braces (``{:.2f} kg``), or a function of the value."""


def writer(form: Format | None, days: bool = False) -> Callable[[Any], str]:
    """What makes a text of a value; a missing one, which is None, is empty. `days`: moments are days.

    It gives the value's own text where `form` does not fit: one odd value is no reason to show no table.
    """
    write = (_day if days else _plain) if form is None else _by(form)

    def text(value: Any) -> str:
        if value is None:
            return ""
        try:
            return str(write(value))
        except Exception:  # noqa: BLE001 - a user's function, or a value of another type than the others
            return str(value)

    return text


def _by(form: Format) -> Callable[[Any], object]:
    if callable(form):
        return form
    return form.format if "{" in form else lambda value: format(value, form)


def _plain(value: Any) -> str:
    if isinstance(value, float):
        # Six digits, as long as that is no power of ten.
        return (
            f"{value:.6g}" if abs(value) < 1e6 or value in (float("inf"), -float("inf")) else f"{value:.0f}"
        )
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds" if value.microsecond == 0 else "auto")
    return str(value)


def _day(value: Any) -> str:
    return str(value.date())
