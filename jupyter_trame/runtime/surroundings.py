"""What a server needs around it that lies above it: trame-client's elements adapted, and the kernel that carries it.

Both are imported by name when a server is made, whoever makes it: a program loads nothing of a kernel.
"""

from __future__ import annotations

import sys
from importlib import import_module

from jupyter_trame.runtime.registry import Process

__all__ = ["prepare"]


def prepare(process: Process) -> None:
    """Called before each server of `process` is made; again is harmless."""
    import_module("jupyter_trame.compat.own_elements").follow()
    has_prompt = "IPython" in sys.modules or hasattr(sys, "ps1") or sys.flags.interactive
    if process.looks_for_host and has_prompt:
        # A server made in a notebook lives in its kernel, one made at a prompt runs beside it, also where nobody
        # wrote %load_ext.
        import_module("jupyter_trame.kernel").install()
    process.looks_for_host = False
