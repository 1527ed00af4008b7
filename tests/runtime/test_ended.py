"""What stopping gives back: to be awaited, or not."""

import asyncio
import threading

import pytest

from jupyter_trame.runtime.ended import Ended

pytestmark = pytest.mark.asyncio


async def test_nobody_has_to_await_it() -> None:
    ended = asyncio.get_running_loop().create_future()
    Ended(ended).close()
    assert not ended.done()


async def test_who_gives_up_waiting_ends_nothing() -> None:
    ended = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(Ended(ended))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not ended.cancelled()


async def test_a_server_that_is_off_has_ended() -> None:
    await Ended(None)


async def test_it_may_be_awaited_twice_and_as_a_task() -> None:
    ended = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(Ended(ended))
    ended.set_result(None)
    await task
    await Ended(ended)


async def test_the_end_of_a_server_of_another_loop_is_waited_for() -> None:
    home = asyncio.new_event_loop()
    thread = threading.Thread(target=home.run_forever)
    thread.start()
    ended = home.create_future()
    waiting = asyncio.create_task(Ended(ended))
    await asyncio.sleep(0)
    assert not waiting.done()
    home.call_soon_threadsafe(ended.set_result, None)
    await waiting
    home.call_soon_threadsafe(home.stop)
    thread.join()
    home.close()
    await Ended(ended)
