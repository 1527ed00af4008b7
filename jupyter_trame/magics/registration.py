"""The magics come with ``%load_ext``, and go with ``%unload_ext``."""

from __future__ import annotations

from typing import Any

from jupyter_trame.magics.magic_completion import complete_magic
from jupyter_trame.magics.trame_magics import TrameMagics

__all__ = ["register", "unregister"]


def register(shell: Any) -> None:
    """Give `shell` the magics and their completion; again is harmless."""
    magics = TrameMagics(shell)
    shell.register_magic_function(magics.line, "line", "trame")
    shell.register_magic_function(magics.cell, "cell", "trame")
    matchers = shell.Completer.custom_matchers
    if complete_magic not in matchers:
        matchers.append(complete_magic)


def unregister(shell: Any) -> None:
    """Take the magics from `shell`; harmless where it has none."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("trame", None)
    if complete_magic in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.remove(complete_magic)
