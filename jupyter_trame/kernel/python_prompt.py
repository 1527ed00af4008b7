"""The prompt of Python itself (``python``, ``python -i``, ``code.interact``), which tells nobody of its lines.

By Python's own promise ``sys.ps1`` is asked for its text before each line is read: by then the lines before have run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

__all__ = ["PythonPrompt", "find_python_prompt"]

_CELL_DONE = "post_run_cell"
_USUAL = ">>> "


class PythonPrompt:
    """What `CellFlush` asks of a shell of IPython: `events`, of which there is one, the end of a line."""

    def __init__(self, text: object) -> None:
        """`text` is what the prompt shows."""
        self._text = text
        self._listeners: list[Callable[[Any], object]] = []
        self._error = _last_error()
        """Of a line before: a line that fails has another one."""
        self.events = self

    def register(self, event: str, listener: Callable[[Any], object]) -> None:
        """Call ``listener(result)`` after each line; the result has an ``error_in_exec``. Any thread."""
        if event == _CELL_DONE:
            self._listeners.append(listener)
            sys.ps1 = self

    def unregister(self, event: str, listener: Callable[[Any], object]) -> None:
        """Call it no more. Any thread. Raises ValueError for one that is not registered."""
        if event != _CELL_DONE:
            return
        self._listeners.remove(listener)
        if not self._listeners and getattr(sys, "ps1", None) is self:
            sys.ps1 = self._text

    def __str__(self) -> str:
        before, self._error = self._error, _last_error()
        result = SimpleNamespace(error_in_exec=None if self._error is before else self._error)
        for listener in list(self._listeners):
            listener(result)
        return str(self._text)


def _last_error() -> BaseException | None:
    return getattr(sys, "last_value", None)


def find_python_prompt() -> PythonPrompt | None:
    """The prompt at which somebody types, or will when the script of ``python -i`` has run; None in a program."""
    text = getattr(sys, "ps1", None)
    if isinstance(text, PythonPrompt):
        return text
    return PythonPrompt(text or _USUAL) if text is not None or sys.flags.interactive else None
