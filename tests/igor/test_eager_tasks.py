"""A task that begins at once is a task: each case holds for one that asyncio began a turn later as well."""

import asyncio
import contextvars
import gc
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import anyio
import pytest

from jupyter_trame.igor.eager_tasks import start_now
from tests.igor.support import run, turns

Start: TypeAlias = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None] | None"]


def now(coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
    return start_now(coroutine, name="a task", context=contextvars.copy_context())


def later(coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
    return asyncio.get_running_loop().create_task(
        coroutine, name="a task", context=contextvars.copy_context()
    )


BOTH = pytest.mark.parametrize("start", [now, later])


def test_what_awaits_nothing_is_over_at_once() -> None:
    async def scenario() -> None:
        seen: list[int] = []

        async def work() -> None:
            seen.append(1)

        assert now(work()) is None
        assert seen == [1]
        await turns()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(scenario)


@BOTH
def test_the_current_task_is_the_same_all_along(start: Start) -> None:
    async def scenario() -> None:
        outer = asyncio.current_task()
        seen: list[object] = []

        async def work() -> None:
            seen.append(asyncio.current_task())
            await asyncio.sleep(0)
            seen.append(asyncio.current_task())
            await asyncio.get_running_loop().run_in_executor(None, int)
            seen.append(asyncio.current_task())

        task = start(work())
        assert asyncio.current_task() is outer
        assert task is not None
        await task
        assert seen == [task, task, task]
        assert task.get_name() == "a task"

    run(scenario)


@BOTH
def test_without_a_task_around_it(start: Start) -> None:
    async def scenario() -> None:
        tasks: list[asyncio.Task[None] | None] = []
        current: list[object] = []

        async def work() -> None:
            await asyncio.sleep(0)

        def callback() -> None:
            tasks.append(start(work()))
            current.append(asyncio.current_task())

        asyncio.get_running_loop().call_soon(callback)
        await turns()
        (task,) = tasks
        assert task is not None
        await task
        assert current == [None]

    run(scenario)


@BOTH
@pytest.mark.parametrize("before", [0, 1, 2])
def test_cancelling_reaches_what_it_waits_for(start: Start, before: int) -> None:
    """`before`: turns of the loop between the start and the cancelling; in the first its own first step runs."""

    async def scenario() -> None:
        waits = asyncio.get_running_loop().create_future()
        seen: list[object] = []

        async def work() -> None:
            try:
                await waits
            except asyncio.CancelledError as cancelled:
                seen.append(cancelled.args)
                raise

        task = start(work())
        assert task is not None
        if start is later:
            await turns(1)
        await turns(before)
        task.cancel("why")
        with pytest.raises(asyncio.CancelledError):
            await task
        assert waits.cancelled()
        assert seen == [("why",)]
        assert task.cancelled()

    run(scenario)


@BOTH
def test_what_it_waits_for_may_be_done_when_it_is_cancelled(start: Start) -> None:
    async def scenario() -> None:
        waits = asyncio.get_running_loop().create_future()
        seen: list[str] = []

        async def work() -> None:
            try:
                await waits
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        task = start(work())
        assert task is not None
        if start is later:
            await turns(1)
        waits.set_result(None)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert seen == ["cancelled"]

    run(scenario)


@BOTH
def test_who_cancels_itself(start: Start) -> None:
    async def scenario() -> None:
        seen: list[str] = []

        async def work() -> None:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            try:
                await asyncio.Event().wait()
            finally:
                seen.append("ended")

        task = start(work())
        assert task is not None
        with pytest.raises(asyncio.CancelledError):
            await task
        assert seen == ["ended"]

    run(scenario)


def test_a_factory_that_begins_tasks_itself() -> None:
    class Eager(asyncio.Task[Any]):
        """As of `asyncio.eager_task_factory`, which Python 3.11 has not: the first step runs in the constructor."""

        def __init__(self, coroutine: Any, **options: Any) -> None:
            coroutine.send(None)
            super().__init__(coroutine, **options)

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(lambda loop, coroutine, **options: Eager(coroutine, loop=loop, **options))
        steps: list[int] = []

        async def work() -> None:
            steps.append(1)
            await asyncio.sleep(0)
            steps.append(2)
            await asyncio.sleep(0)

        task = now(work())
        loop.set_task_factory(None)
        assert steps == [1]
        assert task is not None
        await task
        assert steps == [1, 2]

    run(scenario)


def test_who_is_cancelled_when_it_is_over() -> None:
    async def scenario() -> None:
        async def work() -> None: ...

        before = asyncio.all_tasks()
        assert now(work()) is None
        (task,) = asyncio.all_tasks() - before
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(scenario)


@BOTH
def test_an_error_is_the_tasks(start: Start) -> None:
    async def scenario() -> None:
        async def fail() -> None:
            await asyncio.sleep(0)
            raise LookupError("why")

        task = start(fail())
        assert task is not None
        with pytest.raises(LookupError, match="why"):
            await task

    run(scenario)


def test_an_error_of_the_first_step_is_not_raised_where_it_began() -> None:
    async def scenario() -> None:
        told: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))

        async def fail() -> None:
            raise LookupError("why")

        assert now(fail()) is None
        await turns()
        gc.collect()
        assert [str(context["exception"]) for context in told] == ["why"]

    run(scenario)


