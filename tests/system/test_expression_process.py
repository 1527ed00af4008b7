"""Expressions in another process; what services ask is in tests/services/test_id_expressions.py."""

import re
import threading
from concurrent.futures import Future

import pytest

from jupyter_trame.system import expression_process as module
from jupyter_trame.system.expression_process import ExpressionProcess

TIMEOUT = 20.0


def fits(process: ExpressionProcess, expression: str, text: str) -> bool | None:
    answer: Future[bool | None] = Future()
    process.ask(re.compile(expression), text, answer.set_result, answer.done)
    return answer.result(TIMEOUT)


def test_it_answers_and_ends() -> None:
    process = ExpressionProcess()
    assert fits(process, "a+", "aa")
    assert not fits(process, "a+", "aab")
    assert fits(process, "a\nb|.", "a\nb")
    worker = next(one for one in threading.enumerate() if one.name == "jupyter-trame-expressions")
    process.close()
    worker.join(TIMEOUT)
    assert not worker.is_alive()
    assert fits(process, "a", "a")  # and begins again
    process.close()


def test_a_match_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.2)
    process = ExpressionProcess()
    assert fits(process, "(a+)+b", "a" * 100) is None
    monkeypatch.setattr(module, "_PATIENCE", TIMEOUT)
    assert fits(process, "(a+)+b", "aab")
    process.close()


def test_what_the_process_takes_to_begin_is_no_time_of_a_match(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.5)
    monkeypatch.setattr(module, "_BEGINNING", TIMEOUT)
    monkeypatch.setattr(module, "_PROGRAM", "import time; time.sleep(0.6)\n" + module._PROGRAM)
    process = ExpressionProcess()
    assert fits(process, "a", "a")
    process.close()


def test_a_process_that_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    program = module._PROGRAM
    process = ExpressionProcess()
    monkeypatch.setattr(module, "_PROGRAM", "raise SystemExit")
    assert fits(process, "a", "a") is False
    monkeypatch.setattr(module, "_PROGRAM", program)
    assert fits(process, "a", "a")
    process.close()


def test_where_there_can_be_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("can't start new thread")

    process = ExpressionProcess()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fail)
        assert fits(process, "a", "a") is False
    assert fits(process, "a", "a")
    process.close()


def test_who_cannot_be_told_keeps_nobody_else_waiting(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> None:
        raise ValueError("nobody listens")

    process = ExpressionProcess()
    process.ask(re.compile("a"), "a", fail, lambda: False)
    assert fits(process, "a", "a")
    assert "nobody listens" in caplog.text
    process.close()
