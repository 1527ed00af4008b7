"""Waits end with the condition, or with all that is known."""

import asyncio
from typing import Any

import pytest

from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.testing.app_errors import AppErrors, AppFailedError, NotReachedError
from jupyter_trame.testing.network import Network
from jupyter_trame.testing.waiting import Waiting, describe_state
from tests.testing.support import TIMEOUT, run


def make(timeout: float = TIMEOUT) -> tuple[Waiting, Network, AppErrors]:
    network, errors = Network(asyncio.get_running_loop()), AppErrors()
    return Waiting(network, errors, timeout), network, errors


def test_delayed_frames_arrive_while_somebody_waits() -> None:
    async def main() -> None:
        waiting, network, _ = make()
        seen: list[float] = []
        network.schedule(60.0, lambda: seen.append(network.now))
        await waiting.until(lambda: seen, "it came", str)
        assert seen == [60.0]

    run(main())


def test_what_a_time_out_says() -> None:
    async def main() -> None:
        waiting, _, errors = make(0.01)
        with pytest.raises(
            NotReachedError, match=r"after 0.01 s still not: x is 3\nthe state\nerrors of the app: none"
        ):
            await waiting.until(lambda: False, "x is 3", lambda: "the state")
        errors.add(ErrorReport("listener", "expected", ""))
        with pytest.raises(
            NotReachedError,
            match=r"after 0.02 s still not: x is 3\n\nerrors of the app:\n- listener: expected$",
        ):
            await waiting.until(lambda: False, "x is 3", str, 0.02, in_spite_of_errors=True)

    run(main())


def test_a_condition_that_raises_does_not_hold() -> None:
    async def main() -> None:
        waiting, *_ = make()
        values: list[Any] = [None, None, 3]
        await waiting.until(lambda: values.pop(0) > 2, "it is large", str)
        assert values == []
        with pytest.raises(NotReachedError, match="the condition raised IndexError"):
            await waiting.until(lambda: values.pop(0), "it is there", str, 0.01)

    run(main())


def test_an_error_of_the_app_ends_a_wait() -> None:
    async def main() -> None:
        waiting, _, errors = make()
        asyncio.get_running_loop().call_soon(errors.add, ErrorReport("listener", "broken", ""))
        with pytest.raises(AppFailedError, match="an error of the app before: it works\n"):
            await waiting.until(lambda: False, "it works", str)
        with pytest.raises(NotReachedError, match="after"), errors.expect("another"):
            errors.add(ErrorReport("listener", "another", ""))
            errors._reports.pop(0)
            await waiting.until(lambda: False, "it works", str, 0.01)

    run(main())


def test_a_task_that_takes_too_long_is_cancelled() -> None:
    async def main() -> None:
        waiting, *_ = make()
        assert await waiting.finish(asyncio.ensure_future(asyncio.sleep(0, "done")), "it ends", str) == "done"
        endless = asyncio.get_running_loop().create_future()
        with pytest.raises(NotReachedError, match=r"after 0.01 s still not: it ends"):
            await waiting.finish(endless, "it ends", str, 0.01)
        assert endless.cancelled()

    run(main())


def test_how_a_state_is_shown() -> None:
    assert describe_state({"b": 2, "a": "x" * 999, "trame__busy": 1}).startswith("  a = 'xxx")
    assert len(describe_state({"a": "x" * 999})) < 100
    assert describe_state({"trame__busy": 1}) == "  (nothing)"
    assert describe_state({str(key): key for key in range(50)}).endswith("and 10 more")
