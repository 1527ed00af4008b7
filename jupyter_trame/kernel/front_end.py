"""Who has asked for the cell that runs: somebody who looks at it, or a program that runs all cells of a notebook."""

from __future__ import annotations

from typing import Any

from jupyter_trame.runtime.settings import is_voila

__all__ = ["runs_unattended"]


def runs_unattended(kernel: Any) -> bool:
    """Whether nobody is there to see a widget: nbclient runs the cell, for nbconvert, papermill or ``jupyter execute``.

    It alone takes no input and names no cell. Voila runs notebooks in the same way, for a page that lives afterwards.
    `kernel` is ipykernel's. The thread that runs cells.
    """
    get_parent = getattr(kernel, "get_parent", None)
    parent = get_parent() if get_parent is not None else None
    if not isinstance(parent, dict) or is_voila():
        return False
    content, metadata = parent.get("content"), parent.get("metadata")
    takes_input = not isinstance(content, dict) or content.get("allow_stdin") is not False
    names_cell = isinstance(metadata, dict) and "cellId" in metadata
    return not takes_input and not names_cell
