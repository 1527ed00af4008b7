"""The names that an expression of a template looks up outside of itself, as far as its tokens tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from jupyter_trame.core.hints import OF_TEMPLATES

__all__ = ["declared_names", "names_of"]

_TOKEN = re.compile(
    r"""
    (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<template>`(?:[^`\\]|\\.)*`)
  | (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<number>(?:0[xXbBoO][\da-fA-F_]+|\.?\d[\w.]*))
  | (?P<name>[A-Za-z_$\u0080-\uffff][\w$]*)
  | (?P<mark>\.\.\.|=>|\?\.|[^\s])
    """,
    re.VERBOSE | re.DOTALL,
)
_HOLE = re.compile(r"\$\{((?:[^{}]|\{[^{}]*\})*)\}")
"""In a template literal."""
_RESERVED = frozenset(
    "arguments async await break case catch class const continue debugger default delete do else export extends false "  # noqa: SIM905 - a list would have a line each
    "finally for function if import in instanceof let new null of return static super switch this throw true try "
    "typeof var void while with yield".split()
)
_DECLARING = frozenset({"const", "let", "var", "function", "class", "catch"})
_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_OPENING.values())


def names_of(expression: str) -> list[str]:
    """The names that may be keys of the state, each once, in their order.

    Left out are members, keys of objects, functions that are called, since no key has one, what the expression declares
    itself, and what templates and pages mean by other names.
    """
    tokens = list(_tokens(expression))
    declared = {*_parameters(tokens), *_declarations(tokens)}
    found = dict.fromkeys(_free(tokens))
    for kind, text in tokens:
        if kind == "template":
            found.update(dict.fromkeys(name for hole in _HOLE.findall(text) for name in names_of(hole)))
    return [name for name in found if name not in declared]


def declared_names(pattern: str) -> list[str]:
    """The variables of a ``v-for`` or a slot: those of ``(item, index)`` or ``{ item, key: other = 1 }``."""
    tokens = list(_tokens(pattern))
    return [
        text for number, (kind, text) in enumerate(tokens) if kind == "name" and not _is_key(tokens, number)
    ]


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(expression):
        assert match.lastgroup is not None
        if match.lastgroup != "comment":
            yield match.lastgroup, match[0]


def _free(tokens: list[tuple[str, str]]) -> Iterator[str]:
    for number, (kind, text) in enumerate(tokens):
        if kind != "name" or text in _RESERVED or text in OF_TEMPLATES or text.startswith(("$", "_")):
            continue
        is_member, is_called = _mark(tokens, number - 1) in {".", "?."}, _mark(tokens, number + 1) == "("
        if not is_member and not is_called and not _is_key(tokens, number):
            yield text


def _is_key(tokens: list[tuple[str, str]], number: int) -> bool:
    """Whether the name is a key of an object: ``{ key: value }``, and not the middle of ``a ? b : c``."""
    return _mark(tokens, number + 1) == ":" and _mark(tokens, number - 1) in {"{", ","}


def _parameters(tokens: list[tuple[str, str]]) -> Iterator[str]:
    """Of functions with an arrow: ``x => ...``, and ``(x, y) => ...``."""
    for number, token in enumerate(tokens):
        if token != ("mark", "=>"):
            continue
        if _mark(tokens, number - 1) != ")":
            yield tokens[number - 1][1] if number else ""
            continue
        depth, at = 0, number - 1
        while at >= 0:
            kind, text = tokens[at]
            depth += (text in _CLOSING) - (text in _OPENING) if kind == "mark" else 0
            if depth == 0:
                break
            if kind == "name" and not _is_key(tokens, at):
                yield text
            at -= 1


def _declarations(tokens: list[tuple[str, str]]) -> Iterator[str]:
    for (kind, text), (next_kind, name) in pairwise(tokens):
        if kind == "name" and text in _DECLARING and next_kind == "name":
            yield name


def _mark(tokens: list[tuple[str, str]], number: int) -> str:
    """The mark at this place; empty where something else stands, or nothing."""
    if not 0 <= number < len(tokens):
        return ""
    kind, text = tokens[number]
    return text if kind == "mark" else ""
