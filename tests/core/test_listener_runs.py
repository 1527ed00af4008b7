"""Listeners that run off the owner thread, and those that run once for all that changes while they are busy."""

import asyncio
import threading
import weakref
from collections.abc import Awaitable, Callable
from inspect import iscoroutine
from typing import Any

import pytest

from jupyter_trame.core.state import State, store_of
from tests.core.support import OwnerHooks


class Hooks(OwnerHooks):
    """What runs concurrently has a thread, and coroutines wait in `scheduled`."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[threading.Thread] = []
        self.scheduled: list[tuple[Awaitable[Any], Callable[[], object] | None]] = []

    def call_concurrently(self, where: str, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
        thread = threading.Thread(target=lambda: self.call(where, fn, *args, **kwargs))
        self.threads.append(thread)
        thread.start()

    def schedule(
        self, where: str, awaitable: Awaitable[Any], /, on_end: Callable[[], object] | None = None
    ) -> None:
        self.scheduled.append((awaitable, on_end))

    def finish(self) -> None:
        """Run the coroutine that was scheduled first."""
        awaitable, on_end = self.scheduled.pop(0)
        assert iscoroutine(awaitable)
        asyncio.run(awaitable)
        if on_end is not None:
            on_end()

    def join(self) -> None:
        while self.threads:
            self.threads.pop(0).join()


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


@pytest.fixture
def pushes() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def state(hooks: Hooks, pushes: list[dict[str, Any]]) -> State:
    return State(commit_fn=lambda changes: pushes.append(dict(changes)), ready=True, hooks=hooks)


def write(state: State, *values: int) -> None:
    for value in values:
        with state:
            state.x = value


def test_a_plain_one_runs_once_for_what_has_come(
    state: State, hooks: Hooks, pushes: list[dict[str, Any]]
) -> None:
    calls: list[int] = []

    @state.change("x", latest=True)
    def on_x(x: int) -> None:
        calls.append(x)
        state.double = 2 * x

    write(state, 1, 2, 3)
    assert calls == []
    hooks.run_deferred()
    assert calls == [3]
    assert pushes[-1] == {"double": 6}
    write(state, 4)
    hooks.run_deferred()
    assert calls == [3, 4]


def test_what_changes_while_it_runs_leads_to_one_more_run(state: State, hooks: Hooks) -> None:
    calls: list[int] = []

    @state.change("x", latest=True)
    def on_x(x: int) -> None:
        calls.append(x)
        if x == 1:
            write(state, 2, 3)  # as a client does that is heard meanwhile
            assert calls == [1]

    write(state, 1)
    hooks.run_deferred()
    assert calls == [1, 3]


def test_it_has_several_keys(state: State, hooks: Hooks) -> None:
    calls: list[Any] = []
    state.change("x", "y", latest=True)(lambda x, y=None: calls.append((x, y)))
    write(state, 1)
    with state:
        state.y = 2
    hooks.run_deferred()
    assert calls == [(1, 2)]


def test_a_coroutine_function_runs_again_when_it_has_ended(state: State, hooks: Hooks) -> None:
    calls: list[int] = []

    @state.change("x", latest=True)
    async def on_x(x: int) -> None:
        calls.append(x)

    write(state, 1, 2)
    hooks.run_deferred()
    write(state, 3, 4)
    hooks.run_deferred()
    assert (len(hooks.scheduled), calls) == (1, [])
    hooks.finish()
    assert calls == [2]
    write(state, 5)
    hooks.run_deferred()
    hooks.finish()
    assert calls == [2, 5]
    assert not hooks.scheduled
    write(state, 6)
    hooks.run_deferred()
    hooks.finish()
    assert calls == [2, 5, 6]


def test_a_concurrent_one_has_one_thread_at_a_time(state: State, hooks: Hooks) -> None:
    calls: list[int] = []
    running, go_on = threading.Event(), threading.Event()

    @state.change("x", concurrent=True, latest=True)
    def on_x(x: int) -> None:
        calls.append(x)
        running.set()
        assert go_on.wait(10)

    write(state, 1)
    assert running.wait(10)
    write(state, 2, 3)
    assert (calls, len(hooks.threads)) == ([1], 1)
    go_on.set()
    hooks.join()
    assert calls == [1, 3]
    assert not hooks.deferred


def test_a_concurrent_one_may_give_an_awaitable(state: State, hooks: Hooks) -> None:
    calls: list[int] = []

    async def later(x: int) -> None:
        calls.append(x)

    state.change("x", concurrent=True, latest=True)(lambda x: later(x))
    write(state, 1)
    hooks.join()
    write(state, 2)
    assert (len(hooks.scheduled), hooks.threads) == (1, [])
    hooks.finish()
    hooks.join()
    hooks.finish()
    assert calls == [1, 2]


@pytest.mark.parametrize("concurrent", [False, True])
def test_one_that_raises_runs_the_next_time(state: State, hooks: Hooks, concurrent: bool) -> None:
    calls: list[int] = []

    @state.change("x", concurrent=concurrent, latest=True)
    def on_x(x: int) -> None:
        calls.append(x)
        raise ValueError(x)

    for value in (1, 2):
        write(state, value)
        hooks.run_deferred()
        hooks.join()
    assert calls == [1, 2]
    assert [str(error) for error in hooks.errors] == ["1", "2"]


def test_it_stays_so_when_plain_pairs_replace_the_entries(state: State, hooks: Hooks) -> None:
    calls: list[int] = []
    state.change("x", latest=True)(lambda x: calls.append(x))
    state._change_callbacks["x"] = [(fn, translator) for fn, translator in state._change_callbacks["x"]]
    write(state, 1, 2)
    assert calls == []
    hooks.run_deferred()
    assert calls == [2]


def test_a_method_whose_object_is_gone_is_skipped(state: State, hooks: Hooks) -> None:
    class App:
        def on_x(self, x: int) -> None:
            raise AssertionError(x)

    app = App()
    state.change("x", latest=True)(weakref.WeakMethod(app.on_x))
    del app
    write(state, 1)
    hooks.run_deferred()
    assert not hooks.errors


def test_a_concurrent_one_that_misses_a_value_is_an_error_of_its_own(state: State, hooks: Hooks) -> None:
    calls: list[int] = []
    state.change("x", concurrent=True)(lambda other: other)
    state.change("x")(lambda x: calls.append(x))
    write(state, 1)
    assert calls == [1]
    [error] = hooks.errors
    assert "takes 'other', which nobody has set" in str(error)


def test_without_a_loop_it_runs_at_once() -> None:
    state = State(ready=True)
    calls: list[int] = []
    state.change("x", latest=True)(lambda x: calls.append(x))
    write(state, 1, 2)
    assert calls == [1, 2]


def test_whether_one_is_due(state: State, hooks: Hooks) -> None:
    asked: list[bool] = []

    def listener() -> None:
        asked.append(store_of(state).is_due(listener))

    store = store_of(state)
    state.change("x", latest=True)(listener)
    assert not store.is_due(listener)
    state.x = 1
    assert store.is_due(listener)
    state.flush()
    assert store.is_due(listener), "it waits for its turn"
    assert not store.is_due(print)
    hooks.run_deferred()
    assert asked == [False]
    assert not store.is_due(listener)
