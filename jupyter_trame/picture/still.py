"""One template with the state as it is, as a still picture of bounded size."""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_trame.browserless.elements import Element
from jupyter_trame.browserless.expressions import NeedsBrowserError
from jupyter_trame.browserless.operators import UnsupportedError
from jupyter_trame.browserless.rendering import render
from jupyter_trame.browserless.scope import UNKNOWN, Scope
from jupyter_trame.core.template_tree import TemplateError, parse_template
from jupyter_trame.picture.safe_html import as_text, element, image, is_picture, sanitise, text
from jupyter_trame.picture.shown_values import LIVE_ONLY, live_only
from jupyter_trame.picture.ui_parts import PARTS, button, check, field
from jupyter_trame.showing.forms import sent_form

__all__ = ["Picture", "draw"]

_FRAME = "border:1px solid rgba(128,128,128,.4);border-radius:4px;padding:.75em 1em;overflow:auto"
_CLASSES = {
    "jt-card": "border:1px solid rgba(128,128,128,.4);border-radius:4px;padding:.5em 1em",
    "jt-column": "display:flex;flex-direction:column;gap:.75em;min-width:0",
    "jt-grid": "display:grid;grid-template-columns:repeat(var(--jt-columns, 2), minmax(0, 1fr));gap:1em",
    "jt-row": "display:flex;flex-wrap:wrap;gap:1em",
}
"""What classes of `jupyter_trame.ui` look like, in attributes: exported pages know none of our sheets."""
_NOT_SEEN = frozenset({"script", "style", "tramescript", "tramestyle", "vicon", "vspacer"})
"""Tags in lower case and without dashes."""
_CHECKS = frozenset({"checkbox", "radio", "vcheckbox", "vswitch"})
_MOST_ROUNDS = 500
"""Of a loop; a picture of more is longer than anybody reads."""
_CUT = "\u2026"
_SPACE = re.compile(r"\s+")


class _KnownValues(dict[str, Any]):
    """The values that a picture may show, by the root's names."""

    def has(self, name: str) -> bool:
        """Whether there is a value."""
        return name in self

    def to_dict(self) -> dict[str, Any]:
        """All of them."""
        return dict(self)


@dataclass(frozen=True, slots=True)
class Picture:
    """What stands for an app where no page of it can be."""

    html: str
    """Runs nothing, fetches nothing, and has no line breaks."""
    text: str
    """The words of it."""


def draw(title: str, template: str | None, values: Mapping[str, Any], *, max_size: int) -> Picture:
    """The picture of a `template` (None: there is none) whose HTML takes `max_size` bytes, and a few of its frame.

    What is over that is left out, which it says. Raises nothing that a template or a value can cause.
    """
    drawing = _Drawing(max_size)
    try:
        body = drawing.template(template or "", _KnownValues(values))
    except TemplateError as error:
        body = text(f"The app has no picture: {error}")
    said = "; ".join([*drawing.remarks()])
    name = element("strong", {}, [text(title)])
    foot = element(
        "small", {"style": "opacity:.75"}, [text(f"The last state of an app{': ' + said if said else ''}.")]
    )
    html = element(
        "div", {"style": _FRAME}, [name, element("div", {"style": "margin:.75em 0"}, [body]), foot]
    )
    return Picture(html, as_text(html))


class _Part:
    """See `PartValues`: an element whose values are known as far as Python can tell."""

    def __init__(self, found: Element, drawing: "_Drawing") -> None:
        self._found = found
        self._drawing = drawing

    def get(self, name: str) -> Any:
        """See `PartValues`."""
        try:
            value = self._found.value(name)
        except (NeedsBrowserError, UnsupportedError):
            self._drawing.unknown = True
            return None
        return None if value is UNKNOWN else value


