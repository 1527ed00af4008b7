"""The server in a kernel: no port of its own, pushes while cells run, views in cells and tabs."""

from typing import TYPE_CHECKING, Any

from jupyter_trame.kernel.apps import run_app
from jupyter_trame.kernel.extension import install, load_ipython_extension, unload_ipython_extension

if TYPE_CHECKING:
    from jupyter_trame.kernel.view import TrameView

__all__ = ["TrameView", "install", "load_ipython_extension", "run_app", "unload_ipython_extension"]


def __getattr__(name: str) -> Any:
    # ipywidgets is loaded for the first view, not for the first server.
    if name != "TrameView":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from jupyter_trame.kernel.view import TrameView

    return TrameView
