"""How often messages leave."""

from jupyter_trame.transports.pace import MessageRate, Pace
from tests.transports.clock import Clock


def test_the_first_message_may_leave_at_once_and_the_next_one_after_the_interval() -> None:
    clock = Clock()
    rings: list[float] = []
    pace = Pace(clock.loop, lambda: rings.append(clock.now), interval=0.1)
    assert pace.due
    pace.sent()
    assert not pace.due
    clock.advance(0.09)
    assert not pace.due
    clock.advance(0.02)
    assert pace.due
    assert rings == [100.1]
    assert not clock.waits


def test_a_message_before_its_time_puts_the_next_one_off() -> None:
    clock = Clock()
    rings: list[float] = []
    pace = Pace(clock.loop, lambda: rings.append(clock.now), interval=0.25)
    pace.sent()
    clock.advance(0.125)
    pace.sent()
    clock.advance(1.0)
    assert rings == [100.375]


def test_a_pace_that_stopped_calls_nobody() -> None:
    clock = Clock()
    pace = Pace(clock.loop, lambda: 1 / 0)
    pace.sent()
    pace.stop()
    clock.advance(1.0)
    assert not clock.waits


def test_a_rate_has_a_burst_and_then_serves_in_order() -> None:
    clock = Clock()
    rate = MessageRate(clock.loop, rate=10, burst=3)
    served: list[tuple[int, float]] = []

    def take(number: int) -> None:
        if rate.take(lambda: served.append((number, round(clock.now - 100.0, 6)))):
            served.append((number, 0.0))

    for number in range(6):
        take(number)
    clock.advance(0.3)
    assert served == [(0, 0.0), (1, 0.0), (2, 0.0), (3, 0.1), (4, 0.2), (5, 0.3)]


def test_nobody_overtakes_those_in_line() -> None:
    clock = Clock()
    rate = MessageRate(clock.loop, rate=10, burst=1)
    served: list[int] = []
    assert rate.take(lambda: None)
    assert not rate.take(lambda: served.append(1))
    clock.now += 0.15  # a message may leave, but the loop has not come to the one that waits for it
    assert not rate.take(lambda: served.append(2))
    clock.advance(0.2)
    assert served == [1, 2]


def test_a_rate_that_is_closed_calls_nobody() -> None:
    clock = Clock()
    rate = MessageRate(clock.loop, rate=10, burst=0)
    assert not rate.take(lambda: 1 / 0)  # type: ignore[arg-type]
    rate.close()
    clock.advance(1.0)
    assert not clock.waits
