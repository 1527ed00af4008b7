"""What is told of an exception in user code; the guard's own tests show the rest of it."""

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
