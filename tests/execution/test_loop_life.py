"""A thread with a loop: how it begins, what others do with it, and that it ends."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.loop_life import LoopLife

TIMEOUT = 20.0


class Life(LoopLife[str]):
    def __init__(
        self, before: Callable[[], object] = lambda: None, after: Callable[[], object] = lambda: None
    ) -> None:
        super().__init__("the thing", "thing", logging.getLogger("thing"))
        self.before, self.after = before, after
        self.told: list[str] = []

    async def live(self, up: Callable[[str], None], stopping: asyncio.Event) -> None:
        self.before()
        up("it")
        await stopping.wait()
        self.after()

    def on_ended(self) -> None:
        assert not self.ended.done()
        self.told.append(threading.current_thread().name)


def test_it_is_up_and_ends() -> None:
    life = Life()
    assert life.start() == "it"
    assert not life.wait(0.01)
    assert not life.ending
    life.stop()
    life.stop()
    assert life.ending
    assert life.wait(TIMEOUT)
    assert life.told == ["thing"]
    life.stop()


def test_others_use_its_loop() -> None:
    async def where() -> str:
        return threading.current_thread().name

    life = Life()
    life.start()
    called: Future[str] = Future()
    life.run(lambda: called.set_result(threading.current_thread().name))
    assert called.result(TIMEOUT) == "thing"
    assert life.begin(where()).result(TIMEOUT) == "thing"
    assert life.result_of(where()) == "thing"
    life.stop()
    assert life.wait(TIMEOUT)
    with pytest.raises(ServerError, match="the thing does not run"):
        life.run(lambda: None)
    with pytest.raises(ServerError, match="the thing does not run"):
        life.begin(where())
    with pytest.raises(ServerError, match="the thing does not run"):
        Life().result_of(where())


def test_who_waits_for_a_life_that_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    life = Life()
    life.start()

    async def wait_for_ever() -> None:
        life.stop()
        await asyncio.Event().wait()

    with pytest.raises(ServerError, match="the thing has ended"):  # it was begun, and cancelled
        life.result_of(wait_for_ever())
    assert life.wait(TIMEOUT)
    # What the loop was handed in its last moment is never begun.
    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", lambda *_: Future())
    monkeypatch.setattr(life, "_loop", asyncio.new_event_loop())
    with pytest.raises(ServerError, match="the thing has ended"):
        life.result_of(wait_for_ever())
    assert life._loop is not None
    life._loop.close()


def test_a_stop_before_there_is_a_loop_counts() -> None:
    life = Life()
    life.stop()
    assert life.start() == "it"
    assert life.wait(TIMEOUT)


def test_what_fails_before_it_is_up_is_raised() -> None:
    def fail() -> None:
        raise OSError("no way")

    life = Life(before=fail)
    with pytest.raises(OSError, match="no way"):
        life.start()
    assert life.wait(TIMEOUT)
    assert life.told == ["thing"]


def test_what_fails_later_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("no way")

    life = Life(after=fail)
    life.start()
    life.stop()
    assert life.wait(TIMEOUT)
    assert "the thing ended with an error" in caplog.text
    assert "no way" in caplog.text


def test_an_interrupt_while_it_begins_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    may_begin = threading.Event()
    life = Life(before=lambda: may_begin.wait(TIMEOUT))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(life._up, "result", interrupt)
    with pytest.raises(KeyboardInterrupt):
        life.start()
    assert life.ending
    may_begin.set()
    assert life.wait(TIMEOUT)
