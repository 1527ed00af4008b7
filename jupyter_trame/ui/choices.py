"""Inputs whose values are given: one of several, or any of them."""

# ruff: noqa: A002 - what can be said of an input has the words of HTML, and stands in its signature

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from jupyter_trame.ui.field import Text, field
from jupyter_trame.ui.form import Check
from jupyter_trame.ui.numpy_values import plain
from jupyter_trame.ui.part import Expression, Handler, Part

__all__ = ["Options", "multi_select", "radio", "select"]

Options: TypeAlias = Iterable[Any] | Mapping[Any, str] | Expression
"""Values; pairs of a value and its label, as a dict or one by one; or an expression for either: ``("names",)``. Values
stand in a list, or in what else is no tuple.
"""

_MISSING: Any = object()


def select(
    key: str,
    options: Options,
    *,
    value: Any = _MISSING,
    placeholder: str | None = None,
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """One of several values, in a list that opens. `value` is there first: by default the first of `options`.

    Where `options` are an expression, or `placeholder` says what to choose, it is None by default.

    Raises ValueError for a `value` that is no option.
    """
    given = _given(options)
    return field(
        "JtSelect",
        key,
        _first(given, None if placeholder is not None else _MISSING) if value is _MISSING else value,
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        check=check,
        props={"options": given, "placeholder": placeholder},
        **attributes,
    )


def radio(
    key: str,
    options: Options,
    *,
    value: Any = _MISSING,
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """One of a few values, all in sight. `value` is there first: by default the first of `options`.

    Raises ValueError for a `value` that is no option.
    """
    given = _given(options)
    return field(
        "JtChoices",
        key,
        _first(given) if value is _MISSING else value,
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        check=check,
        props={"options": given},
        **attributes,
    )


def multi_select(
    key: str,
    options: Options,
    *,
    value: Iterable[Any] = (),
    label: Text | None = None,
    help: Text | None = None,
    disabled: bool | Expression | None = None,
    on_change: Handler | None = None,
    check: Check | None = None,
    **attributes: Any,
) -> Part:
    """Any of several values, as a list in the order of `options`. Raises ValueError for a `value` with others."""
    return field(
        "JtChoices",
        key,
        list(value),
        label=label,
        help=help,
        disabled=disabled,
        on_change=on_change,
        check=check,
        props={"options": _given(options), "many": True},
        **attributes,
    )


def _given(options: Options) -> Expression | list[dict[str, Any]]:
    """The options as the client gets them. Raises TypeError for one text, which would be an option a letter, and for a
    tuple that is no expression: that of a single value could not be told from one.
    """
    if isinstance(options, str):
        raise TypeError(
            f"options are a list of values, not the text {options!r}; those of a key are ({options!r},)"
        )
    if isinstance(options, tuple):
        if len(options) != 1 or not isinstance(options[0], str):
            raise TypeError(
                f"a tuple is an expression, as ('names',) is; values stand in a list: {list(options)!r}"
            )
        return options
    if isinstance(options, Mapping):
        return [{"value": value, "label": str(label)} for value, label in options.items()]
    return [_option(plain(option)) for option in options]


def _option(option: Any) -> dict[str, Any]:
    if isinstance(option, tuple | list) and len(option) == 2:
        return {"value": option[0], "label": str(option[1])}
    return {"value": option, "label": str(option)}


def _first(given: Expression | list[dict[str, Any]], default: Any = _MISSING) -> Any:
    if default is not _MISSING or isinstance(given, tuple) or not given:
        return None if default is _MISSING else default
    return given[0]["value"]
