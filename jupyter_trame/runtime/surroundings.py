"""What a server needs around it that lies above it: trame-client's elements adapted, and the kernel that carries it.

Both are imported by name when a server is made, whoever makes it: a program loads nothing of a kernel.
"""

from __future__ import annotations

import sys
from importlib import import_module

from jupyter_trame.errors import ServerError
from jupyter_trame.runtime import registry

__all__ = ["prepare"]


_HOSTS = ("IPython", "marimo")
"""Packages in whose processes something may carry a server: it is looked for where one of them is loaded."""


def prepare() -> None:
    """Called before each server is made; again is harmless. Raises `ServerError` where none can live."""
    if sys.platform == "emscripten":
        raise ServerError(
            "a server needs threads, which Python in a browser (Pyodide: JupyterLite, marimo's WebAssembly) does not "
            "have: run the notebook with a Python of this machine or of a server"
        )
    import_module("jupyter_trame.compat.own_elements").follow()
    has_prompt = hasattr(sys, "ps1") or sys.flags.interactive
    if registry.current().looks_for_host and (has_prompt or any(name in sys.modules for name in _HOSTS)):
        # A server made in a notebook lives in its kernel, one made at a prompt runs beside it, also where nobody
        # wrote %load_ext.
        import_module("jupyter_trame.kernel").install()
    registry.current().looks_for_host = False
