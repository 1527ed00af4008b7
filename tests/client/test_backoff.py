"""When a client tries again."""

import itertools
import random

import pytest

from jupyter_trame.client.backoff import Backoff


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "random", lambda: 0.0)


def test_the_first_tries_come_within_a_second_of_each_other() -> None:
    backoff = Backoff()
    waits = [backoff.next(0.0) for _ in range(20)]
    assert waits == [0.25, 0.5, *[1.0] * 13, 2.0, 4.0, 8.0, 8.0, 8.0]
    tries = [0.0, *itertools.accumulate(waits)]
    assert all(min(t for t in tries if t >= outage) - outage <= 1 for outage in (1.0, 4.0, 10.0))


def test_a_session_that_was_up_begins_them_anew() -> None:
    backoff = Backoff()
    for _ in range(20):
        backoff.next(0.0)
    backoff.live(10.0)
    backoff.live(14.0)
    assert [backoff.next(15.0), backoff.next(15.0)] == [0.25, 0.5]


def test_one_that_was_up_for_a_moment_does_not_count_for_ever() -> None:
    backoff = Backoff()
    for _ in range(20):
        backoff.next(0.0)
    for _ in range(20):
        backoff.live(10.0)
        assert backoff.next(14.9) == 1.0
    assert backoff.next(15.0) == 1.0
    fresh = Backoff()
    waits = []
    for _ in range(5):
        fresh.live(0.0)
        waits.append(fresh.next(0.1))
    assert waits == [0.25, 0.5, 1.0, 1.0, 1.0], "and no attempt comes faster for that"


def test_chance_takes_up_to_a_fifth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "random", lambda: 0.5)
    assert Backoff().next(0.0) == pytest.approx(0.225)
    assert Backoff(pace=0.0).next(0.0) == 0.0
