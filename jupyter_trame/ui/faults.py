"""What is wrong with a value for an input: pages take no other ones, but any client may write a key."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from numbers import Real
from typing import Any, TypeAlias

from jupyter_trame.rpc.uploaded_file import UploadedFile

__all__ = ["fault_of"]

_Props: TypeAlias = Mapping[str, Any]


def fault_of(tag: str, value: Any, props: _Props) -> str:
    """A sentence for the user, as the input `tag` with these `props` says it; empty where `value` is one of its own.

    None is what each key may have before it has a value. Of bounds and options that are expressions nothing is known.
    """
    kind = "date" if props.get("type") == "date" else tag
    find = None if value is None else _FAULTS.get(kind)
    return "" if find is None else find(value, props)


def _of_text(value: Any, _props: _Props) -> str:
    return "" if isinstance(value, str) else "This is not a text."


def _of_switch(value: Any, _props: _Props) -> str:
    return "" if isinstance(value, bool) else "This is neither on nor off."


def _of_color(value: Any, _props: _Props) -> str:
    is_color = isinstance(value, str) and re.fullmatch("#[0-9a-fA-F]{6}", value)
    return "" if is_color else "This is not a colour."


def _of_number(value: Any, props: _Props) -> str:
    return _beyond(value, props) if _is_number(value) else "This is not a number."


def _is_number(value: Any) -> bool:
    if type(value) is float:
        return math.isfinite(value)
    if isinstance(value, Decimal):
        return value.is_finite()
    return type(value) is not bool and issubclass(type(value), Real)


def _of_range(value: Any, props: _Props) -> str:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return "These are not two numbers."
    wrong = _of_number(value[0], props) or _of_number(value[1], props)
    return wrong or ("The lower number comes first." if value[0] > value[1] else "")


def _of_date(value: Any, props: _Props) -> str:
    try:
        day = (value if isinstance(value, dt.date) else dt.date.fromisoformat(value)).isoformat()
    except (TypeError, ValueError):
        return "This is not a day."
    return _beyond(day, props)


def _of_options(value: Any, props: _Props) -> str:
    options = props.get("options")
    if props.get("many"):
        if not isinstance(value, list | tuple):
            return "This is not a list."
        return next(filter(None, (_of_option(one, options) for one in value)), "")
    return _of_option(value, options)


def _of_option(value: Any, options: Any) -> str:
    known = not isinstance(options, list) or any(_is_equal(option["value"], value) for option in options)
    return "" if known else "This is not one of the options."


def _is_equal(option: Any, value: Any) -> bool:
    try:
        return bool(option == value)
    except Exception:  # noqa: BLE001 - an array, or a user's class: a client may send the first
        return False


def _of_file(value: Any, props: _Props) -> str:
    if props.get("multiple"):
        is_right = isinstance(value, list | tuple) and all(isinstance(one, UploadedFile) for one in value)
    else:
        is_right = isinstance(value, UploadedFile)
    return "" if is_right else "This is not a file."


def _beyond(value: Any, props: _Props) -> str:
    least, most = props.get("min"), props.get("max")
    more, less = ("later", "earlier") if isinstance(value, str) else ("more", "less")
    if _is_bound(least, value) and value < least:
        return f"Enter {least} or {more}."
    if _is_bound(most, value) and value > most:
        return f"Enter {most} or {less}."
    return ""


def _is_bound(end: Any, value: Any) -> bool:
    return isinstance(end, str) if isinstance(value, str) else isinstance(end, Real)


_FAULTS: dict[str, Callable[[Any, _Props], str]] = {
    "JtText": _of_text,
    "JtCheck": _of_switch,
    "JtColor": _of_color,
    "JtSlider": _of_number,
    "JtEntry": _of_number,
    "JtRange": _of_range,
    "date": _of_date,
    "JtSelect": _of_options,
    "JtChoices": _of_options,
    "JtUpload": _of_file,
}
