"""What a cell sets is sent when it has run, as with any callback: in a kernel, and at a prompt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.events import EventManager
    from IPython.core.interactiveshell import ExecutionResult

__all__ = ["CellFlush"]

_CELL_DONE = "post_run_cell"


class CellFlush:
    """Flushes the state of one server after each cell, from `follow` to `stop`."""

    def __init__(self, flush: Callable[[], object]) -> None:
        self._flush = flush
        self._events: EventManager | None = None

    def follow(self, events: EventManager) -> None:
        """Look at the cells that `events` tells of; again changes nothing. The thread that runs cells."""
        if self._events is None:
            self._events = events
            events.register(_CELL_DONE, self._on_cell_done)

    def stop(self) -> None:
        """Leave cells alone; again changes nothing. Any thread."""
        events, self._events = self._events, None
        if events is not None:
            events.unregister(_CELL_DONE, self._on_cell_done)

    def _on_cell_done(self, result: ExecutionResult) -> None:
        # Whoever stops a cell does not want the listeners that it did not come to.
        if not isinstance(result.error_in_exec, KeyboardInterrupt):
            self._flush()
