"""Results on a loop that are settled once."""

import asyncio

import pytest

from jupyter_trame.client.pending_results import FutureResult


def test_what_comes_first_counts() -> None:
    async def scenario() -> None:
        good, bad = FutureResult(), FutureResult()
        good.set(1)
        good.fail(KeyError("x"))
        bad.fail(KeyError("x"))
        bad.set(1)
        assert await good.wait() == 1
        with pytest.raises(KeyError):
            await bad.wait()

    asyncio.run(scenario())


def test_who_was_cancelled_is_settled_in_vain() -> None:
    async def scenario() -> None:
        result = FutureResult()
        waiting = asyncio.create_task(result.wait())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        result.set(1)
        result.fail(KeyError("x"))

    asyncio.run(scenario())
