"""A nursery that nobody sees, and waiting for one of several events."""

import pytest
import trio

from jupyter_trame.trio.nurseries import (
    BlockNursery,
    is_cancellation,
    open_quiet_nursery,
    single_error,
    wait_for_any,
)
from tests.trio.support import on_trio


@on_trio
async def test_an_exception_of_the_block_comes_out_as_it_is() -> None:
    error = KeyError("x")
    with pytest.raises(KeyError) as caught:
        async with open_quiet_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            raise error
    assert caught.value is error
    assert error.__context__ is None


@on_trio
async def test_an_exception_of_a_task_comes_out_as_it_is() -> None:
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        async with open_quiet_nursery() as nursery:
            nursery.start_soon(fail)
            await trio.sleep_forever()


@on_trio
async def test_several_exceptions_are_a_group() -> None:
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(ExceptionGroup) as caught:
        async with open_quiet_nursery() as nursery:
            nursery.start_soon(fail)
            raise ValueError("y")
    assert {type(error) for error in caught.value.exceptions} == {KeyError, ValueError}


@on_trio
async def test_cancelling_passes() -> None:
    with trio.CancelScope() as scope:
        async with open_quiet_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            scope.cancel()
    assert scope.cancelled_caught


def test_groups_in_groups_are_one_exception() -> None:
    error = KeyError("x")
    assert single_error(ExceptionGroup("a", [ExceptionGroup("b", [error])])) is error


@on_trio
async def test_cancellations_are_told_from_errors() -> None:
    found: list[BaseException] = []
    with trio.CancelScope() as scope:
        scope.cancel()
        try:
            await trio.lowlevel.checkpoint()
        except trio.Cancelled as cancelled:
            found.append(cancelled)
            raise
    assert is_cancellation(found[0])
    assert is_cancellation(BaseExceptionGroup("x", found))
    assert not is_cancellation(BaseExceptionGroup("x", [*found, KeyError("x")]))
    assert not is_cancellation(KeyError("x"))


@on_trio
async def test_any_event_ends_the_wait() -> None:
    first, second = trio.Event(), trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_for_any, first, second)
        await trio.testing.wait_all_tasks_blocked()
        second.set()
    await wait_for_any(first, second)
    assert not first.is_set()


@on_trio
async def test_a_block_begins_again_after_its_end() -> None:
    block = BlockNursery("this")

    async def begin(nursery: trio.Nursery) -> str:
        nursery.start_soon(trio.sleep, 0)
        return "begun"

    async def fail(nursery: trio.Nursery) -> None:
        nursery.start_soon(trio.sleep_forever)
        raise KeyError("x")

    for _ in range(2):
        assert await block.enter(begin) == "begun"
        with pytest.raises(RuntimeError, match="this is in a block already"):
            await block.enter(begin)
        await block.leave(None, None, None)
        with pytest.raises(KeyError):
            await block.enter(fail)
