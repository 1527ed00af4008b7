"""Texts to read: Markdown, code, JSON, and lines that come one after the other."""

from __future__ import annotations

from typing import Any

from jupyter_trame.ui.keys import require_key, require_source
from jupyter_trame.ui.part import Expression, Part, in_words

__all__ = ["code", "json", "log", "markdown"]


def markdown(text: str | Expression, **attributes: Any) -> Part:
    """Markdown, with LaTeX between dollar signs: ``$a^2$`` in a line, ``$$a^2$$`` in one of its own.

    HTML in it is text. What could run as code in a value is left out, whoever it came from. Raises TypeError for what
    is no text.
    """
    require_source(text, "Markdown as a text")
    return Part("JtMarkdown", props={"source": text}, chunk="markdown", **attributes)


def code(text: str | Expression, *, language: str | None = None, **attributes: Any) -> Part:
    """Source code in the colours of its `language`: bash, css, cpp, html, javascript, json, julia, python, r, rust,
    sql, typescript, xml or yaml. Others, and None, have no colours. Raises TypeError for what is no text.
    """
    require_source(text, "source code as a text")
    return Part("JtCode", props={"source": text, "language": language}, chunk="code", **attributes)


def json(key: str | Expression, **attributes: Any) -> Part:
    """The value of `key`, or of an expression, as indented JSON.

    Raises TypeError and ValueError for what is neither.
    """
    require_source(key, "the name of a key of the state")
    if isinstance(key, str):
        require_key(key)
    return Part("JtJson", props={"value": _value(key)}, chunk="code", **attributes)


def log(key: str, *, label: str | Expression | None = None, lines: int = 12, **attributes: Any) -> Part:
    """The value of `key`, a text or a list of lines, which stays at its end while more comes; `lines` are seen.

    Raises TypeError and ValueError for a `key` that is none, and for other `lines` than a positive number.
    """
    require_key(key)
    if type(lines) is not int or lines < 1:
        kind = ValueError if type(lines) is int else TypeError
        raise kind(f"ui.log is given how many lines= are seen, at least one, not {lines!r}")
    return Part(
        "JtLog",
        props={"label": in_words(key) if label is None else label, "value": (key,), "lines": lines},
        **attributes,
    )


def _value(key: str | Expression) -> Expression:
    return (key,) if isinstance(key, str) else key
