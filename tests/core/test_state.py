"""The state as user code sees it."""

import asyncio
import datetime as dt
import logging
import math
import weakref
from collections.abc import Awaitable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.core.listeners import InlineHooks
from jupyter_trame.core.state import State
from jupyter_trame.core.translator import Translator
from jupyter_trame.core.values import equal_value

Pushes = list[dict[str, Any]]


def test_a_figure_that_is_set_again_is_a_change(state: State, pushes: Pushes) -> None:
    """Nobody sees what was drawn in it; of what tells by itself whether it changed, and of the rest, it is none."""
    frame = pd.DataFrame({"a": [1]})
    for value, times in ((frame, 2), (dt.timedelta(1), 1), (dt.date(2024, 1, 1), 1), ([1], 1), (object(), 1)):
        pushes.clear()
        for _ in range(2):
            state.value = value
            state.flush()
        assert pushes == [{"value": value}] * times
        assert state.value is value
    state.value = frame
    seen: list[Any] = []
    state.change("value")(lambda value, **_: seen.append(value))
    frame.loc[0, "a"] = 2
    state.value = frame
    state.flush()
    assert seen == [frame]


@pytest.fixture
def pushes() -> Pushes:
    return []


@pytest.fixture
def state(pushes: Pushes) -> State:
    return State(commit_fn=lambda changes: pushes.append(dict(changes)), ready=True)


def child_of(state: State, pushes: Pushes, prefix: str = "p_") -> State:
    return State(
        translator=Translator(prefix),
        internal=state,
        commit_fn=lambda changes: pushes.append({"by child": True, **changes}),
    )


# Reading and writing


def test_a_name_nobody_set_reads_as_none(state: State) -> None:
    assert state.x is None
    assert state["x"] is None
    assert "x" not in state
    assert not state.has("x")


def test_pending_values_are_read_before_pushed_ones(state: State) -> None:
    state.x = 1
    assert (state.x, state["x"], "x" in state) == (1, 1, True)
    state.flush()
    state["x"] = 2
    assert state.x == 2
    state.flush()
    assert state.x == 2


def test_an_underscore_makes_a_plain_attribute(state: State) -> None:
    state._x = 1
    assert state._x == 1
    assert "_x" not in state
    assert state._unknown is None
    state["_y"] = 2
    assert state["_y"] == 2
    assert state._y is None
    assert state.flush() == {"_y"}


def test_dunder_attributes_are_python_s(state: State) -> None:
    with pytest.raises(AttributeError, match="__wrapped__"):
        _ = state.__wrapped__


def test_a_key_may_be_called_like_a_method(state: State) -> None:
    state.flush = 3  # type: ignore[method-assign, assignment]
    state.translator = 4  # type: ignore[assignment]
    assert state["flush"] == 3
    assert state["translator"] == 4
    assert state.flush() == {"flush", "translator"}


def test_update_takes_a_dict_and_keywords_which_win(state: State, pushes: Pushes) -> None:
    state.update({"a": 1, "b": 1}, b=2, c=3)
    state.update(None, d=None)
    state.update()
    state.update({})
    state.flush()
    assert pushes == [{"a": 1, "b": 2, "c": 3, "d": None}]
    assert "d" in state


def test_update_takes_a_key_called_self_or_values(state: State) -> None:
    state.update(self=1, values=2)
    assert (state["self"], state["values"]) == (1, 2)


def test_setdefault(state: State) -> None:
    assert state.setdefault("a", 1) == 1
    assert state.setdefault("a", 2) == 1
    state.flush()
    assert state.setdefault("a", 3) == 1
    assert state.flush() == set()
    state.a = 4
    assert state.setdefault("a", 5) == 1  # the pushed value


def test_setdefault_counts_as_a_change_while_nothing_is_pushed(state: State) -> None:
    calls: list[Any] = []
    state.change("a")(lambda a, **_: calls.append(a))
    with state.suppress_change_listeners():
        state.a = 1
    state.setdefault("a", 2)
    state.flush()
    assert calls == [1]


def test_to_dict_flushes_and_is_live(state: State, pushes: Pushes) -> None:
    state.a = 1
    values = state.to_dict()
    assert values == {"a": 1}
    assert pushes == [{"a": 1}]
    state.b = 2
    state.flush()
    assert values == {"a": 1, "b": 2}


def test_initial_shows_pending_values_and_leaves_them_pending(state: State, pushes: Pushes) -> None:
    calls: list[Any] = []
    state.change("a")(lambda a, **_: calls.append(a))
    state.update(a=1, b=1)
    state.flush()
    state.a = 2
    assert state.initial == {"a": 2, "b": 1}
    assert (pushes, calls) == ([{"a": 1, "b": 1}], [1])
    state.flush()
    assert (pushes[1:], calls) == ([{"a": 2}], [1, 2])
    assert state.initial is state.to_dict()


