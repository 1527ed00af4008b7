"""Results that another task will have."""

import pytest
import trio

from jupyter_trame.trio.event_results import EventResult
from tests.trio.support import on_trio


@on_trio
async def test_the_first_settles_it() -> None:
    result = EventResult()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(result.wait)
        await trio.testing.wait_all_tasks_blocked()
        result.set(1)
    result.fail(KeyError("x"))
    assert await result.wait() == 1


@on_trio
async def test_a_failure_is_raised() -> None:
    result = EventResult()
    result.fail(KeyError("x"))
    result.set(1)
    with pytest.raises(KeyError):
        await result.wait()
