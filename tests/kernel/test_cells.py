"""Cells of IPython, and what is flushed after them."""

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_trame.kernel.cells import CellFlush


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    ("cell", "flushes"), [("x = 1", 1), ("1 / 0", 1), ("raise KeyboardInterrupt", 0), ("x =", 1)]
)
def test_it_flushes_after_each_cell_that_nobody_stopped(
    shell: InteractiveShell, cell: str, flushes: int
) -> None:
    calls: list[int] = []
    flush = CellFlush(lambda: calls.append(1))
    flush.follow(shell.events)
    flush.follow(shell.events)
    shell.run_cell(cell)
    assert len(calls) == flushes
    flush.stop()
    flush.stop()
    shell.run_cell("x = 2")
    assert len(calls) == flushes
    flush.follow(shell.events)
    shell.run_cell("x = 3")
    assert len(calls) == flushes + 1
