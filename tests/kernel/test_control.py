"""What a Jupyter server asks of the servers of a kernel; with real kernels in tests/extension/test_app_control.py."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio

from jupyter_trame.errors import LinkError
from jupyter_trame.kernel.control import Control, find_life
from jupyter_trame.protocol.link import Parcel, Pressure
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.ended import Ended
from jupyter_trame.server import Server
from jupyter_trame.transports.control_words import (
    ABSENT,
    BEGUN,
    BUSY,
    DONE,
    FAILED,
    LISTED,
    RESTART,
    STOP,
    VIEWERS,
)
from tests.support.servers import fresh_process

pytestmark = pytest.mark.asyncio


class Asked:
    """Whoever asked."""

    def __init__(self) -> None:
        self.words: list[list[Any]] = []
        self.came = asyncio.Event()

    def send(self, parcel: Parcel) -> None:
        self.words.append(parcel.header)
        self.came.set()

    async def answered(self, count: int) -> list[list[Any]]:
        while len(self.words) < count:
            self.came.clear()
            await self.came.wait()
        return self.words


class Asking:
    """The link to them, on whatever thread it is spoken to."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._loop = asyncio.get_running_loop()

    def send(self, parcel: Parcel) -> None:
        self._loop.call_soon_threadsafe(self._asked.send, parcel)


class Life:
    def __init__(self) -> None:
        self.runtime = SimpleNamespace(stage=2)
        self.done: list[str] = []
        self.refuses = False

    def end(self) -> Ended:
        self.done.append("end")
        self.runtime.stage = 0
        return Ended(None)

    def start_again(self) -> None:
        if self.refuses:
            raise ValueError("not again")
        self.done.append("start")


class Bench:
    """A control whose main loop is on a thread of its own, which a test can hold."""

    def __init__(self) -> None:
        self.main = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.main.run_forever)
        self.go = threading.Event()
        self.life = Life()
        lives: dict[str, Any] = {"app": self.life}
        self.endpoints: dict[str, Any] = {}
        self.control = Control(asyncio.get_running_loop(), self.main, lives.get, self.endpoints)
        self.asked = Asked()
        self.output: Any = Asking(self.asked)
        self._loop = asyncio.get_running_loop()

    def ask(self, *header: Any) -> None:
        self.control.add(self.output)
        self.control.receive(self.output, Parcel(list(header)))

    async def hold(self) -> None:
        held = asyncio.Event()

        def hold() -> None:
            self._loop.call_soon_threadsafe(held.set)
            self.go.wait()

        self.main.call_soon_threadsafe(hold)
        await held.wait()

    async def main_has_turned(self) -> None:
        turned = asyncio.Event()
        self.main.call_soon_threadsafe(self._loop.call_soon_threadsafe, turned.set)
        await turned.wait()


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    bench.thread.start()
    yield bench
    bench.go.set()
    bench.main.call_soon_threadsafe(bench.main.stop)
    await asyncio.to_thread(bench.thread.join)
    bench.main.close()


@pytest.mark.parametrize(("verb", "done"), [(STOP, ["end"]), (RESTART, ["end", "start"])])
async def test_it_is_done_on_the_main_loop(bench: Bench, verb: str, done: list[str]) -> None:
    bench.ask(verb, "app", 60.0)
    assert await bench.asked.answered(2) == [[BEGUN], [DONE]]
    assert bench.life.done == done


async def test_who_looks_is_told_while_the_main_thread_is_busy(bench: Bench) -> None:
    await bench.hold()
    bench.endpoints["app"] = SimpleNamespace(primary=object(), viewers=[("c", 1.5)])
    bench.endpoints["ended"] = SimpleNamespace(primary=None, viewers=[("c", 1.5)])
    bench.ask(VIEWERS, "app", 60.0)
    bench.ask(VIEWERS, "ended", 60.0)
    bench.ask(VIEWERS, "other", 60.0)
    assert await bench.asked.answered(3) == [[LISTED, [["c", 1.5]]], [ABSENT], [ABSENT]]


async def test_of_two_who_ask_at_a_time_the_second_finds_it_gone(bench: Bench) -> None:
    other = Asked()
    await bench.hold()
    bench.ask(STOP, "app", 60.0)
    bench.control.receive(Asking(other), Parcel([RESTART, "app", 60.0]))  # type: ignore[arg-type]
    bench.go.set()
    assert await bench.asked.answered(2) == [[BEGUN], [DONE]]
    assert await other.answered(1) == [[ABSENT]]
    assert bench.life.done == ["end"]


async def test_what_the_start_raises_is_told(bench: Bench) -> None:
    bench.life.refuses = True
    bench.ask(RESTART, "app", 60.0)
    _, (kind, message, trace) = await bench.asked.answered(2)
    assert (kind, message) == (FAILED, "ValueError: not again")
    assert "start_again" in trace


async def test_a_server_that_is_not_there(bench: Bench) -> None:
    bench.ask(STOP, "other", 60.0)
    assert await bench.asked.answered(1) == [[ABSENT]]
    bench.life.runtime.stage = 0
    bench.ask(STOP, "app", 60.0)
    assert await bench.asked.answered(2) == [[ABSENT], [ABSENT]]


async def test_busy_is_final(bench: Bench) -> None:
    await bench.hold()
    bench.ask(STOP, "app", 0.001)
    assert await bench.asked.answered(1) == [[BUSY]]
    bench.go.set()
    await bench.main_has_turned()
    assert bench.life.done == []
    assert bench.asked.words == [[BUSY]]


async def test_who_hangs_up_before_it_begins_has_nothing_done(bench: Bench) -> None:
    await bench.hold()
    bench.ask(STOP, "app", 60.0)
    bench.control.remove(bench.output)
    bench.control.remove(bench.output)
    bench.go.set()
    await bench.main_has_turned()
    assert bench.life.done == []
    assert bench.asked.words == []


@pytest.mark.parametrize(
    "op", [Parcel(["explode", "app", 1.0]), Parcel([STOP]), Parcel([STOP, 7, 1.0]), Pressure(1)]
)
async def test_what_is_no_question_ends_the_link(bench: Bench, op: Any) -> None:
    with pytest.raises(LinkError):
        bench.control.receive(bench.output, op)


async def test_a_server_is_found_by_its_slug(monkeypatch: pytest.MonkeyPatch) -> None:
    process = fresh_process()
    monkeypatch.setattr(registry, "process", process)
    server = Server("My App")
    process.register("My App", server, lambda: None)
    found: Callable[[str], Any] = find_life
    assert found("my-app").runtime is server._runtime
    assert found("other") is None
