"""What to do about a cell that has failed, where that is known: it stands below the traceback of IPython."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from jupyter_trame.execution.missing_packages import remedy_for
from jupyter_trame.kernel.cell_ends import CellEnds

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult

__all__ = ["CellAdvice"]


class CellAdvice(CellEnds):
    """Writes what mends it when a cell has failed, from `follow` to `stop`."""

    def _on_cell_done(self, result: ExecutionResult) -> None:
        error = result.error_in_exec
        remedy = None if error is None else remedy_for(error)
        if remedy is not None:
            sys.stderr.write(f"Hint: {remedy}\n")