def test_keys_are_completed(state: State) -> None:
    state.some_key = 1
    assert "some_key" in dir(state)
    assert "flush" in dir(state)
    assert "key" in dir(State(translator=Translator("some_"), internal=state))


# What counts as a change


@pytest.mark.parametrize("value", [1, "a", None, [1], {"a": 1}, math.nan, np.arange(3), {1}, b"x"])
def test_setting_the_pushed_value_is_no_change(state: State, value: Any) -> None:
    state.x = value
    assert state.flush() == {"x"}
    state.x = value
    assert state.flush() == set()


@pytest.mark.parametrize(("old", "new"), [(1, True), (1, 1.0), (np.zeros(2), np.ones(2)), ([1], (1,))])
def test_type_and_content_count(state: State, old: Any, new: Any) -> None:
    state.x = old
    state.flush()
    state.x = new
    assert state.flush() == {"x"}


def test_python_s_equality_on_demand() -> None:
    state = State(ready=True, equal=equal_value)
    state.x = 1
    state.flush()
    state.x = True
    assert state.flush() == set()


def test_going_back_to_the_pushed_value_takes_the_change_away(state: State, pushes: Pushes) -> None:
    calls: list[Any] = []
    state.change("x")(lambda x, **_: calls.append(x))
    state.x = 1
    state.flush()
    state.x = 2
    state.x = 1
    assert not state.is_dirty("x")
    assert state.flush() == set()
    assert (pushes, calls) == ([{"x": 1}], [1])


def test_dirty_tells_of_a_value_that_was_changed_in_place(pushes: Pushes) -> None:
    state = State(commit_fn=lambda changes: pushes.append(dict(changes)), ready=True, in_place=False)
    calls: list[Any] = []
    state.change("x")(lambda x, **_: calls.append(list(x)))
    state.x = [1]
    state.flush()
    state.x.append(2)
    state.x = state.x
    assert state.flush() == set()
    state.dirty("x")
    assert state.is_dirty("x")
    assert state.flush() == {"x"}
    assert calls == [[1], [1, 2]]
    assert len(pushes) == 2


def test_dirty_of_an_unknown_key_pushes_none(state: State, pushes: Pushes) -> None:
    state.dirty("x", "y")
    state.flush()
    assert pushes == [{"x": None, "y": None}]


def test_clean_takes_pending_for_pushed_and_touches_no_other_key(state: State, pushes: Pushes) -> None:
    calls: list[Any] = []
    state.change("a", "b")(lambda a, b, **_: calls.append((a, b)))
    state.update(a=1, b=2)
    state.clean("a", "unknown")
    assert (state.is_dirty("a"), state.is_dirty("b"), state.a) == (False, True, 1)
    state.flush()
    assert pushes == [{"b": 2}]
    assert calls == [(1, 2)]
    assert "unknown" not in state


def test_is_dirty(state: State) -> None:
    state.a = 1
    assert state.is_dirty("a", "b")
    assert not state.is_dirty_all("a", "b")
    assert not state.is_dirty()
    assert state.is_dirty_all()
    assert not state.is_dirty("b")


def test_client_only(state: State, pushes: Pushes) -> None:
    state.x = 1
    state.client_only("a", "b", "a")
    assert pushes == [{"x": 1, "trame__client_only": ["a", "b"]}]
    state.y = 1
    state.client_only("a")
    assert len(pushes) == 1
    state.client_only("a", "c")
    assert pushes[1] == {"y": 1, "trame__client_only": ["a", "b", "c"]}


def test_client_only_before_ready_waits(pushes: Pushes) -> None:
    state = State(commit_fn=pushes.append)
    state.client_only("a")
    assert pushes == []
    assert state["trame__client_only"] == ["a"]


# Flush


def test_nothing_is_flushed_before_ready(pushes: Pushes) -> None:
    state = State(commit_fn=lambda changes: pushes.append(dict(changes)))
    calls: list[Any] = []
    state.change("a")(lambda a, **_: calls.append(a))
    state.a = 1
    assert not state.is_ready
    assert state.flush() is None
    state.ready()
    assert state.is_ready
    assert (pushes, calls) == ([{"a": 1}], [1])
    state.a = 2
    state.ready()
    assert len(pushes) == 1


