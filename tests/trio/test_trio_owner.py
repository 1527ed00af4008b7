"""The trio run that owns a client."""

import threading
from typing import Any

import pytest
import trio
import trio.lowlevel

from jupyter_trame.trio.trio_owner import TrioOwner, TrioUserCode
from tests.trio.support import on_trio


@on_trio
async def test_calls_wait_for_the_run_and_come_in_order() -> None:
    owner, got = TrioOwner(), list[Any]()
    done = trio.Event()
    owner.submit(lambda: got.append("before"))

    def from_afar() -> None:
        owner.submit(lambda: got.append(threading.get_ident()))
        owner.submit(done.set)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(owner.turn, nursery)
        await trio.to_thread.run_sync(from_afar)
        await done.wait()
        assert owner.owns_thread()
        nursery.cancel_scope.cancel()
    assert got == ["before", threading.get_ident()]
    owner.submit(lambda: got.append("after"))
    owner.call_in_run(lambda: got.append("dropped"))
    assert len(got) == 2


@on_trio
async def test_a_call_that_fails_is_logged_and_the_next_one_runs(caplog: pytest.LogCaptureFixture) -> None:
    owner, done = TrioOwner(), trio.Event()
    owner.submit(lambda: 1 / 0)
    owner.submit(done.set)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(owner.turn, nursery)
        await done.wait()
        nursery.cancel_scope.cancel()
    assert "a call in the trio run failed" in caplog.text


def test_an_interrupt_is_the_program_s() -> None:
    owner = TrioOwner()

    def interrupt() -> None:
        raise KeyboardInterrupt

    async def main() -> None:
        owner.submit(interrupt)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(owner.turn, nursery)

    with pytest.raises(BaseExceptionGroup) as caught:
        trio.run(main)
    assert caught.group_contains(KeyboardInterrupt)


@on_trio
async def test_coroutines_are_tasks_and_their_exceptions_reports() -> None:
    owner = TrioOwner()
    user_code = TrioUserCode(owner)
    ended = trio.Event()

    async def fail() -> None:
        await trio.lowlevel.checkpoint()
        raise KeyError("x")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(owner.turn, nursery)
        owner.create_task(user_code._finish("here", fail()), on_end=ended.set)
        await ended.wait()
        user_code.schedule("there", trio.Event().wait())
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert [report.where for report in user_code.errors] == ["here"]


@on_trio
async def test_a_cancelled_nursery_of_a_callback_is_no_error() -> None:
    user_code = TrioUserCode(TrioOwner())

    async def two() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            nursery.start_soon(trio.sleep_forever)

    with trio.CancelScope() as scope:
        scope.cancel()
        await user_code.wait("here", two())
    assert scope.cancelled_caught
    assert not user_code.errors
