"""What is used of marimo is there."""

import threading

from jupyter_trame.kernel._marimo_private import call_before_rerun, session
from tests.kernel.marimo_notebook import notebook


def test_without_a_notebook_there_is_no_session() -> None:
    assert session() is None


def test_the_session_is_the_threads_alone() -> None:
    found: list[object] = []
    with notebook() as context:
        thread = threading.Thread(target=lambda: found.append(session()))
        thread.start()
        thread.join()
        assert session() is context
    assert found == [None]
    assert session() is None


def test_a_cell_that_runs_again_calls_once() -> None:
    calls: list[str] = []
    with notebook("cell-1") as context:
        call_before_rerun(context, lambda: calls.append("first"))
        context.cell_lifecycle_registry.dispose("other", deletion=False)
        assert calls == []
        context.cell_lifecycle_registry.dispose("cell-1", deletion=False)
        context.cell_lifecycle_registry.dispose("cell-1", deletion=True)
    assert calls == ["first"]


def test_outside_of_cells_nothing_is_called() -> None:
    with notebook(None) as context:
        call_before_rerun(context, lambda: None)
        assert not context.cell_lifecycle_registry.registry