@BOTH
def test_timeouts(start: Start) -> None:
    async def scenario() -> None:
        seen: list[str] = []

        async def work() -> None:
            for timeout in (asyncio.timeout(0.01), asyncio.timeout(0), asyncio.timeout(-1)):
                try:
                    async with timeout:
                        await asyncio.Event().wait()
                except TimeoutError:
                    seen.append("asyncio")
            with anyio.move_on_after(0.01) as scope:
                await anyio.sleep_forever()
            seen.append(f"anyio {scope.cancelled_caught}")
            with anyio.CancelScope() as scope:
                scope.cancel()
                await anyio.sleep_forever()
            seen.append(f"anyio {scope.cancelled_caught}")

        task = start(work())
        assert task is not None
        await task
        assert seen == ["asyncio", "asyncio", "asyncio", "anyio True", "anyio True"]

    run(scenario)


@BOTH
def test_a_cancelled_scope_in_the_first_step(start: Start) -> None:
    async def scenario() -> None:
        seen: list[bool] = []

        async def work() -> None:
            with anyio.CancelScope() as scope:
                scope.cancel()
                await anyio.sleep_forever()
            seen.append(scope.cancelled_caught)
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.sleep_forever)
                group.cancel_scope.cancel()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(asyncio.sleep(0))

        task = start(work())
        assert task is not None
        await task
        assert seen == [True]

    run(scenario)


@BOTH
def test_variables_of_the_context_stay_inside(start: Start) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="outside")

    async def scenario() -> None:
        seen: list[str] = []

        async def work() -> None:
            variable.set("inside")
            await asyncio.sleep(0)
            seen.append(variable.get())

        task = start(work())
        assert task is not None
        assert variable.get() == "outside"
        await task
        assert seen == ["inside"]
        assert variable.get() == "outside"

    run(scenario)


@BOTH
def test_it_can_be_looked_at(start: Start) -> None:
    async def scenario() -> None:
        go_on = asyncio.Event()

        async def work() -> None:
            await go_on.wait()

        task = start(work())
        assert task is not None
        await turns()
        assert "work" in repr(task)
        assert [frame.f_code.co_name for frame in task.get_stack()] == ["work"]
        coroutine: Any = task.get_coro()
        assert inspect.getcoroutinestate(coroutine) == inspect.CORO_SUSPENDED
        go_on.set()
        await task

    run(scenario)


def test_a_loop_that_ends_closes_what_was_begun(recwarn: pytest.WarningsRecorder) -> None:
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("closed")

    async def main() -> None:
        assert now(work()) is not None

    asyncio.run(main())
    gc.collect()
    assert seen == ["closed"]
    assert not recwarn.list
