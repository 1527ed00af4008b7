"""The end of each cell of IPython, for who does something about it: in a kernel, and at a prompt."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.events import EventManager
    from IPython.core.interactiveshell import ExecutionResult

__all__ = ["CellEnds"]

_CELL_DONE = "post_run_cell"


class CellEnds(ABC):
    """Calls `_on_cell_done` when a cell has ended, from `follow` to `stop`, on the thread that runs cells."""

    def __init__(self) -> None:
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

    @abstractmethod
    def _on_cell_done(self, result: ExecutionResult) -> None:
        """A cell has ended with `result`."""
