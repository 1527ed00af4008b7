"""The owner loop: order, threads, bursts."""

import asyncio
import contextvars
import threading
from typing import Any

import pytest

from jupyter_trame.execution.owner import OwnerLoop
from jupyter_trame.server import Server


def on_loop(scenario):
    asyncio.run(scenario())


def attached() -> OwnerLoop:
    owner = OwnerLoop()
    owner.attach(asyncio.get_running_loop(), threading.get_ident())
    return owner


def test_calls_wait_for_the_loop_and_keep_their_order() -> None:
    owner = OwnerLoop()
    seen: list[int] = []
    owner.submit(lambda: seen.append(1))
    owner.submit(lambda: seen.append(2))
    assert owner.owns_thread()

    async def scenario() -> None:
        owner.attach(asyncio.get_running_loop(), threading.get_ident())
        owner.submit(lambda: seen.append(3))
        await asyncio.sleep(0)
        assert seen == [1, 2, 3]

    on_loop(scenario)


def test_a_burst_from_a_thread_wakes_the_loop_once() -> None:
    async def scenario() -> None:
        owner = attached()
        loop = asyncio.get_running_loop()
        wakes = 0
        original = loop.call_soon_threadsafe

        def count(*args, **kwargs):
            nonlocal wakes
            wakes += 1
            return original(*args, **kwargs)

        loop.call_soon_threadsafe = count  # type: ignore[assignment, method-assign]
        seen: list[int] = []
        done = asyncio.Event()

        def burst() -> None:
            assert not owner.owns_thread()
            for number in range(100):
                owner.submit(lambda number=number: seen.append(number))
            owner.submit(done.set)

        thread = threading.Thread(target=burst)
        thread.start()
        thread.join()  # the loop is blocked for the whole burst
        await done.wait()
        assert seen == list(range(100))
        assert wakes == 1

    on_loop(scenario)


def test_what_a_call_submits_lets_the_loop_turn() -> None:
    async def scenario() -> None:
        owner = attached()
        turns: list[str] = []

        def again() -> None:
            turns.append("call")
            if len(turns) < 6:
                owner.submit(again)

        owner.submit(again)
        while turns.count("call") < 3:
            await asyncio.sleep(0)
            turns.append("loop")
        assert turns[:4] == ["call", "loop", "call", "loop"]

    on_loop(scenario)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_errors_do_not_reach_the_loop(error: type[BaseException], caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        owner = attached()
        done = asyncio.Event()

        def fail() -> None:
            raise error

        owner.submit(fail)
        owner.submit(done.set)
        await done.wait()

    on_loop(scenario)
    assert caplog.records


def test_errors_do_not_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        owner = attached()
        done = asyncio.Event()

        def fail() -> None:
            raise ValueError

        for _ in range(1000):
            owner.submit(fail)
        owner.submit(done.set)
        await done.wait()

    on_loop(scenario)
    assert 0 < len(caplog.records) < 100


def test_tasks_are_kept_and_can_be_cancelled() -> None:
    async def scenario() -> None:
        owner = attached()
        hang = asyncio.Event()
        task = owner.create_task(hang.wait())
        assert task in owner.tasks
        await asyncio.sleep(0)
        kept = owner.create_task(asyncio.sleep(0))
        owner.cancel_tasks(keep=kept)
        assert kept is not None
        await kept
        assert task is not None
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        assert not owner.tasks

    on_loop(scenario)


def test_a_task_may_come_from_another_thread() -> None:
    async def scenario() -> None:
        owner = attached()
        done = asyncio.Event()

        async def work() -> None:
            done.set()

        thread = threading.Thread(target=lambda: owner.create_task(work()))
        thread.start()
        await done.wait()
        thread.join()

    on_loop(scenario)


def test_calls_run_in_the_context_of_the_cell() -> None:
    async def scenario() -> None:
        cell: contextvars.ContextVar[str] = contextvars.ContextVar("cell", default="none")
        cell.set("first")
        owner = attached()
        owner.context = contextvars.copy_context()
        cell.set("second")
        seen: list[str] = []
        done = asyncio.Event()

        async def task() -> None:
            seen.append(cell.get())
            done.set()

        owner.submit(lambda: seen.append(cell.get()))
        owner.submit(lambda: owner.create_task(task()))
        await done.wait()
        assert seen == ["first", "first"]

    on_loop(scenario)


def test_call_later_runs_on_the_loop() -> None:
    async def scenario() -> None:
        owner = attached()
        done = asyncio.Event()
        owner.call_later(0.0, done.set)
        await done.wait()

    on_loop(scenario)


def test_a_closed_loop_takes_calls_silently() -> None:
    owner = OwnerLoop()
    loop = asyncio.new_event_loop()
    owner.attach(loop, threading.get_ident())
    loop.close()
    owner.submit(lambda: None)
    assert owner.create_task(asyncio.sleep(0)) is None


@pytest.mark.parametrize("cancel", [False, True])
def test_the_end_of_a_task_is_told_however_it_ended(cancel: bool) -> None:
    async def scenario() -> None:
        owner = attached()
        ended: list[int] = []

        async def work() -> None: ...

        task = owner.create_task(work(), on_end=lambda: ended.append(1))
        assert task is not None
        if cancel:
            task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(0)
        assert ended == [1]

    on_loop(scenario)


def test_a_task_for_a_closed_loop_is_over_at_once() -> None:
    owner = OwnerLoop()
    ended: list[int] = []

    async def work() -> None: ...

    async def scenario() -> None:
        owner.attach(asyncio.get_running_loop(), threading.get_ident())

    on_loop(scenario)
    owner.create_task(work(), on_end=lambda: ended.append(1))
    assert ended == [1]


def test_a_loop_that_ended_is_left() -> None:
    owner = OwnerLoop()

    async def scenario() -> None:
        owner.attach(asyncio.get_running_loop(), threading.get_ident())
        owner.leave_dead_loop()
        assert owner.loop is asyncio.get_running_loop()

    on_loop(scenario)
    owner.leave_dead_loop()
    assert owner.loop is None
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(owner.owns_thread()))
    thread.start()
    thread.join()
    assert seen == [True]


def test_before_the_start_the_loop_that_turns_runs_coroutines() -> None:
    async def scenario() -> None:
        server = Server("parts")
        server.state.ready()

        @server.controller.add_task("work")
        async def work() -> int:
            await asyncio.sleep(0)
            return 2

        heard = asyncio.Event()

        @server.change("x")
        async def changed(**_: Any) -> None:
            heard.set()

        (task,) = server.controller.work()
        assert await task == 2
        with server.state:
            server.state.x = 1
        await asyncio.wait_for(heard.wait(), 10)

    asyncio.run(scenario())
