"""The elements that a template shows, to be found and asked."""

import re
from collections.abc import Iterator
from typing import Any, Self

from jupyter_trame.browserless.expressions import NeedsBrowserError, compile_expression
from jupyter_trame.browserless.operators import UNDEFINED, plain, truthy
from jupyter_trame.browserless.scope import Handling, Scope, Step
from jupyter_trame.core.template_tree import HtmlNode

__all__ = ["Element", "NoSuchElementError"]

_SELECTOR = re.compile(r"([\w-]*)((?:[.#][\w-]+)*)")
_REF = re.compile(r"refs\[\s*(['\"])(.+?)\1\s*\]")
_EVENT = re.compile(r"(?:@|v-on:)([^.]+)((?:\.[\w-]+)*)")
_NATIVE = frozenset({"input", "select", "textarea"})


class NoSuchElementError(AssertionError):
    """No element, or more than one, is what a test looks for."""


class Element:
    """An element as it was when it was found; what it was found by may have changed since.

    Names of tags and attributes are compared as Vue does: ``v-btn`` is ``VBtn``, ``v_model`` is ``v-model``.
    """

    def __init__(
        self, node: HtmlNode, scope: Scope, parent: "Element | None", *, certain: bool = True
    ) -> None:
        self.tag = node.tag
        """As it is written in the template."""
        self.attributes = node.attributes
        """As they are written; names are in lower case."""
        self.certain = certain
        """False if only a JavaScript engine can tell whether, or how often, the element is there."""
        self.children: list[Self | str] = []
        """Elements, and texts with the values in them."""
        self._scope = scope
        self._parent = parent

    # -- what it shows

    @property
    def text(self) -> str:
        """All text within, with single spaces. ``{{ }}`` that needs a JavaScript engine is as it is written."""
        return " ".join(" ".join(self._texts()).split())

    @property
    def shown(self) -> bool:
        """False where a ``v-show`` hides it. What a ``v-if`` takes away is not there at all."""
        hidden = "v-show" in self.attributes and not self._holds("v-show")
        return not hidden and (self._parent is None or self._parent.shown)

    @property
    def disabled(self) -> bool:
        """Whether it takes no events."""
        value = self.value("disabled")
        return value == "" or truthy(value)

    @property
    def ref(self) -> str | None:
        """The name by which `server.js_call` finds it."""
        match = _REF.search(self.binding("ref") or "")
        return match[2] if match else self.attributes.get("ref")

    @property
    def handlers(self) -> dict[str, str]:
        """Event -> expression; modifiers are part of the event: ``keyup.enter``."""
        found = ((_EVENT.fullmatch(name), value or "") for name, value in self.attributes.items())
        return {f"{match[1]}{match[2]}": expression for match, expression in found if match}

    def binding(self, name: str) -> str | None:
        """The expression of a bound attribute or of a directive, ``v_model`` for example; None without one."""
        wanted = {_name(name), _name(f":{name}"), _name(f"v-bind:{name}")}
        for known, expression in self.attributes.items():
            dynamic = known.startswith((":", "v-"))
            if dynamic and _name(known if _name(known) in wanted else known.partition(".")[0]) in wanted:
                return expression or ""
        return None

    def value(self, name: str) -> Any:
        """The value of an attribute, now: a text, or of a bound one what its expression gives; None without it.

        Raises `NeedsBrowserError`.
        """
        expression = self.binding(name)
        if expression is not None:
            return plain(compile_expression(expression)(self._scope))
        for known, value in self.attributes.items():
            if _name(known) == _name(name):
                return value or ""
        return None

    # -- finding

    def find(self, selector: str = "", **wanted: Any) -> Self:
        """The one element within that fits, see `find_all`. Raises `NoSuchElementError`."""
        found = self.find_all(selector, **wanted)
        if len(found) == 1:
            return found[0]
        sought = ", ".join([*([selector] if selector else []), *(f"{k}={v!r}" for k, v in wanted.items())])
        tag = _SELECTOR.match(selector)
        near = self.find_all(tag[1]) if tag and tag[1] and not found else found
        listed = "\n".join(f"  {element!r}" for element in near or self._all())
        count = f"{len(found)} elements are" if found else "no element is"
        raise NoSuchElementError(f"{count} {sought}; there are:\n{listed or '  none'}")

    def find_all(
        self,
        selector: str = "",
        *,
        text: str | re.Pattern[str] | None = None,
        ref: str | None = None,
        **attributes: Any,
    ) -> list[Self]:
        """The elements within that fit, in the order of the template.

        Args:
            selector: ``tag``, ``.class``, ``#id`` or several of them together: ``v-btn.primary``.
            text: all that `text` of the element says, or a pattern of a part of it.
            ref: its name for `server.js_call`.
            attributes: values of attributes, see `value`; a directive (``v_model``) is compared as it is written.
        """
        match = _SELECTOR.fullmatch(selector)
        if match is None:
            raise ValueError(f"a selector is like tag, .class, #id or tag.class, not {selector!r}")
        marks = re.findall(r"([.#])([\w-]+)", match[2])
        return [
            element
            for element in self._all()
            if (not match[1] or _name(element.tag) == _name(match[1]))
            and all(element._is_marked(kind, mark) for kind, mark in marks)
            and (ref is None or element.ref == ref)
            and all(element._has(name, value) for name, value in attributes.items())
            and (text is None or element._says(text))
        ]

    # -- what handlers do

    def steps(self, event: str, value: Any = UNDEFINED) -> list[Step]:
        """What the handlers of `event` do, with `value` as ``$event``. Raises `NeedsBrowserError`.

        Raises `NoSuchElementError` where there is none.
        """
        handling = Handling(self._scope, value)
        found = [
            expression
            for name, expression in self.handlers.items()
            if _name(event) in {_name(name), _name(name.partition(".")[0])}
        ]
        if not found:
            known = ", ".join(self.handlers) or "none"
            raise NoSuchElementError(f"{self!r} has no handler of {event!r}; it has: {known}")
        for expression in found:
            if _is_name(expression):
                raise NeedsBrowserError(expression, "the handler is a function of the page")
            compile_expression(expression)(handling)
        return handling.steps

    def steps_of_input(self, value: Any, model: str | None = None) -> list[Step]:
        """What happens when the user gives the element the value `value`; `model` is the argument of its v-model."""
        name = "v-model" if model is None else f"v-model:{model}"
        directive = next(
            (known for known in self.attributes if _name(known.partition(".")[0]) == _name(name)), None
        )
        event = f"update:{model or 'modelValue'}"
        native = self.tag.lower() in _NATIVE
        steps: list[Step] = []
        if directive is not None:
            expression = self.attributes[directive] or ""
            value = _modified(value, directive.split(".")[1:])
            handling = Handling(self._scope, value)
            compile_expression(f"{expression} = $event")(handling)
            steps += handling.steps
        events = ["input", "change"] if native else [event]
        followers = [
            name for name in events if any(_name(name) == _name(h.partition(".")[0]) for h in self.handlers)
        ]
        if directive is None and not followers:
            raise NoSuchElementError(
                f"{self!r} takes no value: it has neither {name} nor a handler of {event}"
            )
        for follower in followers:
            steps += self.steps(follower, {"target": {"value": value}} if native else value)
        return steps

    # -- insides

    def _all(self) -> Iterator[Self]:
        for child in self.children:
            if not isinstance(child, str):
                yield child
                yield from child._all()

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()

    def _holds(self, directive: str) -> bool:
        try:
            return truthy(compile_expression(self.attributes[directive] or "")(self._scope))
        except NeedsBrowserError:
            return True

    def _says(self, text: str | re.Pattern[str]) -> bool:
        return self.text == text if isinstance(text, str) else text.search(self.text) is not None

    def _is_marked(self, kind: str, mark: str) -> bool:
        value = self.attributes.get("id" if kind == "#" else "class") or ""
        return mark in (value.split() if kind == "." else [value])

    def _has(self, name: str, value: Any) -> bool:
        expression = self.binding(name)
        if expression is not None and expression == value:
            return True
        try:
            return bool(self.value(name) == value)
        except NeedsBrowserError:
            return False

    def __repr__(self) -> str:
        attributes = [
            name if value is None else f'{name}="{value}"' for name, value in self.attributes.items()
        ]
        text = self.text
        shown = f"{text[:40]}..." if len(text) > 43 else text
        return f"<{' '.join([self.tag, *attributes])}>{shown}"


def _name(text: str) -> str:
    return text.lower().replace("-", "").replace("_", "")


def _is_name(expression: str) -> bool:
    return re.fullmatch(r"\s*[A-Za-z_$][\w$]*\s*", expression) is not None


def _modified(value: Any, modifiers: list[str]) -> Any:
    if isinstance(value, str) and "trim" in modifiers:
        value = value.strip()
    if isinstance(value, str) and "number" in modifiers:
        try:
            parsed = float(value)
        except ValueError:
            return value
        return int(parsed) if parsed.is_integer() else parsed
    return value