class _Drawing:
    """Draws the elements of one template, as long as there is room."""

    def __init__(self, room: int) -> None:
        self._limit = self._room = room
        self.unknown = False
        """Whether something needs a JavaScript engine."""
        self._components = set[str]()
        """Tags that only a browser draws."""
        self._left_out = 0

    def template(self, template: str, values: _KnownValues) -> str:
        root = render(parse_template("main", template), Scope(values), Element, most_rounds=_MOST_ROUNDS)
        return self._all(root.children)

    def remarks(self) -> Iterable[str]:
        """What is not in the picture."""
        if self._components:
            yield f"{', '.join(sorted(self._components))} shown {LIVE_ONLY}"
        if self.unknown:
            yield f"{_CUT} where a value is made by JavaScript"
        if self._left_out:
            limit = f"{self._limit:,} bytes, which snapshot_max_size allows"
            yield f"{self._left_out} of its parts left out, since a picture has at most {limit}"

    def _all(self, children: Iterable[Element | str], *, in_lines: bool = False) -> str:
        return "".join(
            [
                self._text(one if in_lines else _SPACE.sub(" ", one))
                if isinstance(one, str)
                else self._element(one)
                for one in children
            ]
        )

    def _leaf(self, html: str) -> str:
        """What has no parts of its own, if there is room for it."""
        size = len(html.encode())
        if size > self._room:
            self._left_out += 1
            return text(_CUT)
        self._room -= size
        return html

    def _text(self, content: str) -> str:
        if "{{" in content:
            self.unknown = True
            content = _CUT
        return self._leaf(text(content)) if content.strip() else content

    def _element(self, found: Element) -> str:
        tag = found.tag.lower().replace("_", "-")
        plain = tag.replace("-", "")
        if plain in _NOT_SEEN or not found.shown:
            return ""
        if not found.certain:
            self.unknown = True
            return text(_CUT)
        part = _Part(found, self)
        if plain in PARTS:
            children = self._all(found.children)
            return self._leaf_around(children, PARTS[plain](part, children))
        native = self._native(tag, found, part)
        return self._component(plain, found, part) if native is None else native

    def _leaf_around(self, children: str, html: str) -> str:
        """A part that is drawn around `children`, which have been counted already."""
        self._room += len(children.encode())
        return self._leaf(html)

    def _native(self, tag: str, found: Element, part: _Part) -> str | None:
        """An element of HTML; None for a component."""
        match tag:
            case "img":
                return self._image(part)
            case "input" | "textarea" | "select":
                return self._leaf(_input(part, found))
            case "button":
                return button(self._all(found.children))
            case "template" | "slot":
                return self._all(found.children)
        if "-" in tag or tag != found.tag or tag in PARTS:
            return None
        html = part.get("v-html")
        children = (
            self._leaf(sanitise(str(html)))
            if isinstance(html, str)
            else self._all(found.children, in_lines=tag == "pre")
        )
        return element(tag, self._attributes(found, part), [children])

    def _attributes(self, found: Element, part: _Part) -> dict[str, str | None]:
        names = {
            name.removeprefix("v-bind").removeprefix(":")
            for name in found.attributes
            if not name.startswith("@")
        }
        values = {name: part.get(name) for name in names if not name.startswith(("v-", "on"))}
        kept = {name: str(value) for name, value in values.items() if isinstance(value, str | int | float)}
        classes = str(kept.pop("class", "")).split()
        styles = [_CLASSES[name] for name in classes if name in _CLASSES]
        if styles or "style" in kept:
            kept["style"] = ";".join([*styles, kept.get("style", "")]).strip(";")
        return dict(kept)

    def _image(self, part: _Part) -> str:
        source, alt = part.get("src"), str(part.get("alt") or "")
        data = _picture_bytes(source)
        if data is None:
            return self._leaf(live_only("a picture", alt))
        style = f"max-width:100%;{part.get('style') or ''}"
        sizes = {name: str(part.get(name)) for name in ("width", "height") if part.get(name) is not None}
        return self._leaf(image(data, {**sizes, "alt": alt, "style": style}))

    def _component(self, plain: str, found: Element, part: _Part) -> str:
        """A component of a package: its words, its label and its value are known here, its looks are not."""
        label, model = part.get("label"), found.binding("v-model")
        children = self._all(found.children)
        if model is not None:
            value = part.get("v-model")
            drawn = check(label, on=bool(value)) if plain in _CHECKS else field(label, text(_short(value)))
            return self._leaf(drawn) + children
        words = [part.get(name) for name in ("title", "text", "subtitle")] + [label]
        said = [element("div", {}, [text(word)]) for word in words if isinstance(word, str) and word]
        if plain.endswith("btn"):
            return button(
                "".join([text(" ".join(word for word in words if isinstance(word, str))), children])
            )
        if not children and not said and any(name.startswith(":") for name in found.attributes):
            self._components.add(found.tag)
            return live_only(f"<{found.tag}>")
        return element("div", self._attributes(found, part), [*said, children])


def _input(part: _Part, found: Element) -> str:
    kind, label = part.get("type"), part.get("placeholder") or part.get("aria-label")
    value = part.get("v-model") if found.binding("v-model") is not None else part.get("value")
    if kind in _CHECKS:
        return check(label, on=value is True or (kind == "radio" and value == part.get("value")))
    if kind == "password":
        value = "\u2022" * 8 if value else ""
    return field(label, text(_short(value)))


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    said = "" if value is None else value if isinstance(value, str) else str(value)
    return said if len(said) <= 1000 else f"{said[:1000]}{_CUT}"


def _picture_bytes(source: Any) -> bytes | None:
    """The bytes of a picture: the value itself, what a figure is sent as, or what an address has in it."""
    found = source
    if isinstance(source, str):
        head, comma, data = source.partition(";base64,")
        if not comma or not head.startswith("data:image/"):
            return None
        try:
            found = base64.b64decode(data, validate=True)
        except ValueError:
            return None
    elif not isinstance(source, bytes | bytearray | memoryview):
        found = sent_form(source)
    if isinstance(found, dict):
        found = found.get("data")
    if not isinstance(found, bytes | bytearray | memoryview):
        return None
    return bytes(found) if is_picture(bytes(found)) else None
