"""From the nodes of a template to the elements that it shows with the state as it is."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from jupyter_trame.browserless.elements import Element
from jupyter_trame.browserless.expressions import NeedsBrowserError, compile_expression
from jupyter_trame.browserless.operators import UNDEFINED, UnsupportedError, display, truthy
from jupyter_trame.browserless.scope import UNKNOWN, Scope
from jupyter_trame.core.template_tree import HtmlNode

__all__ = ["render"]

E = TypeVar("E", bound=Element)

_INTERPOLATION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_FOR = re.compile(r"\s*(?:\((?P<several>[^()]*)\)|(?P<one>[\w$]+))\s+(?:in|of)\s+(?P<source>.*)", re.DOTALL)
_NAMES = re.compile(r"[A-Za-z_$][\w$]*")


def render(root: HtmlNode, scope: Scope, make: Callable[..., E], *, most_rounds: int | None = None) -> E:
    """The elements of a template; ``make(node, scope, parent, certain=...)`` makes each of them.

    Loops are unrolled, and what a condition takes away is left out. Where a loop or a condition needs a JavaScript
    engine the element is there once, and neither it nor what is in it is `Element.certain`. A loop goes `most_rounds`
    at most.
    """
    top = make(root, scope, None, certain=True)
    _fill(top, root, scope, make, most_rounds)
    return top


def _fill(element: E, node: HtmlNode, scope: Scope, make: Callable[..., E], most_rounds: int | None) -> None:
    before: bool | None = False
    """Whether an earlier branch of the present chain of conditions was taken; None when nobody knows."""
    for child in _content(node):
        if isinstance(child, str):
            element.children.append(_fill_in(child, scope))
            continue
        taken, before = _branch(child.attributes, scope, before)
        if taken is False:
            continue
        for certain, inner in islice(_repeat(child, scope), most_rounds):
            sure = element.certain and certain and taken is True
            made = make(child, inner, element, certain=sure)
            element.children.append(made)
            _fill(made, child, inner, make, most_rounds)


def _content(node: HtmlNode) -> list[HtmlNode | str]:
    """What is in `node`: what its ``v-text`` says, or what is written there."""
    expression = node.attributes.get("v-text")
    return node.children if expression is None else [f"{{{{ {expression} }}}}"]


def _fill_in(text: str, scope: Scope) -> str:
    def value(match: re.Match[str]) -> str:
        try:
            return display(compile_expression(match[1])(scope))
        except (NeedsBrowserError, UnsupportedError):
            return match[0]

    return _INTERPOLATION.sub(value, text)


def _branch(
    attributes: Mapping[str, str | None], scope: Scope, before: bool | None
) -> tuple[bool | None, bool | None]:
    """Whether an element is there, and whether a later ``v-else`` of its chain is not; None: nobody knows."""
    if "v-if" in attributes:
        holds = _condition(attributes["v-if"], scope)
        return holds, holds
    if "v-else-if" in attributes or "v-else" in attributes:
        if before is True:
            return False, True
        holds = _condition(attributes["v-else-if"], scope) if "v-else-if" in attributes else True
        if holds is False:
            return False, before
        taken = True if holds and before is False else None
        return taken, taken
    return True, False


def _condition(expression: str | None, scope: Scope) -> bool | None:
    value = _evaluate(expression or "", scope)
    return None if value is UNKNOWN else truthy(value)


def _repeat(node: HtmlNode, scope: Scope) -> Iterator[tuple[bool, Scope]]:
    """For each time that `node` is there: whether that is certain, and its scope."""
    slot = next((v for k, v in node.attributes.items() if k.startswith(("v-slot", "#")) and v), "")
    made: dict[str, Any] = dict.fromkeys(_NAMES.findall(slot), UNKNOWN)
    scope = scope.with_variables(made) if made else scope
    loop = node.attributes.get("v-for")
    if loop is None:
        yield True, scope
        return
    match = _FOR.fullmatch(loop)
    source = _evaluate(match["source"], scope) if match else UNKNOWN
    names = _NAMES.findall(match["several"] or match["one"] or "") if match else _NAMES.findall(loop)
    rounds = _rounds(source)
    if rounds is None:
        yield False, scope.with_variables(dict.fromkeys(names, UNKNOWN))
        return
    for values in rounds:
        yield True, scope.with_variables(dict(zip(names, values, strict=False)))


def _rounds(source: Any) -> list[tuple[Any, ...]] | None:
    if source is None or source is UNDEFINED:
        return []
    if isinstance(source, list | tuple | str):
        return [(item, index) for index, item in enumerate(source)]
    if isinstance(source, dict):
        return [(value, key, index) for index, (key, value) in enumerate(source.items())]
    if isinstance(source, int) and not isinstance(source, bool):
        return [(index + 1, index) for index in range(source)]
    return None


def _evaluate(expression: str, scope: Scope) -> Any:
    try:
        return compile_expression(expression)(scope)
    except NeedsBrowserError:
        return UNKNOWN
