"""Expressions of service ids: none of them stops the host."""

import asyncio
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.id_expressions import IdExpressions
from jupyter_trame.system import expression_process as module
from tests.services.support import run, service

SLOW = re.compile("(a+)+b")
EVIL = "a" * 100


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The processes that were started; none of them, and no thread, is left."""
    found: list[Any] = []
    popen = subprocess.Popen

    def start(*args: Any, **options: Any) -> Any:
        found.append(popen(*args, **options))
        return found[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    yield found
    deadline = time.monotonic() + 10
    while any(one.name == "jupyter-trame-expressions" for one in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert all(process.returncode is not None for process in found)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Call it to end the patience with all matches that go on; it does not end by itself."""
    held: list[Any] = []

    class Timer:
        def __init__(self, seconds: float, end: Callable[[], None]) -> None:
            self.seconds, self.end = seconds, end

        def start(self) -> None:
            held.append(self)

        def cancel(self) -> None:
            held.remove(self)

        def join(self) -> None:
            pass

    def end() -> None:
        for one in held:
            if one.seconds == module._PATIENCE:
                one.end()

    monkeypatch.setattr(threading, "Timer", Timer)
    yield end
    end()  # of a test that has failed


def ruled(expression: "re.Pattern[str]", name: str = "service") -> RegisteredService:
    return service(name, service_id_validator=expression)


def test_what_fits(started: list[Any]) -> None:
    async def scenario() -> None:
        all_of_them = IdExpressions()
        room = ruled(re.compile(r"(?i)room-\w+"))
        found = [
            await all_of_them.accept(room, one) for one in ("room-1", "ROOM-é", "room-", "my room-1", '"')
        ]
        assert found == [True, True, False, False, False]
        assert len(started) == 1
        ascii_only = ruled(re.compile(r"\w+", re.ASCII), "other")
        assert [await all_of_them.accept(ascii_only, one) for one in ("e", "é")] == [True, False]
        assert len(started) == 2
        all_of_them.close()

    run(scenario)


def test_one_that_takes_for_ever_is_refused_and_holds_up_nobody(
    started: list[Any], patience: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        all_of_them = IdExpressions()
        slow, quick = ruled(SLOW, "slow"), ruled(re.compile("x+"), "quick")
        waiting = [asyncio.ensure_future(all_of_them.accept(slow, EVIL)) for _ in range(2)]
        given_up = asyncio.ensure_future(all_of_them.accept(slow, EVIL))
        assert await all_of_them.accept(quick, "xx")
        assert not any(one.done() for one in waiting)
        given_up.cancel()
        while not all(one.done() for one in waiting):
            patience()
            await asyncio.sleep(0.01)
        assert await asyncio.gather(*waiting) == [False, False]
        assert "the expression of service slow takes too long" in caplog.text
        assert await all_of_them.accept(slow, "aab")
        assert len(started) == 4  # two were ended, and the one who gave up got none
        all_of_them.close()

    run(scenario)


def test_a_process_that_is_not_asked_ends(started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IDLE", 0.01)

    async def scenario() -> None:
        all_of_them = IdExpressions()
        rule = ruled(re.compile("x"))
        assert await all_of_them.accept(rule, "x")
        while started[0].returncode is None:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
        assert await all_of_them.accept(rule, "x")
        assert len(started) == 2
        all_of_them.close()

    run(scenario)


def test_where_there_can_be_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("too many open files")

    async def scenario() -> None:
        all_of_them = IdExpressions()
        monkeypatch.setattr(subprocess, "Popen", fail)
        assert not await all_of_them.accept(ruled(re.compile("x")), "x")
        monkeypatch.setattr(sys, "frozen", True, raising=False)
        assert await all_of_them.accept(ruled(re.compile("x")), "x")
        all_of_them.close()

    run(scenario)
