"""PyVista's plots in cells: its viewer runs on our server, and is shown by our view."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from jupyter_trame.compat.layouts import is_in_kernel, layout_view, page_address
from jupyter_trame.compat.replacements import Replacements

__all__ = ["patch_viewer"]

_BACKEND = "jupyter"


def patch_viewer(module: ModuleType) -> Callable[[], None]:
    """Change ``trame_pyvista.jupyter``, which up to PyVista 0.48 is ``pyvista.trame.jupyter``."""
    changes = Replacements()
    launch, elegantly = module.launch_server, module.elegantly_launch
    show, address = module.show_trame, module.build_url

    @functools.wraps(launch)
    def launch_server(server: Any = None, **options: Any) -> Any:
        if _in_kernel():
            options["wslink_backend"] = _BACKEND
        return launch(server, **options)

    @functools.wraps(elegantly)
    def elegantly_launch(*args: Any, **options: Any) -> Any:
        # A server in a kernel is up when `start` returns: no loop has to turn inside the one of the cell.
        return launch_server(*args, **options) if _in_kernel() else elegantly(*args, **options)

    @functools.wraps(show)
    def show_trame(plotter: Any, **options: Any) -> Any:
        if options.get("handler") is None and options.get("mode") != "html":
            options["handler"] = functools.partial(_show, module.Widget)
        return show(plotter, **options)

    @functools.wraps(address)
    def build_url(server: Any, *, ui: str | None = None, **options: Any) -> Any:
        return (
            page_address(server, ui or "main") if is_in_kernel(server) else address(server, ui=ui, **options)
        )

    changes.put(module, "build_url", build_url)
    changes.put(module, "launch_server", launch_server)
    changes.put(module, "elegantly_launch", elegantly_launch)
    changes.put(module, "show_trame", show_trame)
    return changes.undo


def _in_kernel() -> bool:
    from jupyter_trame.kernel.environment import detect_kernel

    return detect_kernel() is not None


def _show(widget: Callable[..., Any], viewer: Any, src: str, **options: Any) -> Any:
    """What PyVista calls with its finished viewer."""
    if not is_in_kernel(viewer.server):
        return widget(viewer, src, **options)
    view = layout_view(viewer.layout, options.get("width"), options.get("height"))
    view.viewer, view.src = viewer, src  # as on PyVista's own widget
    return view
