"""Who has asked for the cell that runs: somebody who looks at it, or a program that runs all cells of a notebook."""

from __future__ import annotations

from typing import Any

from jupyter_trame.runtime.settings import has_jupyter_session, is_voila

__all__ = ["is_console", "runs_unattended"]


def runs_unattended(kernel: Any) -> bool:
    """Whether nobody is there to see a widget: nbclient runs the cell, for nbconvert, papermill or ``jupyter execute``.

    It alone takes no input and names no cell. Voila runs notebooks in the same way, for a page that lives afterwards.
    `kernel` is ipykernel's. The thread that runs cells.
    """
    takes_input, names_cell = _request(kernel)
    return not takes_input and not names_cell and not is_voila()


def is_console(kernel: Any) -> bool:
    """Whether somebody types at a terminal or a window without widgets: jupyter console, qtconsole and their like.

    They name no cell, and no Jupyter server has started their kernel. The thread that runs cells.
    """
    takes_input, names_cell = _request(kernel)
    return takes_input and not names_cell and not has_jupyter_session()


def _request(kernel: Any) -> tuple[bool, bool]:
    """Whether who asks for the cell that runs takes input, and whether it names the cell."""
    get_parent = getattr(kernel, "get_parent", None)
    parent = get_parent() if get_parent is not None else None
    content, metadata = (
        (parent.get("content"), parent.get("metadata")) if isinstance(parent, dict) else (None, None)
    )
    takes_input = not isinstance(content, dict) or content.get("allow_stdin") is not False
    return takes_input, isinstance(metadata, dict) and "cellId" in metadata
