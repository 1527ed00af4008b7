"""The state as an object with traits."""

import threading
from typing import Any

import pytest
import traitlets
from hypothesis import given
from hypothesis import strategies as st
from ipywidgets import IntSlider

from jupyter_trame.core import _traitlets_private
from jupyter_trame.core.state import State
from jupyter_trame.core.traits import StateTraits
from jupyter_trame.core.translator import Translator
from tests.core.support import OwnerHooks


class Control(traitlets.HasTraits):
    value = traitlets.Any()


class Recorder:
    """Remembers the changes it is told of."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, Any, Any]] = []

    def __call__(self, change: Any) -> None:
        self.changes.append((change.name, change.old, change.new))


@pytest.fixture(autouse=True, params=["", "_"], ids=["private", "plain"])
def grows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a class may grow, as it does with the private parts of traitlets."""
    monkeypatch.setattr(
        _traitlets_private, "add_trait", getattr(_traitlets_private, f"{request.param}add_trait")
    )
    return request.param == ""


@pytest.fixture
def hooks() -> OwnerHooks:
    return OwnerHooks()


@pytest.fixture
def pushes() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def state(hooks: OwnerHooks, pushes: list[dict[str, Any]]) -> State:
    return State(commit_fn=lambda changes: pushes.append(dict(changes)), ready=True, hooks=hooks)


@pytest.fixture
def traits(state: State) -> StateTraits:
    return StateTraits(state)


@pytest.fixture
def seen() -> Recorder:
    return Recorder()


# Reading and writing


def test_reads_the_state(state: State, traits: StateTraits) -> None:
    assert traits.x is None
    state.x = 1
    assert traits.x == 1
    assert not state.has("y")
    assert traits.y is None
    assert not state.has("y")


def test_writes_and_flushes(state: State, traits: StateTraits, pushes: list[dict[str, Any]]) -> None:
    traits.x = 3
    assert state.x == 3
    assert pushes == [{"x": 3}]
    traits.set_trait("x", 4)
    assert pushes == [{"x": 3}, {"x": 4}]


@pytest.mark.parametrize("name", ["observe", "traits", "hold_trait_notifications", "trait_names"])
def test_names_of_hastraits_itself_have_no_trait(traits: StateTraits, name: str) -> None:
    assert not traits.has_trait(name)
    with pytest.raises(traitlets.TraitError, match=name):
        setattr(traits, name, 1)
    with pytest.raises(traitlets.TraitError, match=name):
        traits.observe(print, names=name)
    assert callable(getattr(traits, name))


def test_private_names_have_no_trait(traits: StateTraits) -> None:
    assert not traits.has_trait("_x")
    with pytest.raises(AttributeError, match="_x"):
        _ = traits._x


def test_traits_grow_when_asked_for(state: State, traits: StateTraits) -> None:
    state.update(a=1, b=2)
    assert traits.trait_names() == []
    assert traits.has_trait("a")
    assert "future" in traits.traits()
    assert traits.trait_names() == ["a"], "to look for one makes none"
    assert traits.traits()["future"].name == "future"
    assert traits.trait_names() == ["a", "future"]
    assert traits.trait_values() == {"a": 1, "future": None}
    assert traits.trait_has_value("a")
    assert not traits.trait_has_value("future")
    assert {"a", "b"} <= set(dir(traits))
    assert "_private" not in traits.traits()
    assert 5 not in traits.traits()
    with pytest.raises(KeyError, match="_private"):
        _ = traits.traits()["_private"]


def test_one_class_an_instance_however_many_traits(state: State, grows: bool) -> None:
    one, other = StateTraits(state), StateTraits(state)
    cls = type(one)
    for n in range(50):
        setattr(one, f"k{n}", n)
    assert (type(one) is cls) == grows
    assert type(other) is not cls
    assert cls.__mro__[1] is StateTraits
    assert other.trait_names() == []
    assert StateTraits.class_trait_names() == []


# Observers


def test_observers_of_future_keys(state: State, traits: StateTraits, seen: Recorder) -> None:
    traits.observe(seen, names="x")
    traits.observe(seen, names=["y", "z"])
    state.x = 1
    assert seen.changes == []
    state.flush()
    with state:
        state.y = 2
        state.w = 3
    assert seen.changes == [("x", None, 1), ("y", None, 2)]
    traits.unobserve(seen, names="x")
    with state:
        state.x = 5
    assert len(seen.changes) == 2


def test_a_trait_that_is_set_tells_at_once_and_only_once(
    state: State, traits: StateTraits, seen: Recorder
) -> None:
    traits.observe(seen, names="x")
    traits.x = 1
    traits.x = 1
    assert seen.changes == [("x", None, 1)]


def test_observers_are_told_before_listeners_run(state: State, traits: StateTraits) -> None:
    order: list[str] = []
    traits.observe(lambda change: order.append("observer"), names="x")
    state.change("x")(lambda **_: order.append("listener"))
    traits.x = 1
    with state:
        state.x = 2
    assert order == ["observer", "listener"] * 2


