"""State and controller without a server."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Generator
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame import Client, Server
from jupyter_trame.execution.state import Controller, RunningLoop, State


def test_what_servers_and_clients_have_is_of_these_classes() -> None:
    server = Server("app")
    child = server.create_child_server(prefix="c_")
    states = [server.state, server.context, child.state, child.context, Client().state]
    assert all(isinstance(state, State) for state in states)
    assert isinstance(server.controller, Controller)
    assert isinstance(child.controller, Controller)


@pytest.mark.asyncio
async def test_a_listener_that_is_a_coroutine_runs_on_the_loop() -> None:
    state = State(ready=True)
    ran = asyncio.Event()

    @state.change("x")
    async def on_x(x: int, **_: Any) -> None:
        await asyncio.sleep(0)
        state.y = x
        ran.set()

    state.x = 3
    assert state.flush() == {"x"}
    async with asyncio.timeout(5):
        await ran.wait()
    assert state.is_dirty("y")


@pytest.mark.asyncio
async def test_an_exception_of_a_coroutine_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("no luck")

    task = RunningLoop().schedule("here", fail())
    assert task is not None
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert "no luck" in caplog.text


@pytest.mark.asyncio
async def test_tasks_of_a_controller_are_tasks() -> None:
    ctrl = Controller()

    @ctrl.add_task("go")
    async def go(x: int) -> int:
        return x + 1

    (task,) = ctrl.go(1)
    assert isinstance(task, asyncio.Task)
    assert await task == 2


@pytest.mark.asyncio
async def test_any_awaitable_will_do() -> None:
    class Later:
        def __await__(self) -> Generator[Any, Any, str]:
            yield from asyncio.sleep(0).__await__()
            return "later"

    later: Awaitable[str] = Later()
    ended = asyncio.Event()
    task = RunningLoop().schedule("here", later, ended.set)
    assert task is not None
    assert await task == "later"
    assert await asyncio.wait_for(ended.wait(), 10)


def test_what_cannot_run_has_ended() -> None:
    async def work() -> None: ...

    ended: list[bool] = []
    RunningLoop().schedule("here", work(), lambda: ended.append(True))
    assert ended == [True]


def test_without_a_loop_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    state = State(ready=True)

    @state.change("x")
    async def on_x(**_: Any) -> None: ...

    state.x = 1
    with caplog.at_level(logging.ERROR):
        assert state.flush() == {"x"}
    assert "no event loop" in caplog.text


def test_hot_reload_needs_no_more_than_the_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "reloaded_by_a_state.py"
    file.write_text("def on_x(x, seen, **_):\n    seen.append(('first', x))\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import reloaded_by_a_state as module  # type: ignore[import-not-found]

    state, ctrl, seen = State(ready=True, hot_reload=True), Controller(hot_reload=True), []
    state.change("x")(module.on_x)
    ctrl.on_x = module.on_x
    state.seen = seen
    state.x = 1
    state.flush()
    file.write_text("def on_x(x, seen, **_):\n    seen.append(('second version', x))\n")
    os.utime(file, (2**31, 2**31))
    state.x = 2
    state.flush()
    ctrl.on_x(3, seen)
    assert seen == [("first", 1), ("second version", 2), ("second version", 3)]
