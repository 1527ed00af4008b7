"""Values that are changed in place: fingerprints, and what the state makes of them."""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.core.in_place import UNCHANGING, InPlace, fingerprint
from jupyter_trame.core.state import State
from jupyter_trame.core.translator import Translator
from jupyter_trame.core.values import equal_value
from tests.core.support import OwnerHooks


class Pair(NamedTuple):
    left: Any
    right: int


@dataclass
class Plain:
    x: int = 1
    inner: Any = None
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Slotted:
    x: int
    missing: Any = field(init=False)


class Words(list[str]):
    def __iter__(self) -> Any:
        raise AssertionError("methods of users are left alone")


class Opaque:
    value = 1


def knot() -> list[Any]:
    value: list[Any] = [1, {}]
    value[1]["self"] = value
    return value


def tied() -> Plain:
    value = Plain()
    value.inner = [value, value]
    return value


def masked() -> Any:
    return np.ma.masked_array([1, 2], [True, False])


CHANGES: list[tuple[str, Callable[[], Any], Callable[[Any], object]]] = [
    ("list", lambda: [1, 2], lambda v: v.append(3)),
    ("item", lambda: [1, 2], lambda v: v.__setitem__(0, True)),
    ("order", lambda: [1, 2], lambda v: v.reverse()),
    ("long list", lambda: list(range(50_000)), lambda v: v.__setitem__(49_999, 0)),
    ("dict", lambda: {"a": 1}, lambda v: v.update(b=2)),
    ("order of a dict", lambda: {"a": 1, "b": 2}, lambda v: v.update(a=v.pop("a"))),
    ("nested", lambda: {"a": [{"b": {1}}]}, lambda v: v["a"][0]["b"].add(2)),
    ("in a tuple", lambda: ([],), lambda v: v[0].append(1)),
    ("set", lambda: {1, 2}, lambda v: v.discard(2)),
    ("dataclass", lambda: [Plain()], lambda v: setattr(v[0], "x", 2)),
    ("in a dataclass", Plain, lambda v: v.tags.append("t")),
    ("slots", lambda: Slotted(1), lambda v: setattr(v, "x", 2)),
    ("field that was missing", lambda: Slotted(1), lambda v: setattr(v, "missing", 2)),
    ("bytearray", lambda: bytearray(b"ab"), lambda v: v.__setitem__(0, 0)),
    ("large bytearray", lambda: [bytearray(200_000)], lambda v: v[0].__setitem__(100_000, 1)),
    ("memoryview", lambda: memoryview(bytearray(4)), lambda v: v.__setitem__(0, 1)),
    ("array", lambda: np.zeros(4), lambda v: v.__setitem__(3, -0.0)),
    ("large array", lambda: np.zeros((100, 1000)), lambda v: v.__setitem__((99, 999), 1)),
    ("view", lambda: np.zeros((4, 4))[::2, ::-1], lambda v: v.__setitem__((1, 1), 1)),
    ("array of dates", lambda: np.zeros(2, "M8[s]"), lambda v: v.__setitem__(0, 1)),
    ("array of objects", lambda: np.array([[1], None], object), lambda v: v[0].append(2)),
    ("shape", lambda: np.zeros((2, 3)), lambda v: v.resize((3, 2), refcheck=False)),
    ("mask", masked, lambda v: v.mask.__setitem__(0, False)),
    ("holds itself", knot, lambda v: v[1].update(b=1)),
    ("dataclass that holds itself", tied, lambda v: setattr(v, "x", 2)),
    ("derived dict", lambda: OrderedDict(a=1), lambda v: v.update(a=2)),
    ("derived list", lambda: Words("ab"), lambda v: v.append("c")),
    ("in a named tuple", lambda: Pair([], 1), lambda v: v.left.append(1)),
    ("another object", lambda: [Opaque()], lambda v: v.__setitem__(0, Opaque())),
]