def test_observe_all(state: State, traits: StateTraits, seen: Recorder) -> None:
    with state:
        state.a = 1
    traits.observe(seen)
    with state:
        state.update(a=2, b=3, _private=4)
    traits.c = 5
    assert seen.changes == [("a", 1, 2), ("b", None, 3), ("c", None, 5)]


def test_a_value_changed_in_place_is_told(state: State, traits: StateTraits, seen: Recorder) -> None:
    traits.x = [1]
    traits.observe(seen, names="x")
    state.x.append(2)
    state.dirty("x")
    state.flush()
    assert seen.changes == [("x", [1, 2], [1, 2])]


def test_suppressed_changes_are_told(state: State, traits: StateTraits, seen: Recorder) -> None:
    traits.observe(seen, names="x")
    with state, state.suppress_change_listeners():
        state.x = 1
    assert seen.changes == [("x", None, 1)]


def test_a_pending_value_that_was_seen_is_not_told_again(
    state: State, traits: StateTraits, seen: Recorder
) -> None:
    state.x = 1
    traits.observe(seen, names="x")
    state.flush()
    assert seen.changes == []


def test_before_ready_observers_are_told_at_once(
    hooks: OwnerHooks, pushes: list[dict[str, Any]], seen: Recorder
) -> None:
    state = State(commit_fn=pushes.append, hooks=hooks)
    traits = StateTraits(state)
    traits.observe(seen, names="x")
    traits.x = 1
    assert (seen.changes, pushes) == ([("x", None, 1)], [])
    state.ready()
    assert (len(seen.changes), len(pushes)) == (1, 1)


def test_an_observer_may_set_traits(state: State, traits: StateTraits, pushes: list[dict[str, Any]]) -> None:
    seen = Recorder()
    traits.observe(seen, names=["x", "y"])

    def double(change: Any) -> None:
        traits.y = change.new * 2

    traits.observe(double, names="x")
    with state:
        state.x = 1
    assert pushes == [{"x": 1}, {"y": 2}]
    traits.x = 2
    assert seen.changes == [("x", None, 1), ("y", None, 2), ("x", 1, 2), ("y", 2, 4)]
    assert state.y == 4


def test_an_observer_may_change_its_own_trait(
    state: State, traits: StateTraits, hooks: OwnerHooks, seen: Recorder
) -> None:
    def clamp(change: Any) -> None:
        traits.x = min(change.new, 10)

    traits.observe(clamp, names="x")
    traits.observe(seen, names="x")
    traits.x = 50
    hooks.run_deferred()
    assert traits.x == state.to_dict()["x"] == 10
    with state:
        state.x = 60
    hooks.run_deferred()
    assert traits.x == state.to_dict()["x"] == 10
    assert hooks.errors == []


def test_a_listener_that_changes_the_value_is_told_of(
    state: State, traits: StateTraits, hooks: OwnerHooks, seen: Recorder
) -> None:
    @state.change("x")
    def clamp(x: int, **_: Any) -> None:
        state.x = min(x, 10)

    traits.observe(seen, names="x")
    traits.x = 50
    hooks.run_deferred()
    assert seen.changes == [("x", None, 50), ("x", 50, 10)]


def test_a_write_that_is_taken_back_within_the_flush_is_told_of(
    state: State, traits: StateTraits, seen: Recorder
) -> None:
    with state:
        state.x = 1
    traits.observe(seen, names="x")

    @state.change("go")
    def there_and_back(**_: Any) -> None:
        traits.x = 2
        state.x = 1

    with state:
        state.go = True
    assert seen.changes == [("x", 1, 2), ("x", 2, 1)]


def test_an_observer_that_fails_in_a_flush_is_reported_and_the_others_are_told(
    state: State, traits: StateTraits, hooks: OwnerHooks, seen: Recorder
) -> None:
    traits.observe(lambda change: 1 / 0, names="x")
    traits.observe(seen, names="y")
    with state:
        state.update(x=1, y=1)
    assert [type(error) for error in hooks.errors] == [ZeroDivisionError]
    assert seen.changes == [("y", None, 1)]


def test_an_observer_that_fails_in_a_write_fails_the_write_but_the_value_is_pushed(
    traits: StateTraits, pushes: list[dict[str, Any]]
) -> None:
    traits.observe(lambda change: 1 / 0, names="x")
    with pytest.raises(ZeroDivisionError):
        traits.x = 1
    assert pushes == [{"x": 1}]


def test_notifications_can_be_held(traits: StateTraits, seen: Recorder) -> None:
    traits.observe(seen, names="x")
    with traits.hold_trait_notifications():
        traits.x = 1
        traits.x = 2
        assert seen.changes == []
    assert [change[2] for change in seen.changes] == [2]


