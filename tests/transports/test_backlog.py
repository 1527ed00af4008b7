"""What a sender is told while bytes come and go."""

from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.transports.backlog import HIGH_WATER, Backlog

LIMIT, LOW = 100, 25

steps = st.lists(st.integers(-150, 150), max_size=60)


def test_it_is_full_from_its_limit_on() -> None:
    backlog = Backlog(LIMIT)
    backlog.size = LIMIT - 1
    assert (backlog.room(), backlog.is_full()) == (1, False)
    backlog.size = LIMIT
    assert (backlog.room(), backlog.is_full()) == (0, True)
    backlog.size = LIMIT + 30
    assert backlog.room() == -30
    assert Backlog().room() == HIGH_WATER


def test_who_was_told_to_wait_goes_on_at_a_quarter() -> None:
    backlog = Backlog(LIMIT)
    backlog.size = LIMIT
    assert backlog.is_full()
    backlog.size = LOW + 1
    assert not backlog.relieved()
    assert backlog.is_full(), "or senders would be woken for each frame"
    backlog.size = LOW
    assert backlog.relieved()
    assert not backlog.is_full()
    assert not backlog.relieved(), "it was said"


def test_nobody_is_woken_who_was_not_told_to_wait() -> None:
    backlog = Backlog(LIMIT)
    backlog.size = LIMIT * 2
    backlog.size = 0
    assert not backlog.relieved()


def test_the_owner_says_when_to_go_on() -> None:
    backlog = Backlog(LIMIT, low=LIMIT - 1)
    backlog.size = LIMIT
    assert backlog.room() == 0
    backlog.size -= 1
    assert backlog.relieved()


@given(steps, st.booleans())
def test_who_waits_is_woken_once_there_is_room_and_then_only(steps: list[int], by_room: bool) -> None:
    backlog, waits = Backlog(LIMIT), False
    for step in steps:
        backlog.size = max(0, backlog.size + step)
        if step >= 0:
            told = backlog.room() <= 0 if by_room else backlog.is_full()
            assert told == (backlog.size >= LIMIT or (waits and not by_room))
            waits = waits or told
        else:
            woken = backlog.relieved()
            assert woken == (waits and backlog.size <= LOW)
            waits = waits and not woken