@pytest.mark.parametrize(("make", "change"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_a_change_is_seen_and_nothing_else(make: Callable[[], Any], change: Callable[[Any], object]) -> None:
    value = make()
    before = fingerprint(value)
    assert before is not None
    assert before == fingerprint(value)
    change(value)
    assert before != fingerprint(value)
    assert fingerprint(value) == fingerprint(value)


def test_a_knot_with_many_ways_around_is_quick() -> None:
    value: list[Any] = []
    value += [value, value, value]
    before = fingerprint(value)
    value.append(value)
    assert fingerprint(value) != before


class Failing(dict[str, Any]):
    def __reduce_ex__(self, protocol: Any) -> Any:
        raise AssertionError("no code of users is asked")


def deep() -> Any:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize("value", [Opaque(), print, Opaque, threading.Lock(), deep()], ids=lambda v: type(v))
def test_what_cannot_be_looked_into_has_no_fingerprint(value: Any) -> None:
    assert fingerprint(value) is None


def test_code_of_users_is_not_run() -> None:
    assert fingerprint(Failing(a=1)) != fingerprint(Failing(a=2))
    assert fingerprint([Opaque]) is not None


def test_an_object_is_known_by_its_identity_while_its_fingerprint_lives() -> None:
    value: list[Any] = [Opaque()]
    before = fingerprint(value)
    for _ in range(100):  # memory that is given back is soon used again
        value[0] = Opaque()
        assert fingerprint(value) != before


def test_a_fingerprint_equals_nothing_else() -> None:
    assert fingerprint([1]) != [1]


def test_a_value_that_changes_meanwhile_equals_nothing() -> None:
    class Racing(Opaque):
        pass

    value = {n: Racing() for n in range(10_000)}
    stop = threading.Event()

    def change() -> None:
        n = 0
        while not stop.is_set():
            value.pop(n % 10_000, None)
            value[n % 10_000] = Racing()
            n += 1

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(20):
            assert fingerprint(value) is not None
    finally:
        stop.set()
        thread.join()


def test_types_that_never_change() -> None:
    assert {int, str, bytes, float, bool, type(None), dt.datetime} <= UNCHANGING
    assert not {list, dict, set, tuple, bytearray, np.ndarray} & UNCHANGING


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(json_values, max_size=4))
def test_a_change_there_and_back_is_none(value: list[Any]) -> None:
    before = fingerprint(value)
    value.append(0)
    assert fingerprint(value) != before
    value.pop()
    assert fingerprint(value) == before


# The state


Pushes = list[dict[str, Any]]


@pytest.fixture
def pushes() -> Pushes:
    return []


@pytest.fixture
def state(pushes: Pushes) -> State:
    return State(commit_fn=lambda changes: pushes.append(dict(changes)), ready=True)


@pytest.mark.parametrize(("make", "change"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_the_flush_notices(
    state: State, pushes: Pushes, make: Callable[[], Any], change: Callable[[Any], object]
) -> None:
    calls: list[Any] = []
    state.change("x")(lambda x, **_: calls.append(x))
    value = make()
    state.update(x=value, y=1)
    state.flush()
    assert state.x is value
    assert state.flush() == set()
    change(state.x)
    assert state.flush() == {"x"}
    assert state.flush() == set()
    assert [list(push) for push in pushes] == [["x", "y"], ["x"]]
    assert [call is value for call in calls] == [True, True]


def test_the_switch_belongs_to_the_root(pushes: Pushes) -> None:
    root = State(commit_fn=lambda changes: pushes.append(dict(changes)), ready=True, in_place=False)
    child = State(internal=root, in_place=True)
    child.x = []
    root.flush()
    child.x.append(1)
    assert root.flush() == set()
    child.dirty("x")
    assert root.flush() == {"x"}


def test_a_look_through_any_state_of_the_tree_counts(state: State) -> None:
    child = State(translator=Translator("p_"), internal=state)
    child.x = []
    state.flush()
    child.x.append(1)
    assert state.flush() == {"p_x"}
    state["p_x"].append(2)
    assert state.flush() == {"p_x"}
    child.setdefault("x", 0).append(3)
    assert state.flush() == {"p_x"}


def test_a_reference_of_one_s_own_counts_when_it_is_set_or_read_again(state: State) -> None:
    value = [1]
    state.x = value
    value.append(2)
    assert state.flush() == {"x"}
    value.append(3)
    assert state.flush() == set(), "nobody looked"
    assert state.x == [1, 2, 3]
    assert state.flush() == {"x"}
    value.append(4)
    state.x = value
    assert state.flush() == {"x"}


def test_a_copy_that_was_set_stands_for_the_value(state: State, pushes: Pushes) -> None:
    state.x = [1]
    state.flush()
    copy = [1]
    state.x = copy
    assert state.x is copy
    assert not state.is_dirty("x")
    copy.append(2)
    assert state.flush() == {"x"}
    assert pushes[-1]["x"] is copy


def test_a_change_in_place_cannot_be_hidden_by_a_copy(state: State) -> None:
    value = [1]
    state.x = value
    state.flush()
    value.append(2)
    state.x = [1, 2]
    assert state.flush() == {"x"}
    state.x.append(3)
    state.x = [1, 2]
    state.flush()
    assert state.x == [1, 2]


def test_the_equality_of_the_state_decides_what_a_copy_is() -> None:
    state = State(ready=True, equal=equal_value)
    state.x = [1]
    state.flush()
    state.x = [True]
    assert state.flush() == set()


def test_a_listener_may_change_what_it_is_given_by_name(state: State, pushes: Pushes) -> None:
    @state.change("go")
    def on_go(go: int, x: list[int], **rest: Any) -> None:
        x.append(go)

    @state.change("x")
    def on_x(**values: Any) -> None:
        lengths.append(len(values["x"]))

    lengths: list[int] = []
    state.update(go=1, x=[])
    state.flush()
    assert [list(push) for push in pushes] == [["go", "x"], ["x"]]
    assert lengths == [1, 1]
    state.go = 2
    state.flush()
    assert lengths == [1, 1, 2]


def test_what_the_rest_holds_is_by_no_name(state: State) -> None:
    @state.change("go")
    def on_go(**values: Any) -> None:
        values["x"].append(1)

    @state.change("go")
    def both(y: list[int], **values: Any) -> None:
        y.append(len(values))

    state.update(go=1, x=[], y=[])
    state.flush()
    state.go = 2
    assert state.flush() == {"go", "y"}


def test_changes_under_suppression_are_pushed_silently(state: State, pushes: Pushes) -> None:
    calls: list[str] = []
    for key in "ab":
        state.change(key)(lambda key=key, **_: calls.append(key))
    state.update(a=[], b=[])
    state.flush()
    calls.clear()
    state.a.append(1)
    with state.suppress_change_listeners():
        state.b.append(1)
    assert state.flush() == {"a", "b"}
    assert calls == ["a"]
    assert len(pushes) == 2


def test_a_failed_commit_is_made_up_for() -> None:
    def commit(changes: dict[str, Any]) -> None:
        if fails:
            state.x  # noqa: B018 - a look while the fingerprints are older than the values
            raise OSError("gone")
        pushes.append({key: list(value) for key, value in changes.items()})

    fails, pushes = False, Pushes()
    state = State(commit_fn=commit, ready=True)
    state.x = [1]
    state.flush()
    fails = True
    state.x.append(2)
    with pytest.raises(OSError, match="gone"):
        state.flush()
    fails = False
    state.flush()
    state.x.append(3)
    state.flush()
    assert pushes == [{"x": [1]}, {"x": [1, 2]}, {"x": [1, 2, 3]}]


def test_what_was_cleaned_is_known(state: State) -> None:
    state.x = [1]
    state.clean("x")
    state.x.append(2)
    assert state.flush() == {"x"}


def test_another_type_in_its_place(state: State) -> None:
    for value in ([1], 5, [2], Opaque(), (1, 2), None):
        state.x = value
        assert state.flush() == {"x"}
        assert state.x is value
        assert state.flush() == set()


def test_nothing_is_noticed_before_the_state_is_ready() -> None:
    pushes = Pushes()
    state = State(commit_fn=lambda changes: pushes.append(dict(changes)))
    state.x = []
    state.x.append(1)
    assert state.flush() is None
    state.ready()
    assert pushes == [{"x": [1]}]


def test_a_flush_of_another_thread_is_not_the_end_of_a_look(pushes: Pushes) -> None:
    hooks = OwnerHooks()
    state = State(commit_fn=lambda changes: pushes.append(dict(changes)), ready=True, hooks=hooks)
    state.x = [1]
    state.flush()
    mine = state.x
    run(state.flush)
    mine.append(2)
    assert state.flush() == {"x"}

    def change() -> None:
        theirs = state.x
        asked.set()
        assert flushed.wait(10)
        theirs.append(3)
        results.append(state.flush())

    asked, flushed, results = threading.Event(), threading.Event(), list[Any]()
    thread = threading.Thread(target=change)
    thread.start()
    assert asked.wait(10)
    assert state.flush() == set()
    flushed.set()
    thread.join()
    assert results == [{"x"}]


def test_the_looks_of_threads_that_ended_are_forgotten() -> None:
    in_place = InPlace()
    run(lambda: in_place.look("x"))
    assert list(in_place.changed({"x": [1]})) == []
    assert not in_place.looked


def run(fn: Callable[[], object]) -> None:
    """Run `fn` on another thread to its end."""
    thread = threading.Thread(target=fn)
    thread.start()
    thread.join()


# Cost


def test_only_what_was_looked_at_is_compared(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[Any] = []

    def counting(value: Any) -> Any:
        compared.append(value)
        return fingerprint(value)

    monkeypatch.setattr("jupyter_trame.core.in_place.fingerprint", counting)
    state.update({f"k{n}": [n] for n in range(100)} | {"n": 1, "s": "text"})
    state.flush()
    assert len(compared) == 100
    compared.clear()
    for _ in range(3):
        state.n += 1
        assert state.s == "text"
        state.flush()
    assert compared == []
    assert state.k7 == [7]
    state.flush()
    state.flush()
    assert compared == [[7]]
