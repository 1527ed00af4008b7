"""Lines of code as people call them."""

import sys
from types import SimpleNamespace

import pytest
from IPython.core.compilerop import CachingCompiler

from jupyter_trame.execution.code_places import name_cells, place_of


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> CachingCompiler:
    """That of a shell in which nothing has run."""
    compiler = CachingCompiler()
    shell = SimpleNamespace(compile=compiler)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    return compiler


def test_a_cell_is_called_by_its_number(compiler: CachingCompiler) -> None:
    path = compiler.cache("x = 1", 3)
    assert place_of(path, 7) == "cell In[3], line 7"
    assert place_of("/home/me/app.py", 7) == "app.py, line 7"
    assert place_of("C:\\me\\app.py", 7) == "app.py, line 7"


def test_a_traceback_names_cells_and_leaves_files(compiler: CachingCompiler) -> None:
    path = compiler.cache("x = 1", 12)
    trace = (
        "Traceback (most recent call last):\n"
        f'  File "{path}", line 2, in draw\n    open(\'File "{path}", line 3\')\n'
        '  File "/home/me/app.py", line 7, in <module>\n'
        "ValueError: no\n"
    )
    assert name_cells(trace) == trace.replace(f'  File "{path}", line 2', "  Cell In[12], line 2")


def test_without_a_notebook_a_traceback_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython")
    trace = '  File "/tmp/ipykernel_1/1.py", line 2, in draw\n'
    assert name_cells(trace) == trace
