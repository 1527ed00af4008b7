"""Steps of many senders on one loop; the clock is the test's."""

import asyncio
import gc
import weakref
from collections.abc import Callable

import pytest
import pytest_asyncio

from jupyter_trame.transports.turns import BUDGET, SLICE, Lane, Turns, turns_of


class Clock:
    """Of a thread's cpu."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Worker:
    """Somebody with so many steps to do, each of which takes a tenth of the budget."""

    def __init__(self, name: str, steps: int, clock: Clock, done: list[str], turns: Turns) -> None:
        self.name = name
        self.steps = steps
        self.queued = False
        self._clock = clock
        self._done = done
        self._turns = turns

    def step(self) -> bool:
        self._clock.now += BUDGET / 10
        self._turns.charge(SLICE)
        self.steps -= 1
        self._done.append(self.name)
        return self.steps > 0


class Scene:
    """One loop; the time of the wall stands still unless a test moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.loop = asyncio.get_running_loop()
        self.wall = self.loop.time()
        monkeypatch.setattr(self.loop, "time", lambda: self.wall)
        self.clock = Clock()
        self.turns = Turns(self.loop, clock=self.clock)
        self.done: list[str] = []

    def worker(self, name: str, steps: int) -> Worker:
        return Worker(name, steps, self.clock, self.done, self.turns)

    async def turn(self) -> str:
        """What the next turn of the loop does."""
        self.done.clear()
        await asyncio.sleep(0)
        return "".join(self.done)


@pytest_asyncio.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


@pytest.mark.asyncio
async def test_what_is_little_is_done_at_once(scene: Scene) -> None:
    lane = Lane(scene.turns)
    for name in "abc":
        lane.run(scene.worker(name, 1))
    assert scene.done == ["a", "b", "c"]
    assert await scene.turn() == ""


@pytest.mark.asyncio
async def test_the_rest_waits_for_the_next_turns(scene: Scene) -> None:
    lane, worker = Lane(scene.turns), scene.worker("a", 25)
    lane.run(worker)
    assert scene.done == ["a"]
    assert worker.queued
    assert [await scene.turn() for _ in range(4)] == ["a" * 10, "a" * 10, "a" * 4, ""]
    assert not worker.queued


@pytest.mark.asyncio
async def test_a_crowd_is_served_over_several_turns_one_step_each_in_turn(scene: Scene) -> None:
    lane = Lane(scene.turns)
    for name in "abcdefghijklmnopqrstuvwxyz":
        lane.run(scene.worker(name, 2))
    first = "".join(scene.done)
    assert "abcdefghijklmnopqrstuvwxyz".startswith(first)
    assert len(first) <= 11, "a turn has its budget"
    turns = [await scene.turn() for _ in range(6)]
    assert all(len(turn) <= 10 for turn in turns)
    rest = "".join(turns)
    assert sorted(first + rest) == sorted("abcdefghijklmnopqrstuvwxyz" * 2)
    assert len(set(first + rest[: 26 - len(first)])) >= 13, "nobody has two before half of them have one"


@pytest.mark.asyncio
async def test_two_apps_share_a_turn(scene: Scene) -> None:
    """However many clients one of them has."""
    crowd, few = Lane(scene.turns), Lane(scene.turns)
    for _ in range(100):
        crowd.run(scene.worker("c", 10))
    few.run(scene.worker("f", 10))
    assert (await scene.turn()).count("f") == 5
    assert (await scene.turn()).count("f") >= 4


@pytest.mark.asyncio
async def test_a_small_thing_of_one_app_leaves_at_once_while_another_is_at_work(scene: Scene) -> None:
    """The time of the turn is used up and everybody waits, but an app of which nothing waits has one step."""
    crowd, other = Lane(scene.turns), Lane(scene.turns)
    for _ in range(100):
        crowd.run(scene.worker("c", 100))
    for _ in range(20):
        await scene.turn()
        other.run(scene.worker("o", 1), at_once=True)
        assert scene.done[-1] == "o"
        other.run(scene.worker("later", 1))
        assert scene.done[-1] == "o", "its second client waits"
        await scene.turn()
        assert "later" in scene.done


@pytest.mark.asyncio
async def test_who_waits_or_is_at_work_is_not_in_line_twice(scene: Scene) -> None:
    lane, worker = Lane(scene.turns), scene.worker("a", 12)
    step = worker.step

    def again() -> bool:
        lane.run(worker)
        return step()

    worker.step = again  # type: ignore[method-assign]
    for _ in range(5):
        lane.run(worker)
    while worker.queued:
        await scene.turn()
    assert worker.steps == 0


@pytest.mark.asyncio
async def test_a_step_that_fails_costs_nobody_else_the_turn(scene: Scene) -> None:
    failures: list[object] = []
    scene.loop.set_exception_handler(lambda _, context: failures.append(context["exception"]))
    lane, bad, good = Lane(scene.turns), scene.worker("b", 9), scene.worker("g", 9)
    lane.run(bad)
    lane.run(good)

    def fail() -> bool:
        raise ZeroDivisionError

    bad.step = fail  # type: ignore[method-assign]
    while good.queued:
        await scene.turn()
    assert good.steps == 0
    assert not bad.queued
    assert [type(error) for error in failures] == [ZeroDivisionError]
    with pytest.raises(ZeroDivisionError):
        lane.run(bad)
    assert not bad.queued


@pytest.mark.asyncio
async def test_a_callback_that_blocks_the_loop_gains_time_as_it_takes_it(scene: Scene) -> None:
    """What it changes is seen meanwhile, and who waits in line gets a step whenever something changes for it."""
    lane = Lane(scene.turns)
    workers = [scene.worker(name, 1000) for name in "ab"]
    for worker in workers:
        lane.run(worker)
    scene.turns.charge(100 * SLICE, 1000)
    assert not scene.turns.free
    scene.done.clear()
    lane.run(workers[0])
    assert scene.done == []
    for _ in range(4):
        scene.wall += 10
        lane.run(workers[1])
    assert scene.done == ["a", "b", "a", "b"]


@pytest.mark.asyncio
async def test_time_that_was_waited_for_a_processor_counts_for_nothing(scene: Scene) -> None:
    lane = Lane(scene.turns)
    workers = [scene.worker("a", 5) for _ in range(50)]
    for worker in workers:
        step = worker.step

        def slow(step: Callable[[], bool] = step) -> bool:
            scene.wall += 1
            return step()

        worker.step = slow  # type: ignore[method-assign]
    for worker in workers:
        lane.run(worker)
    assert len(scene.done) <= 12


@pytest.mark.asyncio
async def test_each_loop_has_one() -> None:
    loop = asyncio.get_running_loop()
    assert turns_of(loop) is turns_of(loop)
    other = asyncio.new_event_loop()
    assert turns_of(other) is not turns_of(loop)
    other.close()


def test_a_loop_that_is_gone_is_forgotten() -> None:
    loop = asyncio.new_event_loop()
    turns, gone = turns_of(loop), weakref.ref(loop)
    loop.close()
    del loop
    gc.collect()
    assert gone() is None
    turns.charge(100 * SLICE, 1000)
    assert not turns.free
