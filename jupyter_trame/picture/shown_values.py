"""What outputs show, the maps of `showing/kinds.py`, as HTML that runs nothing."""

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from jupyter_trame.picture.safe_html import element, image, is_picture, sanitise, text
from jupyter_trame.showing.kinds import SHOWN
from jupyter_trame.showing.outputs import shown

__all__ = ["LIVE_ONLY", "as_json", "chart_of", "code", "live_only", "markdown_of", "value_of"]

LIVE_ONLY = "in the live app only"


def value_of(value: Any, alt: str = "") -> str:
    """A value of the state as an output shows it; what cannot be drawn without a browser says so."""
    if value is None or value == "":
        return ""
    known = value if isinstance(value, dict) and SHOWN in value else shown(value)
    if isinstance(known, str):
        return element("p", {"style": "margin:0"}, [text(known)])
    content: Mapping[str, Any] = known if isinstance(known, dict) else {SHOWN: "text", "text": repr(known)}
    return _KINDS.get(content[SHOWN], _of_unknown)(content, str(content.get("alt") or alt))


def _of_picture(content: Mapping[str, Any], alt: str) -> str:
    data = content.get("data")
    if not isinstance(data, bytes) or not is_picture(data):
        return live_only("a picture of an unknown format", alt)
    size = {name: str(content[name]) for name in ("width", "height") if isinstance(content.get(name), int)}
    return image(data, {**size, "alt": alt, "style": "max-width:100%;height:auto"})


def _of_unknown(_: Mapping[str, Any], alt: str) -> str:
    return live_only("something of another version", alt)


def live_only(what: str, name: str = "") -> str:
    """A box in place of `what`, which only a page with its scripts can show."""
    said = (
        f"{name}: {what}, shown {LIVE_ONLY}" if name else f"{what[:1].upper()}{what[1:]}, shown {LIVE_ONLY}"
    )
    style = "border:1px dashed rgba(128,128,128,.6);border-radius:4px;padding:.5em 1em;opacity:.8"
    return element("div", {"style": style}, [text(said)])


def code(content: str) -> str:
    """Text in letters of one width, its lines as they are."""
    return element(
        "pre", {"style": "margin:0;white-space:pre-wrap;max-height:30em;overflow:auto"}, [text(content)]
    )


def as_json(value: Any) -> str:
    """A value as JSON, what has no JSON form as Python writes it."""
    return code(json.dumps(value, indent=2, ensure_ascii=False, default=repr))


def markdown_of(source: str) -> str:
    """Markdown as HTML where markdown-it-py is installed, else as it is written."""
    if find_spec("markdown_it") is None:
        return code(source)
    return sanitise(
        import_module("markdown_it").MarkdownIt("commonmark", {"html": False}).enable("table").render(source)
    )


def chart_of(spec: str, alt: str = "") -> str:
    """A chart of Vega-Lite as a drawing where vl-convert is installed; else a box that says where it is seen."""
    if find_spec("vl_convert") is None:
        return live_only("a chart", alt)
    try:
        drawing = import_module("vl_convert").vegalite_to_svg(spec)
    except ValueError:
        return live_only("a chart", alt)
    return image(drawing.encode(), {"alt": alt, "style": "max-width:100%;height:auto"})


_KINDS: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
    "picture": _of_picture,
    "text": lambda content, _: code(str(content.get("text", ""))),
    "html": lambda content, _: sanitise(str(content.get("html", ""))),
    "markdown": lambda content, _: markdown_of(str(content.get("source", ""))),
    "chart": lambda content, alt: chart_of(str(content.get("spec", "")), alt),
    "plot": lambda content, alt: live_only(f"a figure of {content.get('library', 'a library')}", alt),
    "page": lambda _, alt: live_only("a page with scripts", alt),
    "widget": lambda _, alt: live_only("a widget", alt),
}
"""By the names of `showing/kinds.py`."""
