"""Runs a registered app in this kernel: what a launcher card executes."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from jupyter_trame.errors import ServerError
from jupyter_trame.names import APP_GROUP

if TYPE_CHECKING:
    from jupyter_trame.server.server import Server

__all__ = ["run_app"]


def run_app(name: str) -> Server:
    """Start the app that the entry point `name` of the group `jupyter_trame.apps` defines: a function ``app(server)``.

    Raises `ServerError` for an unknown name, and whatever the app's import or the app itself raises.
    """
    from jupyter_trame.server import Server

    app = _entry_point(name).load()
    server = Server(name)
    app(server)
    server.start()
    return server


def _entry_point(name: str) -> EntryPoint:
    found = entry_points(group=APP_GROUP)
    for entry in found:
        if entry.name == name:
            return entry
    known = ", ".join(sorted(entry.name for entry in found)) or "none"
    raise ServerError(f"no app {name!r} is installed in the kernel's environment; there: {known}")
