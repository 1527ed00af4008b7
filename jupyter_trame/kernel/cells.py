"""What a cell sets is sent when it has run, as with any callback: in a kernel, and at a prompt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from jupyter_trame.kernel.cell_ends import CellEnds

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult

__all__ = ["CellFlush"]


class CellFlush(CellEnds):
    """Flushes the state of one server after each cell, from `follow` to `stop`."""

    def __init__(self, flush: Callable[[], object]) -> None:
        super().__init__()
        self._flush = flush

    def _on_cell_done(self, result: ExecutionResult) -> None:
        # Whoever stops a cell does not want the listeners that it did not come to.
        if not isinstance(result.error_in_exec, KeyboardInterrupt):
            self._flush()
