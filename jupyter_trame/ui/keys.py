"""What an input is bound to: a key of the state, or the part of a value that a template may change."""

from __future__ import annotations

import re
from typing import Any

from jupyter_trame.ui.calls import public_call

__all__ = ["is_name", "require_key", "require_source"]

_NAME = re.compile(r"[^\W\d]\w*")
_PLACE = re.compile(r"[^\W\d][\w$]*(\.[^\W\d][\w$]*|\[.+\])*")
"""A name, or members and items of what has one, as JavaScript writes them."""


def is_name(key: str) -> bool:
    """Whether `key` is one of the state itself, and no part of a value."""
    return _NAME.fullmatch(key) is not None


def require_key(key: Any) -> None:
    """Raise TypeError where `key` is no text, and ValueError where it is no name and no part of what has one."""
    if not isinstance(key, str):
        kind = type(key).__qualname__
        raise TypeError(
            f"{public_call().name} is given the name of a key of the state first, as in 'power', not {kind}"
        )
    if _PLACE.fullmatch(key) is None:
        words = "_".join(re.findall(r"\w+", key)).lower().lstrip("0123456789_")
        raise ValueError(
            f"{public_call().name} is given a key first: a name as in {words or 'power'!r}, or within v_for a part of "
            f"one as in 'row.done', not {key!r}"
        )


def require_source(value: Any, what: str) -> None:
    """Raise TypeError where `value`, which is called `what`, is neither text nor an expression."""
    is_expression = isinstance(value, tuple) and value and isinstance(value[0], str)
    if not isinstance(value, str) and not is_expression:
        kind = type(value).__qualname__
        raise TypeError(
            f"{public_call().name} is given {what}, or an expression for it as in ('report',), not {kind}"
        )
