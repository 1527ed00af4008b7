"""What an output is told to show: maps that `js/src/view/ui/show.ts` knows by their kind."""

import struct
from typing import Any

__all__ = ["SHOWN", "chart", "markdown", "markup", "page", "picture", "plot", "text", "widget"]

SHOWN = "trame__shown"
"""The entry that says what kind of thing a map is; values of users have other names."""

_PNG = b"\x89PNG\r\n\x1a\n"


def picture(data: bytes, scale: float = 1, alt: str = "") -> dict[str, Any]:
    """A picture in any format that browsers know; `scale`: how many of its pixels are one of the page."""
    shown: dict[str, Any] = {SHOWN: "picture", "data": data}
    if data.startswith(_PNG) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        shown |= {"width": round(width / scale), "height": round(height / scale)}
    return shown | {"alt": alt} if alt else shown


def text(content: str) -> dict[str, Any]:
    """Text as it stands, in letters of one width."""
    return {SHOWN: "text", "text": content}


def markup(html: str) -> dict[str, Any]:
    """HTML without scripts, in the page: what could run is left out of it there."""
    return {SHOWN: "html", "html": html}


def page(html: str) -> dict[str, Any]:
    """HTML with scripts: a frame of its own, which reaches nothing of the page around."""
    return {SHOWN: "page", "html": html}


def markdown(source: str) -> dict[str, Any]:
    """Markdown, with LaTeX between dollar signs."""
    return {SHOWN: "markdown", "source": source}


def plot(library: str, figure: str) -> dict[str, Any]:
    """What the script of `library` draws: a figure as JSON."""
    return {SHOWN: "plot", "library": library, "figure": figure}


def chart(spec: str) -> dict[str, Any]:
    """A specification of Vega-Lite as JSON, which a script of our own draws."""
    return {SHOWN: "chart", "spec": spec}


def widget(model: str) -> dict[str, Any]:
    """The ipywidget with the identifier `model`, where the page has its kernel."""
    return {SHOWN: "widget", "model": model}
