"""Functions whose parameters are keys: when they are called, with what, and how often."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from jupyter_trame import Server
from jupyter_trame.errors import MissingArgumentError
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.server import runtime_of
from jupyter_trame.testing import AppLauncher
from jupyter_trame.ui.bound import Bound, keys_of, name_of, picture_label, said_of, values_for


class Recorder:
    """What a bound function gave, failed with and said."""

    def __init__(self) -> None:
        self.results: list[Any] = []
        self.failures: list[ErrorReport] = []
        self.busy: list[bool] = []

    def bind(self, server: Server, fn: Callable[..., Any], **more: Any) -> Bound:
        return Bound(
            server, fn, self.results.append, fail=self.failures.append, busy=self.busy.append, **more
        )


@pytest.fixture
def seen() -> Recorder:
    return Recorder()


def nothing(server: Server) -> None:
    server.state.update({"power": 1, "running": True})


def test_parameters_are_keys() -> None:
    assert keys_of(lambda power, origin="Any", *, late: None) == ["power", "origin", "late"]
    assert keys_of(lambda power, progress: None, "progress") == ["power"]
    with pytest.raises(TypeError, match=r"a function is wanted .* not 5"):
        keys_of(5)  # type: ignore[arg-type]


def test_a_name_is_part_of_a_key() -> None:
    def chart() -> None: ...

    assert [name_of(fn) for fn in (chart, lambda: None, partial(chart))] == ["chart", "output", "partial"]


def test_a_picture_is_called_as_its_function() -> None:
    def fuel_by_power() -> None: ...

    labels = [picture_label(fn) for fn in (fuel_by_power, lambda: None, partial(fuel_by_power))]
    assert labels == ["Fuel by power", "Figure", "Figure"]


def test_errors_tell_lambdas_apart() -> None:
    def chart() -> None: ...

    line = chart.__code__.co_firstlineno
    assert said_of(chart) == "chart"
    assert said_of(lambda: None) == f"<lambda> in test_bound.py, line {line + 4}"
    assert said_of(partial(chart)) == "partial"
    with pytest.raises(MissingArgumentError, match=r"<lambda> in test_bound\.py, line \d+ takes 'absent'"):
        values_for(Server("values"), lambda absent: absent)


def test_values_have_defaults_or_are_missed() -> None:
    server = Server("values")
    server.state.power = 5
    assert values_for(server, lambda power, origin="Any": None) == {"power": 5}
    with pytest.raises(MissingArgumentError, match="is 'power' meant"):
        values_for(server, lambda powr: None)


@pytest.mark.asyncio
async def test_it_runs_at_once_and_for_new_values(trame: AppLauncher, seen: Recorder) -> None:
    async with trame(nothing) as session:
        seen.bind(session.server, lambda power, factor=2: power * factor)
        assert seen.results == [2]
        await session.set(power=5)
        await session.until(lambda: seen.results == [2, 10])
        await session.set(other=1)
        await session.set(factor=3)
        await session.until(lambda: seen.results == [2, 10, 15])


@pytest.mark.asyncio
async def test_before_the_start_it_runs_where_the_values_are_there(
    trame: AppLauncher, seen: Recorder
) -> None:
    def app(server: Server) -> None:
        server.state.power = 1
        seen.bind(server, lambda power: power)
        seen.bind(server, lambda below: below)
        server.state.below = "b"

    async with trame(app) as session:
        await session.until(lambda: "b" in seen.results)
        assert seen.results == [1, "b"]


@pytest.mark.asyncio
async def test_many_changes_make_one_run(trame: AppLauncher, seen: Recorder) -> None:
    async with trame(nothing) as session:
        seen.bind(session.server, lambda power: power)
        for value in range(100):
            session.state.power = value
            session.state.flush()
        await session.until(lambda: seen.results[-1] == 99)
        assert seen.results == [1, 99]


@pytest.mark.asyncio
async def test_a_coroutine_runs_once_more_for_what_came_meanwhile(trame: AppLauncher, seen: Recorder) -> None:
    gate = asyncio.Event()

    async def slow(power: int) -> int:
        await gate.wait()
        return power

    async with trame(nothing) as session:
        seen.bind(session.server, slow)
        for value in (2, 3, 4):
            session.state.power = value
            session.state.flush()
        gate.set()
        await session.until(lambda: seen.results[-1:] == [4])
        assert seen.results == [1, 4]


@pytest.mark.asyncio
async def test_an_exception_is_told_and_the_next_value_is_taken(trame: AppLauncher, seen: Recorder) -> None:
    async with trame(nothing) as session:
        seen.bind(session.server, lambda power: 1 / power)
        with session.errors.expect("ZeroDivisionError") as told:
            await session.set(power=0)
            await session.until(lambda: seen.failures)
        await session.set(power=2)
        await session.until(lambda: seen.results == [1, 0.5])
        assert seen.failures == told
        assert [failure.in_place for failure in told] == [True]


@pytest.mark.asyncio
async def test_what_is_given_to_put_may_fail_too(trame: AppLauncher, seen: Recorder) -> None:
    def refuse(_: Any) -> None:
        raise ValueError("not this")

    async with trame(nothing) as session:
        with session.errors.expect("ValueError: not this") as told:
            Bound(session.server, lambda power: power, refuse)
        assert [failure.in_place for failure in told] == [False], "nobody else shows it"


@pytest.mark.asyncio
async def test_nothing_runs_while_its_key_is_false(trame: AppLauncher, seen: Recorder) -> None:
    async with trame(nothing) as session:
        await session.set(running=False)
        seen.bind(session.server, lambda power: power, when="running")
        await session.set(power=5)
        assert seen.results == []
        await session.set(running=True)
        await session.until(lambda: seen.results == [5])


@pytest.mark.asyncio
async def test_it_runs_again_for_who_looks(
    trame: AppLauncher, seen: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks, tick = [0], Bound._tick

    def count(bound: Bound, life: int) -> None:
        ticks[0] += 1
        tick(bound, life)

    monkeypatch.setattr(Bound, "_tick", count)
    async with trame(nothing) as session:
        seen.bind(session.server, lambda: len(seen.results), every=0.01)
        await session.until(lambda: ticks[0] > 3)
        assert seen.results == [0], "nobody is there"
        await session.client()
        await session.until(lambda: len(seen.results) > 3)


@pytest.mark.parametrize("every", [0, -1, float("nan")])
def test_every_is_a_time(every: float, seen: Recorder) -> None:
    with pytest.raises(ValueError, match="a number of seconds above 0"):
        seen.bind(Server("every"), lambda: None, every=every)


@pytest.mark.asyncio
async def test_one_that_has_ended_is_not_called(trame: AppLauncher, seen: Recorder) -> None:
    async with trame(nothing) as session:
        bound = seen.bind(session.server, lambda power: power, every=0.01)
        await session.client()
        bound.end()
        count = len(seen.results)
        await session.set(power=7)
        assert len(seen.results) == count
        assert not any(session.state._change_callbacks["power"])


@pytest.mark.asyncio
async def test_one_that_has_ended_before_its_first_turn_gets_no_timer(
    trame: AppLauncher, seen: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with trame(nothing) as session:
        owner = runtime_of(session.server).owner
        later: list[float] = []
        monkeypatch.setattr(owner, "call_later", lambda seconds, _call: later.append(seconds))
        with session.state:
            owner.submit(lambda: None)  # what comes now waits for the next turn
            seen.bind(session.server, lambda power: power, every=0.25).end()
        done = asyncio.Event()
        owner.submit(done.set)
        await done.wait()
        assert 0.25 not in later


@pytest.mark.asyncio
async def test_the_end_cancels_what_is_awaited(trame: AppLauncher, seen: Recorder) -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def slow(power: int) -> int:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return power

    async with trame(nothing) as session:
        bound = seen.bind(session.server, slow)
        await asyncio.wait_for(begun.wait(), 20)
        bound.end()
        await asyncio.wait_for(cancelled.wait(), 20)
        assert (seen.results, seen.failures) == ([], [])


@pytest.mark.asyncio
async def test_one_that_is_cancelled_runs_again(trame: AppLauncher, seen: Recorder) -> None:
    tasks: list[Any] = []

    async def slow(power: int) -> int:
        tasks.append(asyncio.current_task())
        if power == 1:
            await asyncio.Event().wait()
        return power

    async with trame(nothing) as session:
        seen.bind(session.server, slow)
        await session.until(lambda: tasks)
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await session.set(power=2)
        await session.until(lambda: seen.results == [2])


@pytest.mark.asyncio
async def test_what_the_server_has_cancelled_runs_when_it_starts_again(
    trame: AppLauncher, seen: Recorder
) -> None:
    calls: list[int] = []

    async def slow(power: int) -> int:
        calls.append(power)
        if len(calls) == 1:
            await asyncio.Event().wait()
        return power

    async with trame(nothing) as session:
        seen.bind(session.server, slow)
        await session.until(lambda: calls)
        await session.server.stop()
        session.server.start(exec_mode="task", port=0, disable_logging=True)
        await session.until(lambda: seen.results == [1])
        await session.server.stop()


@pytest.mark.asyncio
async def test_who_took_long_says_that_it_is_at_work(
    trame: AppLauncher, seen: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_trame.ui.bound._SLOW", 0.0)
    async with trame(nothing) as session:
        seen.bind(session.server, lambda power: list(seen.busy))
        assert seen.results == [[]], "of the first run nobody knows how long it takes"
        await session.set(power=2)
        await session.until(lambda: seen.results[-1] == [False, True])
        assert seen.busy == [False, True, False]


@pytest.mark.parametrize("is_set_before", [True, False])
@pytest.mark.asyncio
async def test_it_runs_once_for_the_values_of_the_start(
    trame: AppLauncher, seen: Recorder, is_set_before: bool
) -> None:
    """Its listener hears of values that are new to clients, and that it has had."""

    def app(server: Server) -> None:
        if is_set_before:
            server.state.update({"power": 3, "names": ["a"]})
        seen.bind(server, lambda power, names: (power, list(names)))
        if not is_set_before:
            server.state.update({"power": 3, "names": ["a"]})

    async with trame(app) as session:
        await session.until(lambda: seen.results)
        await session.set(other=1)  # all that was due has run by then
        assert seen.results == [(3, ["a"])]
        await session.set(power=5)
        await session.until(lambda: seen.results == [(3, ["a"]), (5, ["a"])])


@pytest.mark.asyncio
async def test_what_is_set_after_the_first_run_is_seen(trame: AppLauncher, seen: Recorder) -> None:
    async with trame(nothing) as session:
        with session.state as state:
            state.names = ["a"]
            seen.bind(session.server, lambda names: list(names))
            state.names.append("b")
        await session.until(lambda: seen.results == [["a"], ["a", "b"]])
        with session.state as state:
            state.count = 1
            seen.bind(session.server, lambda count: count)
            state.count = True  # equal, and another value
        await session.until(lambda: seen.results[2:] == [1, True])


@pytest.mark.asyncio
async def test_a_key_that_is_dirty_without_being_new_makes_a_run(trame: AppLauncher, seen: Recorder) -> None:
    async with trame(nothing) as session:
        seen.bind(session.server, lambda power: power)
        with session.state as state:
            state.dirty("power")
        await session.until(lambda: seen.results == [1, 1])
