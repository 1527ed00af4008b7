"""Numbers to look at: one that counts, how far something is, and that something is at work."""

from __future__ import annotations

from typing import Any

from jupyter_trame.ui.keys import require_key, require_source
from jupyter_trame.ui.part import Expression, Part, in_words

__all__ = ["metric", "progress", "spinner"]

_MOST_DIGITS = 20
"""More of them a number has not, and a browser does not write."""


def metric(
    key: str,
    *,
    label: str | Expression | None = None,
    unit: str | Expression | None = None,
    digits: int | None = None,
    delta: str | Expression | None = None,
    **attributes: Any,
) -> Part:
    """The value of `key`, a number or text, with its label: by default the key in words.

    `digits` are those behind the point, `unit` stands behind the number. `delta` is a key with the change of it, which
    is shown with its sign. Raises TypeError and ValueError for a `key` that is none, and for other `digits` than a
    number from 0 to 20.
    """
    require_key(key)
    if delta is not None:
        require_source(delta, "the name of a key as delta=")
    if digits is not None and not (type(digits) is int and 0 <= digits <= _MOST_DIGITS):
        kind = ValueError if type(digits) is int else TypeError
        raise kind(f"ui.metric is given digits= from 0 to {_MOST_DIGITS}, not {digits!r}")
    return Part(
        "JtMetric",
        props={
            "label": in_words(key) if label is None else label,
            "value": (key,),
            "unit": unit,
            "digits": digits,
            "delta": (delta,) if isinstance(delta, str) else delta,
        },
        **attributes,
    )


def progress(
    key: str,
    *,
    label: str | Expression | None = None,
    text: str | Expression | None = None,
    **attributes: Any,
) -> Part:
    """A bar for the value of `key`: from 0 to 1, or None while that is not known. `text` is said below it.

    Raises TypeError and ValueError for a `key` that is none.
    """
    require_key(key)
    return Part(
        "JtProgress",
        props={"label": in_words(key) if label is None else label, "value": (key,), "text": text},
        **attributes,
    )


def spinner(text: str | Expression = "Working…", **attributes: Any) -> Part:
    """A sign that something is at work, with what it is; ``v_if`` says when. Raises TypeError for what is no text."""
    require_source(text, "a text")
    return Part("JtSpinner", props={"text": text}, **attributes)
