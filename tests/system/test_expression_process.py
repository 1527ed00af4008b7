"""Expressions in another process; what services ask is in tests/services/test_id_expressions.py."""

import re
import threading
from concurrent.futures import Future

import pytest

from jupyter_trame.system import expression_process as module
from jupyter_trame.system.expression_process import ExpressionProcess

TIMEOUT = 20.0


def fits(process: ExpressionProcess, expression: str, text: str) -> bool:
    answer: Future[bool] = Future()
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
    assert not fits(process, "(a+)+b", "a" * 100)
    monkeypatch.setattr(module, "_PATIENCE", TIMEOUT)
    assert fits(process, "(a+)+b", "aab")
    process.close()
