"""Layouts and apps as values of cells: our view of the layout's template, where trame shows a frame."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from types import ModuleType
from typing import Any
from urllib.parse import quote

from jupyter_trame.compat.replacements import Replacements
from jupyter_trame.runtime.settings import jupyter_base_url
from jupyter_trame.server import Server, life_cycle_of, runtime_of

__all__ = ["is_in_kernel", "layout_view", "page_address", "patch_apps", "patch_layouts"]

_SIZE = re.compile(r"\b(width|height):\s*([^;]+);")


def is_in_kernel(server: Any) -> bool:
    """Whether `server` is one of ours that lives in this process's kernel."""
    return isinstance(server, Server) and life_cycle_of(server).backend.starts_on_display


def layout_view(layout: Any, width: str | None = None, height: str | None = None) -> Any:
    """The widget that shows `layout`, as large as the layout was told to be; its server is started."""
    view = layout.server.view(template=layout.template_name)
    size = dict(_SIZE.findall(layout.iframe_style))
    view.layout.width = width or size.get("width")
    view.layout.height = height or size.get("height")
    return view


def page_address(server: Any, template: str) -> str:
    """Where the layout `template` of `server`, which is in this process's kernel, has a page; empty if nowhere."""
    from jupyter_trame.kernel.environment import detect_kernel

    environment = detect_kernel()
    if environment is None or not environment.kernel_id:
        return ""
    query = "" if template == "main" else f"?ui={quote(template)}"
    return f"{jupyter_base_url()}trame/{environment.kernel_id}/{runtime_of(server).slug}/{query}"


def patch_layouts(module: ModuleType) -> Callable[[], None]:
    """Have every layout of ``trame_client`` show our view where its server lives in the kernel."""
    changes, layout_class = Replacements(), module.AbstractLayout
    trame_widget = layout_class.ipywidget.fget
    trame_display = layout_class._ipython_display_
    trame_html: Any = getattr(layout_class, "_jupyter_content", None)
    trame_url = layout_class.url.fget

    def ipywidget(layout: Any) -> Any:
        """The layout as a widget, to be laid out among others."""
        return layout_view(layout) if is_in_kernel(layout.server) else trame_widget(layout)

    def display(layout: Any) -> None:
        if is_in_kernel(layout.server):
            _display(layout)
        else:
            trame_display(layout)

    def html(layout: Any) -> str:
        return _hint(layout) if is_in_kernel(layout.server) else trame_html(layout)

    def url(layout: Any) -> str:
        """Where the layout has a page of its own."""
        return (
            page_address(layout.server, layout.template_name)
            if is_in_kernel(layout.server)
            else trame_url(layout)
        )

    changes.put(layout_class, "ipywidget", property(ipywidget))
    changes.put(layout_class, "_ipython_display_", display)
    if trame_html is not None:  # it is a part that trame-client has for itself
        changes.put(layout_class, "_jupyter_content", html)
    changes.put(layout_class, "url", property(url))
    return changes.undo


def patch_apps(module: ModuleType) -> Callable[[], None]:
    """Have every ``TrameApp`` show its layout at once, without a word about launching first."""
    changes = Replacements()

    def display(app: Any) -> None:
        ui: Any = getattr(app, "ui", None)
        if not is_in_kernel(app.server) or not hasattr(ui, "_ipython_display_"):
            raise NotImplementedError  # IPython goes on to `_repr_html_`, as without this method
        ui._ipython_display_()

    changes.put(module.TrameApp, "_ipython_display_", display)
    return changes.undo


def _display(layout: Any) -> None:
    from IPython.display import display

    display(layout_view(layout))  # type: ignore[no-untyped-call]


def _hint(layout: Any) -> str:
    """Text in place of the markup of a frame: an app needs more than markup."""
    title = escape(runtime_of(layout.server).title)
    return f"<div><strong>{title}</strong> is shown by the layout itself, or by its <code>ipywidget</code>.</div>"
