"""The shared values: threads, rounds, what happens while a round is committed."""

import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from jupyter_trame.core.state import State
from jupyter_trame.core.store import MAX_ROUNDS
from tests.core.support import OwnerHooks


@pytest.fixture
def hooks() -> OwnerHooks:
    return OwnerHooks()


@pytest.fixture
def pushes() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def state(hooks: OwnerHooks, pushes: list[dict[str, Any]]) -> State:
    return State(commit_fn=lambda changes: pushes.append(dict(changes)), ready=True, hooks=hooks)


def in_thread(fn: Callable[[], object]) -> None:
    """Run `fn` on another thread to its end."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            fn()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


# Foreign threads


def test_a_foreign_flush_pushes_at_once_and_defers_the_listeners(
    state: State, hooks: OwnerHooks, pushes: list[dict[str, Any]]
) -> None:
    calls: list[Any] = []

    @state.change("a")
    def on_a(a: Any, **_: Any) -> None:
        calls.append((a, state.modified_keys, hooks.owns_thread()))

    def write() -> None:
        for value in (1, 2, 3):
            state.update(a=value, b=value)
            assert state.flush() == {"a", "b"}

    in_thread(write)
    assert pushes == [{"a": n, "b": n} for n in (1, 2, 3)]
    assert (calls, len(hooks.deferred)) == ([], 1)
    hooks.run_deferred()
    assert calls == [(3, {"a", "b"}, True)]
    in_thread(write)
    assert len(hooks.deferred) == 1


def test_a_foreign_flush_without_listeners_defers_nothing(state: State, hooks: OwnerHooks) -> None:
    state.change("other")(print)
    state.a = 1
    in_thread(state.flush)
    assert not hooks.deferred
    assert state.flush() == set()


def test_deferred_listeners_keep_the_order_of_marks(state: State, hooks: OwnerHooks) -> None:
    calls: list[str] = []
    for key in "abc":
        state.change(key)(lambda key=key, **_: calls.append(key))

    def write() -> None:
        with state.suppress_change_listeners("a"):
            state.a = 1
        state.c = 1
        state.flush()
        state.b = 1
        state.flush()

    in_thread(write)
    hooks.run_deferred()
    assert calls == ["c", "b"]


def test_a_flush_of_the_owner_runs_what_was_deferred_first(
    state: State, hooks: OwnerHooks, pushes: list[dict[str, Any]]
) -> None:
    calls: list[str] = []
    state.change("a")(lambda **_: calls.append("a"))
    state.change("b")(lambda **_: calls.append("b"))
    state.a = 1
    in_thread(state.flush)
    state.b = 1
    assert state.flush() == {"b"}
    assert calls == ["a", "b"]
    hooks.run_deferred()
    assert calls == ["a", "b"]


def test_a_thread_can_push_while_a_listener_runs(
    state: State, hooks: OwnerHooks, pushes: list[dict[str, Any]]
) -> None:
    calls: list[Any] = []
    state.change("progress")(lambda progress, **_: calls.append(progress))

    @state.change("go")
    def works(**_: Any) -> None:
        def report() -> None:
            for n in (1, 2):
                state.progress = n
                assert state.flush() == {"progress"}

        in_thread(report)
        assert pushes[1:] == [{"progress": 1}, {"progress": 2}]
        assert calls == []

    state.go = True
    assert state.flush() == {"go"}
    assert calls == [2]
    assert hooks.errors == []


def test_what_deferred_listeners_change_is_pushed(
    state: State, hooks: OwnerHooks, pushes: list[dict[str, Any]]
) -> None:
    @state.change("a")
    def on_a(a: int, **_: Any) -> None:
        state.b = a + 1

    state.a = 1
    in_thread(state.flush)
    hooks.run_deferred()
    assert pushes == [{"a": 1}, {"b": 2}]


def test_a_commit_that_fails_on_a_foreign_thread_leaves_the_values_pending(hooks: OwnerHooks) -> None:
    def fails(changes: dict[str, Any]) -> None:
        raise OSError("gone")

    state = State(commit_fn=fails, ready=True, hooks=hooks)
    state.change("a")(print)
    state.a = 1
    with pytest.raises(OSError, match="gone"):
        in_thread(state.flush)
    assert state.is_dirty("a")
    assert not hooks.deferred


def test_deferred_listeners_outlive_an_interrupted_flush(state: State, hooks: OwnerHooks) -> None:
    calls: list[Any] = []
    state.change("a")(lambda a, **_: calls.append(a))

    @state.change("go")
    def interrupted(**_: Any) -> None:
        state.a = 1
        in_thread(state.flush)
        hooks.run_deferred()  # as a nested event loop does
        raise KeyboardInterrupt

    state.go = True
    with pytest.raises(KeyboardInterrupt):
        state.flush()
    assert calls == []
    state.a = 2
    in_thread(state.flush)
    hooks.run_deferred()
    assert calls == [2]


def test_suppression_is_of_the_thread_that_asked(state: State) -> None:
    calls: list[Any] = []
    state.change("a")(lambda a, **_: calls.append(a))
    with state.suppress_change_listeners():
        in_thread(lambda: state.update(a=1))
    state.flush()
    assert calls == [1]


def test_many_threads_write_and_nothing_is_lost() -> None:
    last: dict[str, int] = {}
    rounds: list[dict[str, int]] = []
    hooks = OwnerHooks()
    state = State(commit_fn=lambda changes: rounds.append(dict(changes)), ready=True, hooks=hooks)
    heard: list[int] = []
    state.change("k0")(lambda k0, **_: heard.append(k0))

    def write(key: str) -> None:
        for n in range(200):
            state[key] = n
            state.flush()

    threads = [threading.Thread(target=write, args=(f"k{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    write("own")
    for thread in threads:
        thread.join()
    hooks.run_deferred()
    for changes in rounds:
        for key, value in changes.items():
            assert value > last.get(key, -1)
            last[key] = value
    assert last == {"own": 199, "k0": 199, "k1": 199, "k2": 199, "k3": 199} == state.to_dict()
    assert heard[-1] == 199
    assert hooks.errors == []


def test_a_flush_refused_because_of_another_is_seen_by_it() -> None:
    # Threads that all own the state, as with the default hooks.
    pushed: list[int] = []
    state = State(commit_fn=lambda changes: pushed.extend(changes.values()), ready=True)
    state.change("a", "b")(lambda **_: None)

    def write(key: str) -> None:
        for n in range(300):
            state[key] = n
            state.flush()

    threads = [threading.Thread(target=write, args=(key,)) for key in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not state.is_dirty("a", "b")
    assert pushed[-1] == 299 or pushed[-2] == 299


# While a round is committed


def test_what_the_commit_itself_sets_is_a_round_of_its_own() -> None:
    pushes: list[dict[str, Any]] = []

    def commit(changes: dict[str, Any]) -> None:
        pushes.append(dict(changes))
        if "a" in changes:
            assert state.a == changes["a"]  # type: ignore[attr-defined]
            state.error = "unpackable"  # type: ignore[attr-defined]
            state.a = 5  # type: ignore[attr-defined]
            assert state.flush() is None  # type: ignore[attr-defined]

    state = State(commit_fn=commit, ready=True)
    state.a = 4
    state.flush()
    assert pushes[0] == {"a": 4}
    assert pushes[1] == {"error": "unpackable", "a": 5}
    assert state.flush() == set()


def test_the_same_on_a_foreign_thread(hooks: OwnerHooks) -> None:
    pushes: list[dict[str, Any]] = []

    def commit(changes: dict[str, Any]) -> None:
        pushes.append(dict(changes))
        state.seen = True  # type: ignore[attr-defined]
        assert state.flush() is None  # type: ignore[attr-defined]

    state = State(commit_fn=commit, ready=True, hooks=hooks)
    state.a = 1
    in_thread(state.flush)
    assert pushes == [{"a": 1}, {"seen": True}]


def test_a_failed_commit_restores_both_layers() -> None:
    fail = False

    def commit(changes: dict[str, Any]) -> None:
        if fail:
            state.late = 1  # type: ignore[attr-defined]
            raise OSError("gone")

    state = State(commit_fn=commit, ready=True)
    calls: list[str] = []
    for key in ("old", "new", "late"):
        state.change(key)(lambda key=key, **_: calls.append(key))
    state.old = 1
    state.flush()
    calls.clear()
    fail = True
    state.new = 1
    state.old = 2
    with pytest.raises(OSError, match="gone"):
        state.flush()
    assert state._store.pushed == {"old": 1}
    assert state._store.pending == {"new": 1, "old": 2, "late": 1}
    fail = False
    state.old = 1
    assert state.flush() == {"new", "late"}
    assert calls == ["new", "late"]


def test_a_flush_that_never_settles_ends_with_an_error(hooks: OwnerHooks) -> None:
    rounds = 0

    def commit(changes: dict[str, Any]) -> None:
        nonlocal rounds
        rounds += 1

    state = State(commit_fn=commit, ready=True, hooks=hooks)

    @state.change("a")
    def again(a: int, **_: Any) -> None:
        state.a = a + 1

    state.a = 1
    state.flush()
    [error] = hooks.errors
    assert "pending: a" in str(error)
    assert rounds == MAX_ROUNDS
    assert state.a == MAX_ROUNDS + 1
    state.flush()
    assert rounds == 2 * MAX_ROUNDS


# Watchers


def test_watchers_come_before_listeners_and_are_told_of_suppressed_changes(state: State) -> None:
    events: list[Any] = []

    def watch(changes: Mapping[str, Any]) -> None:
        events.append(set(changes))

    @state.change("a")
    def on_a(**_: Any) -> None:
        events.append("on_a")
        state.c = 1

    end = state._store.watch(watch)
    with state.suppress_change_listeners("b"):
        state.update(a=1, b=2)
    state.flush()
    assert events == [{"a", "b"}, "on_a", {"c"}, set()]
    end()
    end()
    state.a = 2
    state.flush()
    assert events[4:] == ["on_a"]


def test_watchers_run_on_the_owner_thread(state: State, hooks: OwnerHooks) -> None:
    events: list[Any] = []
    state._store.watch(lambda changes: events.append((set(changes), hooks.owns_thread())))
    state.a = 1
    in_thread(state.flush)
    assert events == []
    hooks.run_deferred()
    assert events == [({"a"}, True), (set(), True)]


def test_a_watcher_that_fails_is_reported(state: State, hooks: OwnerHooks) -> None:
    state._store.watch(lambda changes: 1 / 0)
    state.a = 1
    assert state.flush() == {"a"}
    assert [type(error) for error in hooks.errors] == [ZeroDivisionError] * 2


# Cost


class CountedDict(dict[str, Any]):
    """Counts how often all of it is looked at."""

    walks = 0

    def items(self) -> Any:
        type(self).walks += 1
        return super().items()

    def __iter__(self) -> Any:
        type(self).walks += 1
        return super().__iter__()

    def keys(self) -> Any:
        type(self).walks += 1
        return super().keys()


def test_one_change_does_not_walk_over_all_keys() -> None:
    state = State(commit_fn=lambda changes: None, ready=True)
    state._store.pushed = CountedDict({f"k{n}": n for n in range(10)})
    state.change("k1")(lambda k1, **_: None)
    state.k1 = -1
    state.k2 = -2
    assert state.flush() == {"k1", "k2"}
    assert CountedDict.walks == 0
    state.change("k1")(lambda **values: values)
    state.k1 = -3
    state.flush()
    assert CountedDict.walks == 1


# Concurrent listeners


class ConcurrentHooks(OwnerHooks):
    """Keeps what is to run off the owner thread."""

    def __init__(self) -> None:
        super().__init__()
        self.concurrent: list[Callable[[], object]] = []
        self.scheduled: list[Any] = []

    def call_concurrently(self, where: str, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
        self.concurrent.append(lambda: self.call(where, fn, *args, **kwargs))

    def schedule(self, where: str, awaitable: Any, /, on_end: object = None) -> None:
        self.scheduled.append(awaitable)


def test_concurrent_listeners_get_the_values_of_their_round_on_another_thread() -> None:
    hooks = ConcurrentHooks()
    state = State(ready=True, hooks=hooks)
    calls: list[Any] = []

    @state.change("a", concurrent=True)
    def slow(a: int, **_: Any) -> None:
        calls.append(("slow", a, hooks.owns_thread()))
        with state:
            state.done = a

    @state.change("a")
    def quick(a: int, **_: Any) -> None:
        calls.append(("quick", a, hooks.owns_thread()))

    @state.change("a", concurrent=True)
    async def task(**_: Any) -> None: ...

    for value in (1, 2):
        state.a = value
        state.flush()
    assert calls == [("quick", 1, True), ("quick", 2, True)]
    for call in hooks.concurrent:
        in_thread(call)
    assert calls[2:] == [("slow", 1, False), ("slow", 2, False)]
    assert state.done == 2
    assert not state.is_dirty("done")
    assert len(hooks.scheduled) == 2
    for coroutine in hooks.scheduled:
        coroutine.close()


def test_a_concurrent_method_whose_object_is_gone_is_skipped() -> None:
    class App:
        def on_a(self, **_: Any) -> None: ...

    hooks = ConcurrentHooks()
    state = State(ready=True, hooks=hooks)
    app = App()
    state.change("a", concurrent=True)(weakref.WeakMethod(app.on_a))
    del app
    state.a = 1
    state.flush()
    assert (hooks.concurrent, hooks.errors) == ([], [])
