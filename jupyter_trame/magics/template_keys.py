"""Which keys of the state a template names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from jupyter_trame.core.template_tree import HtmlNode, parse_template
from jupyter_trame.magics.expression_names import declared_names, names_of
from jupyter_trame.names import RESERVED_PREFIX

__all__ = ["keys_of"]

_BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_FOR = re.compile(r"\s*(?P<variables>\(.*?\)|\{.*?\}|[\w$]+)\s+(?:in|of)\s+(?P<source>.*)", re.DOTALL)
_BOUND = (":", "@", "v-")
_ARGUMENT = re.compile(r"\[(.+?)\]")
"""The name of an attribute may be an expression: ``:[name]="value"``."""
_SLOT = re.compile(r"(?:v-slot|#)")


def keys_of(template: str, name: str = "main") -> list[str]:
    """The keys that the template called `name` names, each once, in their order.

    What it means by other names (variables of ``v-for`` and of slots, ``trigger``, ``Math``) is left out. Raises
    `TemplateError` for a tag that is not closed.
    """
    named = dict.fromkeys(_named(parse_template(name, template), frozenset()))
    return [key for key in named if not key.startswith(RESERVED_PREFIX)]


def _named(node: HtmlNode, variables: frozenset[str]) -> Iterator[str]:
    if "v-pre" in node.attributes:
        return
    variables |= frozenset(_variables(node))
    for expression in _expressions(node):
        yield from (name for name in names_of(expression) if name not in variables)
    for child in node.children:
        if isinstance(child, HtmlNode):
            yield from _named(child, variables)
        else:
            names = (name for expression in _BRACES.findall(child) for name in names_of(expression))
            yield from (name for name in names if name not in variables)


def _variables(node: HtmlNode) -> Iterable[str]:
    for attribute, value in node.attributes.items():
        if attribute == "v-for" and value and (match := _FOR.fullmatch(value)):
            yield from declared_names(match["variables"])
        elif _SLOT.match(attribute) and value:
            yield from declared_names(value)


def _expressions(node: HtmlNode) -> Iterator[str]:
    for attribute, value in node.attributes.items():
        if _SLOT.match(attribute) or not attribute.startswith(_BOUND):
            continue
        yield from _ARGUMENT.findall(attribute)
        if attribute == "v-for":
            match = _FOR.fullmatch(value or "")
            yield match["source"] if match else ""
        elif value:
            yield value