def test_a_foreign_thread_writes_and_the_owner_is_told(
    state: State, traits: StateTraits, hooks: OwnerHooks, pushes: list[dict[str, Any]]
) -> None:
    told: list[Any] = []
    traits.observe(lambda change: told.append((change.new, hooks.owns_thread())), names="x")
    thread = threading.Thread(target=lambda: setattr(traits, "x", 1))
    thread.start()
    thread.join()
    assert (pushes, told) == ([{"x": 1}], [])
    hooks.run_deferred()
    assert told == [(1, True)]


def test_a_foreign_thread_writes_before_ready(hooks: OwnerHooks, seen: Recorder) -> None:
    state = State(hooks=hooks)
    traits = StateTraits(state)
    traits.observe(seen, names="x")
    thread = threading.Thread(target=lambda: setattr(traits, "x", 1))
    thread.start()
    thread.join()
    assert seen.changes == []
    hooks.run_deferred()
    assert seen.changes == [("x", None, 1)]


def test_traits_of_a_child(state: State, seen: Recorder) -> None:
    child = State(translator=Translator("p_"), internal=state)
    traits = StateTraits(child)
    traits.observe(seen)
    with state:
        state.update(p_x=1, x=2)
    assert traits.x == 1
    traits.y = 3
    assert state.p_y == 3
    assert seen.changes == [("x", None, 1), ("y", None, 3)]


# Links


def test_link(state: State, traits: StateTraits, pushes: list[dict[str, Any]]) -> None:
    control = Control(value=1)
    with state:
        state.x = 5
    link = traitlets.link((traits, "x"), (control, "value"))
    assert control.value == 5
    control.value = 6
    assert state.x == 6
    with state:
        state.x = 7
    assert control.value == 7
    assert pushes == [{"x": 5}, {"x": 6}, {"x": 7}]
    link.unlink()
    control.value = 8
    assert state.x == 7


def test_link_from_a_control_to_a_future_key(state: State, traits: StateTraits) -> None:
    control = Control(value=1)
    traitlets.link((control, "value"), (traits, "x"))
    assert state.to_dict() == {"x": 1}
    with state:
        state.x = 2
    assert control.value == 2


def test_two_controls_on_one_key(state: State, traits: StateTraits, pushes: list[dict[str, Any]]) -> None:
    one, other = Control(), Control()
    traitlets.link((traits, "x"), (one, "value"))
    traitlets.link((traits, "x"), (other, "value"))
    traitlets.dlink((traits, "x"), (shown := Control(), "value"), str)
    one.value = 3
    assert (other.value, shown.value, state.x) == (3, "3", 3)
    other.value = 4
    assert (one.value, shown.value, state.x) == (4, "4", 4)
    assert pushes == [{"x": 3}, {"x": 4}]


def test_link_with_a_widget_and_a_listener_that_clamps(
    state: State, traits: StateTraits, hooks: OwnerHooks
) -> None:
    @state.change("x")
    def clamp(x: int, **_: Any) -> None:
        state.x = min(x, 10)

    with state:
        state.x = 5
    slider = IntSlider(max=100)
    traitlets.link((traits, "x"), (slider, "value"))
    slider.value = 50
    hooks.run_deferred()
    assert (state.x, slider.value) == (10, 10)
    with state:
        state.x = 70
    assert (state.x, slider.value) == (10, 10)
    assert hooks.errors == []


def test_linked_keys_of_two_states_settle(hooks: OwnerHooks) -> None:
    one, other = State(ready=True, hooks=hooks), State(ready=True, hooks=hooks)
    traitlets.link((StateTraits(one), "x"), (StateTraits(other), "x"))
    with one:
        one.x = 1
    assert other.to_dict() == {"x": 1}
    with other:
        other.x = 2
    assert one.to_dict() == {"x": 2}


operations = st.lists(
    st.tuples(st.sampled_from(["state", "flush", "trait", "control"]), st.integers(0, 3)), max_size=15
)


@given(operations)
def test_after_a_flush_everything_agrees(steps: list[tuple[str, int]]) -> None:
    hooks = OwnerHooks()
    state = State(ready=True, hooks=hooks)
    state.change("x")(lambda x, **_: state.update(doubled=x * 2, x=min(x, 2)))
    with state:
        state.x = 0
    traits, control, seen = StateTraits(state), Control(), Recorder()
    traitlets.link((traits, "x"), (control, "value"))
    traits.observe(seen, names="x")
    for step, value in steps:
        if step == "state":
            state.x = value
        elif step == "flush":
            state.flush()
        elif step == "trait":
            traits.x = value
        else:
            control.value = value
    state.flush()
    hooks.run_deferred()
    assert state.to_dict()["x"] == traits.x == control.value
    assert state.x <= 2
    assert state.doubled >= state.x
    assert not seen.changes or seen.changes[-1][2] == state.x
    assert all(
        old == previous[2] for previous, (_, old, _) in zip(seen.changes, seen.changes[1:], strict=False)
    )
    assert hooks.errors == []
