"""What clients hear while a server is made and not started."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.kernel.next_life import BEING_STARTED, NOT_RUNNING, NextLife
from tests.transports.clock import Clock


class Bench:
    def __init__(self) -> None:
        self.clock = Clock()
        self.at_work = True
        self.told: list[str] = []
        self.life = NextLife(
            self.clock.loop,
            at_work=lambda: self.at_work,
            tell=self.told.append,
            gave_up=lambda: self.told.append("gave up"),
        )


def test_a_quick_start_is_no_news() -> None:
    bench = Bench()
    bench.clock.advance(0.9)
    bench.life.stop()
    bench.clock.advance(100)
    assert bench.told == []
    assert not bench.clock.waits


def test_while_a_cell_is_at_work_the_server_is_being_started() -> None:
    bench = Bench()
    bench.clock.advance(3600)
    assert bench.told == [BEING_STARTED]
    bench.life.stop()
    assert not bench.clock.waits


@pytest.mark.parametrize("worked", [0.0, 60.0])
def test_a_server_that_no_cell_starts_is_not_running(worked: float) -> None:
    bench = Bench()
    bench.clock.advance(worked)
    bench.at_work = False
    bench.clock.advance(2)
    assert bench.told == [BEING_STARTED]
    bench.clock.advance(2)
    assert bench.told == [BEING_STARTED, "gave up", NOT_RUNNING]
    assert not bench.clock.waits


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 10)), max_size=30))
def test_whatever_cells_do_the_worst_is_said_last_and_once(steps: list[tuple[bool, float]]) -> None:
    bench = Bench()
    for at_work, seconds in steps:
        bench.at_work = at_work
        bench.clock.advance(seconds)
    everything = [BEING_STARTED, "gave up", NOT_RUNNING]
    assert bench.told == everything[: len(bench.told)]
    assert bench.clock.waits == (len(bench.told) < 2)
    before = list(bench.told)
    bench.life.stop()
    bench.at_work = False
    bench.clock.advance(100)
    assert bench.told == before


def test_the_cell_after_the_one_that_made_it_may_start_it() -> None:
    bench = Bench()
    for at_work in (False, True, False, True) * 3:
        bench.at_work = at_work
        bench.clock.advance(2)
    assert bench.told == [BEING_STARTED]
