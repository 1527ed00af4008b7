"""What is used of marimo without a promise of its documentation."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["call_before_rerun", "session"]


def session() -> Any:
    """The context of the notebook whose thread this is; None in other threads, in scripts, and without marimo."""
    marimo = sys.modules.get("marimo")
    # It may be half imported, and what imports it may make a server.
    is_there = getattr(marimo, "running_in_notebook", None)
    if is_there is None or not is_there():
        return None
    return import_module("marimo._runtime.context").get_context()


def call_before_rerun(context: Any, call: Callable[[], object]) -> None:
    """`call()` before the cell that runs now in `context` runs again, and when it is deleted. Not without a cell."""
    context.cell_lifecycle_registry.add(_Item(call))


class _Item:
    """A `CellLifecycleItem`; that class is a private one too, and asks for no more than these two."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call

    def create(self, context: object) -> None:
        """The cell runs already."""

    def dispose(self, context: object, deletion: bool) -> bool:  # noqa: ARG002 - marimo's signature
        """Called by marimo; True: once is enough."""
        self._call()
        return True
