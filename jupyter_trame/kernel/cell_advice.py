"""What to do about a cell that has failed, where that is known: it stands below the traceback of IPython."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from jupyter_trame.execution.missing_packages import remedy_for

if TYPE_CHECKING:
    from IPython.core.events import EventManager
    from IPython.core.interactiveshell import ExecutionResult

__all__ = ["CellAdvice"]

_CELL_DONE = "post_run_cell"


class CellAdvice:
    """Looks at how each cell ends, from `follow` to `stop`. The thread that runs cells."""

    def __init__(self) -> None:
        self._events: EventManager | None = None

    def follow(self, events: EventManager) -> None:
        """Look at the cells that `events` tells of; again changes nothing."""
        if self._events is None:
            self._events = events
            events.register(_CELL_DONE, self._on_cell_done)

    def stop(self) -> None:
        """Leave cells alone; again changes nothing."""
        events, self._events = self._events, None
        if events is not None:
            events.unregister(_CELL_DONE, self._on_cell_done)

    def _on_cell_done(self, result: ExecutionResult) -> None:
        error = result.error_in_exec
        remedy = None if error is None else remedy_for(error)
        if remedy is not None:
            sys.stderr.write(f"Hint: {remedy}\n")
