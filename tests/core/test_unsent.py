"""Values that nobody flushes are told, once."""

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.core.state import State, store_of
from jupyter_trame.core.unsent import Unsent
from tests.core.support import OwnerHooks


class Hooks(OwnerHooks):
    """Time goes by with `tick`."""

    def __init__(self) -> None:
        super().__init__()
        self.timers: list[tuple[float, Callable[[], object]]] = []
        self.advice: list[str] = []

    def call_later(self, seconds: float, fn: Callable[[], object], /) -> None:
        self.timers.append((seconds, fn))

    def advise(self, where: str, message: str, /) -> None:
        self.advice.append(message)

    def tick(self) -> None:
        """A second goes by."""
        timers, self.timers = self.timers, []
        for seconds, fn in timers:
            assert seconds == 1
            fn()


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


def test_what_waits_for_a_second_is_told_once(hooks: Hooks) -> None:
    state = State(hooks=hooks, ready=True, hints=True)
    state.update({"a": 1, "b": 2})
    hooks.tick()
    assert hooks.advice == []
    state.c = 3
    hooks.tick()
    [message] = hooks.advice
    assert message.startswith(
        "set it within 'with state:', or call state.flush() afterwards: state.a, state.b, state.c "
    )
    state.flush()
    state.a = 4
    assert hooks.timers == []


def test_another_thread_may_set_values_while_they_are_told(hooks: Hooks) -> None:
    class Key(str):
        """Something else is set while this name is written."""

        __slots__ = ()

        def __format__(self, form: str) -> str:
            pending["b"] = 2
            return str(self)

    pending: dict[str, Any] = {Key("a"): 1}
    unsent = Unsent(hooks, lambda: pending)
    unsent.watch()
    hooks.tick()
    hooks.tick()
    [message] = hooks.advice
    assert "state.a was set" in message
    assert pending["b"] == 2


def test_what_is_flushed_in_time_costs_one_timer_a_second(hooks: Hooks) -> None:
    state = State(hooks=hooks, ready=True, hints=True)
    for _ in range(3):
        for value in range(100):
            state.a = value
            state.flush()
        state.a = -1
        assert len(hooks.timers) == 1
        hooks.tick()
        state.flush()
    hooks.tick()
    assert (hooks.timers, hooks.advice) == ([], [])


def test_before_the_start_values_may_wait(hooks: Hooks) -> None:
    state = State(hooks=hooks, hints=True)
    state.a = 1
    hooks.tick()
    hooks.tick()
    assert hooks.advice == []
    state.ready()
    state.a = 2
    hooks.tick()
    hooks.tick()
    assert len(hooks.advice) == 1


def test_without_hints_nobody_looks(hooks: Hooks) -> None:
    State(hooks=hooks, ready=True).a = 1
    assert hooks.timers == []


def test_where_no_cell_flushes_each_burst_of_writes_does(hooks: Hooks) -> None:
    commits: list[dict[str, Any]] = []
    state = State(hooks=hooks, ready=True, commit_fn=lambda changes: commits.append(dict(changes)))
    store_of(state).flush_soon(state.flush)
    for burst in range(2):
        state.x, state.y = burst, 0
        state.y = burst + 1
        assert len(commits) == burst
        assert len(hooks.deferred) == 1
        hooks.run_deferred()
    assert commits == [{"x": 0, "y": 1}, {"x": 1, "y": 2}]
