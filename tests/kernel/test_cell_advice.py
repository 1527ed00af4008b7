"""What stands below the traceback of a cell."""

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_trame.kernel.cell_advice import CellAdvice
from tests.kernel.support import Kernel


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_a_missing_package_is_told_once(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    advice = CellAdvice()
    advice.follow(shell.events)
    advice.follow(shell.events)
    shell.run_cell("from trame.widgets import quasar")
    told = capsys.readouterr()
    assert "cannot import name 'quasar'" in told.out, "the traceback of IPython"
    assert told.err.splitlines() == [
        "Hint: pip install trame-quasar: trame.widgets has no 'quasar', which a package of that name brings"
    ]
    for cell in ("1 / 0", "import nothing_of_this_name", "x = 1", "x ="):
        shell.run_cell(cell)
    assert capsys.readouterr().err == ""
    advice.stop()
    advice.stop()
    shell.run_cell("import trame_quasar")
    assert capsys.readouterr().err == ""


def test_in_a_kernel_it_stands_below_the_traceback(kernel: Kernel) -> None:
    kernel.run("%load_ext jupyter_trame")
    cell = kernel.finish(kernel.start("from trame.widgets import quasar"))
    assert "cannot import name" in str(cell.error)
    assert cell.stream.count("pip install trame-quasar") == 1
    assert cell.stream.startswith("Hint: pip install trame-quasar: ")
