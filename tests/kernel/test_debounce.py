"""Many changes, few calls."""

from collections.abc import Callable

from jupyter_trame.kernel.debounce import Debounce


class Timer:
    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[tuple[float, Callable[[], object]]] = []
        self.fired: list[float] = []
        self.debounce = Debounce(
            lambda: self.fired.append(self.now), self.call_later, quiet=1, longest=5, clock=lambda: self.now
        )

    def call_later(self, delay: float, call: Callable[[], object]) -> None:
        self.calls.append((self.now + delay, call))

    def until(self, end: float) -> None:
        while self.calls and min(at for at, _ in self.calls) <= end:
            at, call = min(self.calls, key=lambda item: item[0])
            self.calls.remove((at, call))
            self.now = at
            call()
        self.now = end


def test_a_pause_ends_the_wait() -> None:
    timer = Timer()
    timer.debounce.touch()
    timer.until(0.5)
    timer.debounce.touch()
    timer.until(10)
    timer.debounce.touch()
    timer.until(20)
    assert timer.fired == [1.5, 11]


def test_changes_that_do_not_pause_are_shown_all_the_same() -> None:
    timer = Timer()
    for step in range(20):
        timer.until(step * 0.5)
        timer.debounce.touch()
    timer.until(30)
    assert timer.fired == [5, 10]
