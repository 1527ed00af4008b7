"""What is told of an exception in user code; the guard's own tests show the rest of it."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.compilerop import CachingCompiler

from jupyter_trame.errors import SerializationError
from jupyter_trame.execution.error_reports import ErrorReport, make_report


def test_data_of_a_report() -> None:
    report = ErrorReport("here", "message", "trace", 1.0)
    assert report.as_data(with_trace=True) == {
        "where": "here",
        "message": "message",
        "trace": "trace",
        "time": 1.0,
    }
    assert report.as_data(with_trace=False)["trace"] is None


def test_a_report_has_the_beginning_of_what_is_long() -> None:
    error = ValueError("x" * 5_000)
    report = make_report("y\n" * 200, error, error)
    assert report.where.startswith("y\\ny\\n")
    assert report.where.endswith("(200 characters more)")
    assert report.message.startswith("ValueError: xxx")
    assert report.message.endswith("(1012 characters more)")


def test_the_traceback_is_that_of_what_hit() -> None:
    try:
        raise KeyError("inner")
    except KeyError as cause:
        report = make_report("here", RuntimeError("outer"), cause)
    assert report.message == "RuntimeError: outer"
    assert 'raise KeyError("inner")' in report.trace


def test_the_message_of_a_refused_value_says_it_all() -> None:
    error = SerializationError("x", object(), "it is no value")
    assert make_report("state", error, error).trace == ""


def test_cells_are_called_by_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the lines of their code are there, though no such file is."""
    compiler = CachingCompiler()
    shell = SimpleNamespace(compile=compiler)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    source = "def draw(power):\n    return 1 / power\n"
    path = compiler.cache(source, 3)
    cell: dict[str, Any] = {}
    exec(compile(source, path, "exec"), cell)
    with pytest.raises(ZeroDivisionError) as failed:
        cell["draw"](0)
    report = make_report("output draw", failed.value, failed.value)
    assert "  Cell In[3], line 2, in draw\n    return 1 / power\n" in report.trace
    assert path not in report.trace
    with pytest.raises(SyntaxError) as raised:
        compile("1 +", path, "exec")
    report = make_report("output draw", raised.value, raised.value)
    assert report.message.startswith("Cell In[3], line 1\n")