def test_flush_returns_the_keys_of_all_rounds(state: State) -> None:
    @state.change("a")
    def on_a(**_: Any) -> None:
        state.b = 1

    state.a = 1
    assert state.flush() == {"a", "b"}
    assert state.flush() == set()


def test_each_round_is_one_push(state: State, pushes: Pushes) -> None:
    @state.change("a")
    def on_a(a: int, **_: Any) -> None:
        if a < 3:
            state.a += 1
            state.n = a

    state.a = 1
    state.flush()
    assert pushes == [{"a": 1}, {"a": 2, "n": 1}, {"a": 3, "n": 2}]


def test_a_listener_does_not_see_its_own_change_in_the_same_round(state: State) -> None:
    seen: list[Any] = []

    @state.change("a")
    def writes(**_: Any) -> None:
        state.b = 1
        assert state.flush() is None
        with state:
            state.c = 1

    @state.change("a")
    def reads(**values: Any) -> None:
        seen.append(values)

    state.a = 1
    assert state.flush() == {"a", "b", "c"}
    assert seen == [{"a": 1}]


def test_leaving_a_block_flushes_also_after_an_exception(state: State, pushes: Pushes) -> None:
    with state as same:
        assert same is state
        state.a = 1
        state.b = 2
        assert pushes == []
    with pytest.raises(ValueError, match="no"), state:
        state.a = 3
        raise ValueError("no")
    assert pushes == [{"a": 1, "b": 2}, {"a": 3}]


def test_values_stay_pending_when_the_commit_fails() -> None:
    calls: list[Any] = []
    broken = True

    def commit(changes: dict[str, Any]) -> None:
        if broken:
            raise OSError("gone")

    state = State(commit_fn=commit, ready=True)
    state.change("a")(lambda a, **_: calls.append(a))
    state.a = 1
    with pytest.raises(OSError, match="gone"):
        state.flush()
    assert state.is_dirty("a")
    state.a = 2
    broken = False
    assert state.flush() == {"a"}
    assert calls == [2]


def test_without_a_commit_function_values_are_merged() -> None:
    state = State(ready=True)
    state.a = 1
    assert state.flush() == {"a"}
    assert state.to_dict() == {"a": 1}


# Listeners


def test_change_returns_the_function_and_runs_nothing(state: State) -> None:
    state.a = 1
    state.flush()

    def fn(**_: Any) -> None:
        raise AssertionError

    assert state.change("a", "b")(fn) is fn
    assert state.change()(fn) is fn


def test_order_is_by_key_first_marked_then_by_registration(state: State) -> None:
    calls: list[str] = []
    state.change("a", "b")(lambda **_: calls.append("f1"))
    state.change("b")(lambda **_: calls.append("f2"))
    state.change("a")(lambda **_: calls.append("f3"))
    state.b = 1
    state.a = 1
    state.flush()
    assert calls == ["f1", "f2", "f3"]


def test_a_key_that_went_back_and_changed_again_comes_last(state: State) -> None:
    calls: list[str] = []
    state.change("a")(lambda **_: calls.append("a"))
    state.change("b")(lambda **_: calls.append("b"))
    state.update(a=1, b=1)
    state.flush()
    calls.clear()
    state.update(a=2, b=2)
    state.a = 1
    state.a = 3
    state.flush()
    assert calls == ["b", "a"]
    calls.clear()
    state.update(a=4, b=4)
    state.a = 5
    state.flush()
    assert calls == ["a", "b"]


