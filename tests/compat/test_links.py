"""What packages import from wslink."""

import asyncio
from typing import Any

import pytest

from jupyter_trame.compat.links import LinkProtocol, register, schedule_callback, schedule_coroutine


def test_register_marks_and_returns_the_function() -> None:
    def function() -> None: ...

    assert register("lab.add_2")(function) is function
    assert vars(function)["_wslinkuris"] == [{"uri": "lab.add_2"}]
    register("lab.other")(function)
    assert [mark["uri"] for mark in vars(function)["_wslinkuris"]] == ["lab.add_2", "lab.other"]


@pytest.mark.parametrize("uri", ["", "Lab.add", "lab..add", "lab.", ".lab", "2lab", "lab-add", "lab.add\n"])
def test_other_uris_are_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="lower-case words"):
        register(uri)


def test_register_wants_something_to_call() -> None:
    with pytest.raises(TypeError, match="not int"):
        register("lab.add")(3)  # type: ignore[type-var]


@pytest.mark.asyncio
async def test_a_callback_is_called_later_unless_cancelled() -> None:
    done = asyncio.Event()
    cancelled = schedule_callback(0, pytest.fail, "it was cancelled")
    schedule_callback(0.001, lambda word: (word == "x") and done.set(), "x")
    cancelled.cancel()
    assert not done.is_set()
    await asyncio.wait_for(done.wait(), 10)


@pytest.mark.asyncio
async def test_a_coroutine_runs_later_unless_cancelled() -> None:
    results: asyncio.Queue[Any] = asyncio.Queue()

    async def work(a: int, b: int) -> int:
        await asyncio.sleep(0)
        return a + b

    schedule_coroutine(0, work, 0, 0, done_callback=results.put_nowait).cancel()
    schedule_coroutine(0.001, work, 1, 2, done_callback=results.put_nowait)
    task = await asyncio.wait_for(results.get(), 10)
    assert task.result() == 3
    assert results.empty()


def test_a_protocol_is_quiet_before_the_server_starts() -> None:
    class Mine(LinkProtocol):
        def __init__(self) -> None:
            """Without the base's, as some packages do."""

    protocol = Mine()
    assert protocol.coreServer is None
    assert protocol.getSharedObject("x") is None
    assert protocol.addAttachment(b"x") is None
    protocol.publish("topic", {})
    protocol.stopServer()
    protocol.onConnect(None, "1")
    protocol.onClose("1")


def test_a_start_fills_the_members_in() -> None:
    class Core:
        def getSharedObject(self, key: str) -> str:  # noqa: N802
            return key.upper()

    sent: list[Any] = []
    protocol = LinkProtocol()
    protocol.coreServer = Core()
    protocol.init(lambda *args: sent.append(args), lambda payload: payload, lambda: sent.append("stop"))
    protocol.publish("topic", 1)
    protocol.stopServer()
    assert sent == [("topic", 1), "stop"]
    assert protocol.addAttachment(b"x") == b"x"
    assert protocol.getSharedObject("x") == "X"
    assert LinkProtocol.publish is not protocol.publish
