"""What all inputs have: a key of the state, a label, a default, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jupyter_trame.ui.part import Expression, Handler, Part, in_words, takes_value

__all__ = ["field"]

_NAME = re.compile(r"[^\W\d]\w*")


def field(
    tag: str,
    key: str,
    default: Any,
    *,
    label: str | Expression | None,
    help: str | Expression | None,  # noqa: A002 - the word of the field
    disabled: bool | Expression | None,
    on_change: Handler | None,
    props: Mapping[str, Any] | None = None,
    chunk: str | None = None,
    **attributes: Any,
) -> Part:
    """The input `tag` for the value of `key`: a name in the state, or the part of one that a template may change.

    A name gets the value `default` where the state has none. `label` defaults to the key in words. `on_change` is
    called when the user has chosen a value, after the state has it; a function gets the value, if it takes any
    argument. Raises TypeError where `key` is no text.
    """
    if not isinstance(key, str):
        raise TypeError(f"an input is given the name of a key of the state first, as in 'power', not {key!r}")
    is_name = _NAME.fullmatch(key) is not None
    return Part(
        tag,
        props={
            "label": in_words(key) if label is None else label,
            "help": help,
            "disabled": disabled,
            **(props or {}),
        },
        events={"change": _with_value(on_change)},
        chunk=chunk,
        v_model=(key, default) if is_name else (key,),
        **attributes,
    )


def _with_value(handler: Handler | None) -> Handler | None:
    return (handler, "[$event]") if callable(handler) and takes_value(handler) else handler