def test_an_exception_is_logged_and_the_next_listener_runs(
    state: State, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []

    @state.change("a")
    def fails(**_: Any) -> None:
        state.b = 1
        raise ValueError("bad listener")

    state.change("a")(lambda **_: calls.append("next"))
    state.change("a")(lambda z: calls.append("never"))
    state.a = 1
    assert state.flush() == {"a", "b"}
    assert calls == ["next"]
    assert "bad listener" in caplog.text
    assert "fails" in caplog.records[0].message


def test_an_interrupt_leaves_the_state_usable(state: State) -> None:
    @state.change("a")
    def hangs(a: int, **_: Any) -> None:
        if a == 1:
            raise KeyboardInterrupt

    state.a = 1
    with pytest.raises(KeyboardInterrupt):
        state.flush()
    state.a = 2
    assert state.flush() == {"a"}


def test_weak_methods(state: State) -> None:
    calls: list[Any] = []

    class App:
        def on_a(self, a: Any, **_: Any) -> None:
            calls.append(a)

    app = App()
    state.change("a")(weakref.WeakMethod(app.on_a))
    state.a = 1
    state.flush()
    del app
    state.a = 2
    state.flush()
    assert calls == [1]


def test_modified_keys_are_those_of_the_round(state: State, pushes: Pushes) -> None:
    seen: list[set[str]] = []
    child = child_of(state, pushes)

    @child.change("a")
    def on_a(**_: Any) -> None:
        seen.append(child.modified_keys)
        state.b = 1

    state.change("b")(lambda **_: seen.append(state.modified_keys))
    child.update(a=1, c=1)
    child.flush()
    assert seen == [{"p_a", "p_c"}, {"b"}]
    assert state.modified_keys == {"b"}


def test_hot_reload_asks_for_the_newest_function(pushes: Pushes) -> None:
    calls: list[str] = []

    def reload(fn: Any) -> Any:
        return lambda **_: calls.append("new")

    state = State(ready=True, hot_reload=reload)
    state.change("a")(lambda **_: calls.append("old"))
    state.a = 1
    state.flush()
    State(internal=state).change("a")
    other = State(internal=state, hot_reload=True)
    other.a = 2
    other.flush()
    assert calls == ["new", "old"]


class LoopHooks(InlineHooks):
    """Runs coroutines on the running loop."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Future[Any]] = []
        self.where: list[str] = []

    def schedule(self, where: str, awaitable: Awaitable[Any], /, on_end: object = None) -> None:
        self.where.append(where)
        self.tasks.append(asyncio.ensure_future(awaitable))


@pytest.mark.asyncio
async def test_coroutines_are_scheduled_and_do_not_flush_by_themselves() -> None:
    hooks = LoopHooks()
    pushed: Pushes = []
    state = State(ready=True, commit_fn=lambda changes: pushed.append(dict(changes)), hooks=hooks)

    @state.change("a")
    async def waits(a: int, **_: Any) -> None:
        await asyncio.sleep(0)
        state.b = a
        with state:
            state.c = a

    @state.change("a")
    def returns_one(a: int, **_: Any) -> Awaitable[None]:
        return waits(a)

    state.a = 1
    assert state.flush() == {"a"}
    await asyncio.gather(*hooks.tasks)
    assert pushed == [{"a": 1}, {"b": 1, "c": 1}]
    assert len(hooks.tasks) == 2
    assert "waits" in hooks.where[0]


# Suppression


def test_suppressed_changes_are_pushed_but_nobody_is_told(state: State, pushes: Pushes) -> None:
    calls: list[str] = []
    state.change("a")(lambda **_: calls.append("a"))
    state.change("b")(lambda **_: calls.append("b"))
    with state.suppress_change_listeners("a"):
        state.update(a=1, b=1)
    state.flush()
    with state.suppress_change_listeners():
        state.update(a=2, b=2)
        state.dirty("a")
        state.setdefault("c", 1)
        state.flush()
    assert calls == ["b"]
    assert pushes == [{"a": 1, "b": 1}, {"a": 2, "b": 2, "c": 1}]


def test_suppression_is_decided_when_a_key_is_changed(state: State) -> None:
    calls: list[Any] = []
    state.change("a")(lambda a, **_: calls.append(a))
    state.a = 1
    with state.suppress_change_listeners("a"):
        state.a = 2
    state.flush()
    with state.suppress_change_listeners("a"):
        state.a = 3
    state.a = 4
    state.flush()
    assert calls == [2, 4]


def test_nested_suppressions_add_up_and_end_with_an_exception(state: State) -> None:
    calls: list[str] = []
    for key in "abc":
        state.change(key)(lambda key=key, **_: calls.append(key))
    with state.suppress_change_listeners("a"):
        with state.suppress_change_listeners("b"):
            state.update(a=1, b=1, c=1)
        with pytest.raises(ValueError, match="no"), state.suppress_change_listeners():
            state.update(a=2, b=2)
            raise ValueError("no")
        state.b = 3
    state.flush()
    assert sorted(calls) == ["b", "c"]


# Child states


def test_a_child_shares_everything_under_its_own_names(state: State, pushes: Pushes) -> None:
    child = child_of(state, pushes)
    child.a = 1
    assert (state.p_a, child.a, child["a"], state.a) == (1, 1, 1, None)
    assert child.is_dirty("a")
    assert state.is_dirty("p_a")
    assert "a" in child
    assert state.flush() == {"p_a"}
    child.trame__title = "t"
    assert child.flush() == {"trame__title"}
    assert state.trame__title == "t"
    assert child.to_dict() is state.to_dict()
    assert pushes == [{"p_a": 1}, {"by child": True, "trame__title": "t"}]
    assert child.translator("a") == "p_a"
    assert child._change_callbacks is state._change_callbacks


def test_a_child_s_listener_gets_its_own_keys_and_reserved_ones(state: State, pushes: Pushes) -> None:
    seen: list[Any] = []
    child = child_of(state, pushes)
    child.change("a")(lambda **values: seen.append(values))
    child.change("a")(lambda a, trame__x, b=None, **_: seen.append((a, trame__x, b)))
    state.update(p_a=1, b=2, trame__x=3)
    state.flush()
    assert seen == [{"a": 1, "trame__x": 3}, (1, 3, None)]


def test_a_function_of_parent_and_child_runs_for_both(state: State, pushes: Pushes) -> None:
    seen: list[Any] = []
    child = child_of(state, pushes)

    def fn(**values: Any) -> None:
        seen.append(sorted(values))

    state.change("p_a")(fn)
    child.change("a")(fn)
    child.a = 1
    child.flush()
    assert seen == [["p_a"], ["a"]]


def test_a_child_s_names_everywhere(state: State, pushes: Pushes) -> None:
    child = child_of(state, pushes)
    child.client_only("a")
    assert state["trame__client_only"] == ["p_a"]
    assert child.setdefault("b", 1) == 1
    child.dirty("c")
    child.clean("b")
    assert child.is_dirty_all("c")
    assert state.flush() == {"p_c"}
    calls: list[str] = []
    state.change("p_d")(lambda **_: calls.append("d"))
    with child.suppress_change_listeners("d"):
        state.p_d = 1
    state.flush()
    assert calls == []


def test_a_child_shares_the_flush_status(state: State, pushes: Pushes) -> None:
    child = child_of(state, pushes)
    state.change("a")(lambda **_: results.append(child.flush()))
    results: list[Any] = []
    state.a = 1
    state.flush()
    assert results == [None]
    assert child.is_ready


# Listeners taken out by packages for trame


def test_listeners_can_be_taken_out(state: State) -> None:
    calls: list[str] = []

    def kept(**_: Any) -> None:
        calls.append("kept")

    def removed(**_: Any) -> None:
        calls.append("removed")

    state.change("a", "b")(kept)
    state.change("a")(removed)
    for key, entries in state._change_callbacks.items():
        state._change_callbacks[key] = [(fn, translator) for fn, translator in entries if fn is not removed]
    state.a = 1
    state.flush()
    assert calls == ["kept"]
    state._change_callbacks.pop("a")
    state.a = 2
    state.flush()
    state._change_callbacks.clear()
    state.b = 2
    state.flush()
    assert calls == ["kept"]


# Properties


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)), max_size=8))
def test_replaying_the_pushes_gives_the_state(updates: list[dict[str, int]]) -> None:
    replica: dict[str, Any] = {}
    state = State(commit_fn=replica.update, ready=True)
    for update in updates:
        with state:
            state.update(update)
        assert replica == state.to_dict()
        assert all(state[key] == value for key, value in update.items())


def test_a_listener_that_takes_no_names_is_refused_at_once(state: State) -> None:
    with pytest.raises(TypeError, match=r"take the '/' out .* a change listener is given its values by name"):
        state.change("a")(lambda a, /: a)
    assert state._change_callbacks == {}


def test_logger_name_is_the_package_s(state: State, caplog: pytest.LogCaptureFixture) -> None:
    state.change("a")(lambda b: None)
    with caplog.at_level(logging.ERROR, logger="jupyter_trame"):
        state.a = 1
        state.flush()
    assert len(caplog.records) == 1


# What cannot be


def test_names_are_strings(state: State) -> None:
    for name in (5, None, True, ("a",)):
        with pytest.raises(TypeError, match="names are strings"):
            state[name] = 1  # type: ignore[index]
        with pytest.raises(TypeError, match="names are strings"):
            state.setdefault(name, 1)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="names are strings"):
            state.dirty(name)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="names are strings"):
            state.update({name: 1})  # type: ignore[dict-item]
    assert state.flush() == set()


def test_update_takes_a_dict(state: State) -> None:
    for values in (5, "x", [("x", 1)]):
        with pytest.raises(TypeError, match="a dict"):
            state.update(values)  # type: ignore[arg-type]


def test_a_state_is_no_sequence(state: State) -> None:
    with pytest.raises(TypeError, match="not iterable"):
        list(state)  # type: ignore[call-overload]


def test_a_decorator_without_its_names_is_told(state: State) -> None:
    def listener(**_: Any) -> None: ...

    for names in (listener, ["a", "b"], 5):
        with pytest.raises(TypeError, match=r'@state\.change\("x"\)'):
            state.change(names)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a function"):
        state.change("x")(None)  # type: ignore[type-var]
    assert not state._change_callbacks
