"""Coroutines that take no cancelling."""

import asyncio
import logging
from typing import Any

import pytest

from jupyter_trame.execution import endings
from jupyter_trame.execution.endings import cancel_all, run_to_end
from tests.igor.support import TIMEOUT, client, run, serving, until


class Stubborn:
    """Handlers and processes that go on until they are let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.cancelled = 0
        self.free = False

    async def __call__(self, *_: Any, **__: Any) -> None:
        self.begun += 1
        while not self.free:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled += 1


def test_who_goes_on_is_named_and_left(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endings, "_PATIENCE", 0.05)
    stubborn = Stubborn()

    async def main() -> None:
        task = asyncio.create_task(stubborn(), name="the robot")
        good = asyncio.create_task(asyncio.Event().wait())
        await asyncio.sleep(0)
        await cancel_all([task, good], logging.getLogger(__name__))
        assert good.cancelled()
        assert (stubborn.cancelled, task.done()) == (1, False)
        stubborn.free = True

    run_to_end(main())
    assert stubborn.cancelled == 2
    assert [record.message.partition(" was")[0] for record in caplog.records] == ["the robot"]


def test_what_fails_is_raised_and_nothing_runs_on() -> None:
    ended = []

    async def other() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def main() -> None:
        main.task = asyncio.create_task(other())  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        run_to_end(main())
    assert ended == [True]


def test_a_server_stops_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endings, "_PATIENCE", 0.05)
    handler, process = Stubborn(), Stubborn()

    async def scenario() -> None:
        async with client(server) as raw:
            await raw.ask(1, "go on")
            await until(lambda: handler.begun and process.begun)
            server.stop()
            assert await asyncio.to_thread(server.wait, TIMEOUT)
        assert handler.cancelled >= 1
        assert process.cancelled >= 1
        handler.free = process.free = True  # the collector ends them

    with serving({"go on": handler}) as server:
        server.add_process("also", process.__call__)
        run(scenario)
