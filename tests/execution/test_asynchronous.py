"""Tasks: kept, and heard of when they fail. trame's own functions are the oracle for what is logged."""

import asyncio
import gc
import logging
import weakref
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from trame_server.utils import asynchronous as peer

from jupyter_trame.execution import asynchronous


@pytest.fixture
def no_loop() -> Iterator[None]:
    asyncio.set_event_loop(None)
    yield
    asyncio.set_event_loop(None)


async def fail() -> None:
    raise ValueError("no")


async def ended(task: "asyncio.Task[Any]") -> None:
    await asyncio.wait([task])
    await asyncio.sleep(0)


@pytest.mark.parametrize("module", [asynchronous, peer], ids=["ours", "trame"])
def test_an_exception_is_logged_once(module: ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        await ended(module.create_task(fail()))

    with caplog.at_level(logging.ERROR):
        asyncio.run(main())
    (record,) = caplog.records
    assert record.name == "root"
    assert record.getMessage().startswith("Exception raised by task = <Task finished")
    assert record.exc_info is not None


@pytest.mark.parametrize("module", [asynchronous, peer], ids=["ours", "trame"])
def test_cancellation_is_silent(module: ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        task = module.create_task(asyncio.Event().wait())
        task.cancel()
        await ended(task)
        assert task.cancelled()

    asyncio.run(main())
    assert caplog.records == []


def test_a_task_that_nobody_holds_goes_on() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        done = asyncio.Event()
        waited_for: list[weakref.ref[asyncio.Future[None]]] = []

        async def work() -> None:
            future = loop.create_future()
            waited_for.append(weakref.ref(future))
            await future
            done.set()

        asynchronous.create_task(work())
        await asyncio.sleep(0)
        gc.collect()
        future = waited_for[0]()
        assert future is not None, "the task is gone, and with it what it waits for"
        future.set_result(None)
        async with asyncio.timeout(5):
            await done.wait()

    asyncio.run(main())


def test_the_decorator_starts_and_returns_nothing() -> None:
    done = asyncio.Event()

    @asynchronous.task
    async def work(value: int, *, more: int) -> int:
        """Adds."""
        assert value + more == 3
        done.set()
        return 1

    async def main() -> None:
        assert work(1, more=2) is None
        async with asyncio.timeout(5):
            await done.wait()

    asyncio.run(main())
    assert work.__doc__ == "Adds."


def test_get_event_loop(no_loop: None) -> None:
    async def running() -> bool:
        return asynchronous.get_event_loop() is asyncio.get_running_loop()

    assert asyncio.run(running())
    asyncio.set_event_loop(None)
    new = asynchronous.get_event_loop()
    assert asynchronous.get_event_loop() is new
    new.close()
    another = asynchronous.get_event_loop()
    assert not another.is_closed()
    task = asynchronous.create_task(asyncio.sleep(0, 5))
    assert another.run_until_complete(task) == 5
    other_loop = asyncio.new_event_loop()
    assert asynchronous.create_task(asyncio.sleep(0, 6), other_loop).get_loop() is other_loop
    other_loop.run_until_complete(asyncio.sleep(0))
    other_loop.run_until_complete(asyncio.sleep(0))
    other_loop.close()
    another.close()
