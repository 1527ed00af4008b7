"""A server as the value of a cell."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_trame.kernel.view import TrameView
    from jupyter_trame.server.server import Server

__all__ = ["WIDGET_TYPE", "fallback_html", "mimebundle"]

WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"


def mimebundle(view: TrameView, server: Server, title: str) -> dict[str, Any]:
    """The widget `view`, and for readers without a kernel a line that says what was here."""
    return {
        "text/plain": repr(server),
        "text/html": fallback_html(title),
        WIDGET_TYPE: {"version_major": 2, "version_minor": 0, "model_id": view.model_id},
    }


def fallback_html(title: str) -> str:
    """Static markup only: a saved notebook is opened by people who trust none of it."""
    return (
        f'<div style="border: 1px solid; border-radius: 4px; padding: 0.5em 1em"><strong>{escape(title)}</strong>'
        "<br>This app is live while its notebook's kernel runs. Run the cell to see it.</div>"
    )
