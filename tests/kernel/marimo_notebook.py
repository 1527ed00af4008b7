"""A notebook of marimo without its program: what a cell of it finds on its thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from marimo._runtime.cell_lifecycle_registry import CellLifecycleRegistry
from marimo._runtime.context.kernel_context import KernelRuntimeContext
from marimo._runtime.context.types import ExecutionContext, initialize_context, teardown_context


@contextmanager
def notebook(cell: str | None = "cell-1") -> Iterator[Any]:
    """marimo's own context of this thread, in which `cell` runs."""
    context: Any = object.__new__(KernelRuntimeContext)
    context.cell_lifecycle_registry = CellLifecycleRegistry()
    run_cell(context, cell)
    initialize_context(context)
    try:
        yield context
    finally:
        teardown_context()


def run_cell(context: Any, cell: str | None) -> None:
    """From now on `cell` runs; with None none does."""
    context.execution_context = None if cell is None else ExecutionContext(cell, False)  # type: ignore[arg-type]
