"""What an output shows of any object: the form of its type, or else what a notebook shows of it."""

import base64
import pprint
import re
from typing import Any

from jupyter_trame.showing.figures import of_artists
from jupyter_trame.showing.forms import form_of
from jupyter_trame.showing.kinds import SHOWN, markdown, markup, page, picture, text, widget

__all__ = ["SHOWN", "shown"]

_STEPS = 8
_WIDGET = "application/vnd.jupyter.widget-view+json"
_RANKED = (
    (_WIDGET, ""),
    ("text/html", "_repr_html_"),
    ("text/markdown", "_repr_markdown_"),
    ("text/latex", "_repr_latex_"),
    ("image/svg+xml", "_repr_svg_"),
    ("image/png", "_repr_png_"),
    ("image/jpeg", "_repr_jpeg_"),
)
"""In the order of JupyterLab, which shows the first that it has."""

_RUNS = re.compile(r"<\s*(?:script|iframe|!doctype|html)\b", re.IGNORECASE)
"""What is in HTML that is a page of its own, with code."""
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"<svg", b"<?xml")


def shown(value: Any) -> Any:
    """What clients show of `value`: None, text, or a map of `kinds.py`. Any thread.

    Raises what the methods of the object raise.
    """
    for _ in range(_STEPS):
        if value is None or type(value) is str or (type(value) is dict and SHOWN in value):
            return value
        form = form_of(type(value))
        if form is None or form.show is None:
            figure = of_artists(value)
            if figure is None:
                return _as_in_a_notebook(value)
            value = figure
        else:
            value = form.show(value)
    raise RuntimeError(f"the forms that are shown of {type(value).__qualname__} do not come to an end")


def _as_in_a_notebook(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        data = bytes(value)
        return picture(data) if data.startswith(_PICTURES) else text(repr(data))
    # Of a class the methods are there as well, and belong to its instances.
    if not isinstance(value, type):
        for kind, content in _rich(value):
            return _content(kind, content)
    return text(pprint.pformat(value, sort_dicts=False))


def _rich(value: Any) -> list[tuple[str, Any]]:
    """What `value` says of itself, the best first."""
    bundle = _called(value, "_repr_mimebundle_") or {}
    if isinstance(bundle, tuple):
        bundle = bundle[0]
    found = []
    for kind, method in _RANKED:
        content = bundle.get(kind) or (_called(value, method) if method else None)
        if isinstance(content, tuple):  # with metadata
            content = content[0]
        if content:
            found.append((kind, content))
            break
    return found


def _called(value: Any, name: str) -> Any:
    # An object that makes up every attribute has this one too, and is no more rich for it.
    method = (
        None if hasattr(value, "_ipython_canary_method_should_not_exist_") else getattr(value, name, None)
    )
    return method() if callable(method) else None


def _content(kind: str, content: Any) -> dict[str, Any]:
    match kind:
        case "text/html":
            return page(content) if _RUNS.search(content) else markup(content)
        case "text/markdown":
            return markdown(content)
        case "text/latex":
            return markdown(content if "$" in content else f"$${content}$$")
        case "image/svg+xml":
            return picture(content.encode())
        case "image/png" | "image/jpeg":
            return picture(_bytes(content))
        case _:
            return widget(content["model_id"])


def _bytes(content: Any) -> bytes:
    """A picture of a bundle, which may be in base64."""
    if isinstance(content, bytes):
        return content
    return base64.b64decode(content)
