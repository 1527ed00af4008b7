"""Texts to read: Markdown, code, JSON, and lines that come one after the other."""

from __future__ import annotations

from typing import Any

from jupyter_trame.ui.part import Expression, Part, in_words

__all__ = ["code", "json", "log", "markdown"]


def markdown(text: str | Expression, **attributes: Any) -> Part:
    """Markdown, with LaTeX between dollar signs: ``$a^2$`` in a line, ``$$a^2$$`` in one of its own.

    HTML in it is text. What could run as code in a value is left out, whoever it came from.
    """
    return Part("JtMarkdown", props={"source": text}, chunk="markdown", **attributes)


def code(text: str | Expression, *, language: str | None = None, **attributes: Any) -> Part:
    """Source code in the colours of its `language`: bash, css, cpp, html, javascript, json, julia, python, r, rust,
    sql, typescript, xml or yaml. Others, and None, have no colours.
    """
    return Part("JtCode", props={"source": text, "language": language}, chunk="code", **attributes)


def json(key: str | Expression, **attributes: Any) -> Part:
    """The value of `key`, or of an expression, as indented JSON."""
    return Part("JtJson", props={"value": _value(key)}, chunk="code", **attributes)


def log(key: str, *, label: str | Expression | None = None, lines: int = 12, **attributes: Any) -> Part:
    """The value of `key`, a text or a list of lines, which stays at its end while more comes; `lines` are seen."""
    return Part(
        "JtLog",
        props={"label": in_words(key) if label is None else label, "value": (key,), "lines": lines},
        **attributes,
    )


def _value(key: str | Expression) -> Expression:
    return (key,) if isinstance(key, str) else key
