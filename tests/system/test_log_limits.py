"""Bounds of what clients make a server say."""

import logging

import pytest

from jupyter_trame.system.log_limits import Complaints, Throttle


def test_throttle_lets_a_burst_through_and_then_a_rate() -> None:
    now = 0.0
    throttle = Throttle(rate=2, burst=3, clock=lambda: now)
    assert [throttle.allow() for _ in range(5)] == [True, True, True, False, False]
    assert throttle.suppressed == 2
    now = 0.5
    assert [throttle.allow(), throttle.allow()] == [True, False]
    now = 100.0
    assert [throttle.allow() for _ in range(4)] == [True, True, True, False]


def test_what_was_left_out_is_told_once() -> None:
    throttle = Throttle(rate=0, burst=1)
    assert throttle.allow()
    assert throttle.left_out() == ""
    assert not any(throttle.allow() for _ in range(3))
    assert [throttle.left_out(), throttle.left_out()] == [" (3 more were left out)", ""]


def test_complaints_are_few_short_and_on_one_line(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints(logging.getLogger("jupyter_trame.tests"), rate=0, burst=2)
    for _ in range(10):
        complaints.warn("client %d: %s", 7, "x\nERROR forged\x1b[2J" + "y" * 1_000_000)
    assert len(caplog.messages) == 2
    for line in caplog.messages:
        assert line.startswith("client 7: x\\nERROR forged\\x1b[2Jyyy")
        assert len(line) < 300


def test_what_nobody_reads_costs_no_place(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    complaints = Complaints(logging.getLogger("jupyter_trame.tests"), rate=0, burst=1)
    complaints.warn("hidden", level=logging.DEBUG)
    complaints.warn("shown")
    assert caplog.messages == ["shown"]


def test_a_traceback_forges_no_line(caplog: pytest.LogCaptureFixture) -> None:
    """Its last line holds what an exception says, and that may be a client's words."""
    complaints = Complaints(logging.getLogger("jupyter_trame.tests"))
    forged = "x\nERROR forged\x1b[2J\rERROR forged\u2028ERROR forged" + "y" * 1_000_000
    try:
        raise ValueError(forged)
    except ValueError as error:
        error.add_note(forged)
        complaints.warn("it failed", error=error)
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.funcName == "test_a_traceback_forges_no_line"
    text = logging.Formatter().format(record)
    assert "test_a_traceback_forges_no_line" in text
    assert not any(line.startswith("ERROR") for line in text.splitlines())
    assert not set(text) & set("\x1b\r\u2028")
    assert len(text) < 50_000


def test_an_exception_that_cannot_be_shown_is_named(caplog: pytest.LogCaptureFixture) -> None:
    class OddError(SyntaxError):
        @property
        def lineno(self) -> int:  # type: ignore[override]
            raise SystemExit

    Complaints(logging.getLogger("jupyter_trame.tests")).warn("it failed", error=OddError("x"))
    assert "OddError" in caplog.text
