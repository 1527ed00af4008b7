"""The state: reading and writing, what is pending, and the flush."""

from typing import Any

import pytest

from jupyter_trame.core import State
from jupyter_trame.core.values import equal_value
from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both, record


@fact("api 4", "`State(translator, internal, commit_fn, hot_reload, ready)` are its arguments, in this order")
@both
def test_arguments(peer: Peer) -> None:
    pushes: list[dict[str, Any]] = []
    translator = peer.translator("p_")
    state = peer.state(translator, None, lambda changes: pushes.append(dict(changes)), False, True)
    state.a = 1
    state.flush()
    assert pushes == [{"p_a": 1}]
    assert state.is_ready


@fact("api 4", "a state over `internal` shares values, listeners, status, modified keys and suppression")
@both
def test_internal_is_shared(peer: Peer) -> None:
    root, _ = record(peer)
    calls: list[str] = []
    child = peer.state(peer.translator("c_"), root, lambda changes: None)
    root.change("c_a")(lambda **_: calls.append("root"))
    child.a = 1
    assert (root.c_a, root.is_dirty("c_a"), child.is_ready) == (1, True, True)
    child.flush()
    assert (calls, root.modified_keys, child.modified_keys) == (["root"], {"c_a"}, {"c_a"})
    with root.suppress_change_listeners("c_a"):
        child.a = 2
    child.flush()
    assert calls == ["root"]


@fact("api 4", "translator and commit function belong to each member of a family of states")
@both
def test_members_have_their_own(peer: Peer) -> None:
    root, root_pushes = record(peer)
    child_pushes: list[dict[str, Any]] = []
    child = peer.state(peer.translator("c_"), root, lambda changes: child_pushes.append(dict(changes)))
    assert child.translator.translate_key("a") == "c_a"
    assert root.translator.translate_key("a") == "a"
    child.a = 1
    child.flush()
    assert (root_pushes, child_pushes) == ([], [{"c_a": 1}])


@fact("api 4", "a read gives the pending value, else the pushed one, else None")
@both
def test_layers(peer: Peer) -> None:
    state, _ = record(peer)
    assert state.x is None
    assert state["x"] is None
    state.x = 1
    assert (state.x, state["x"]) == (1, 1)
    state.flush()
    state["x"] = 2
    assert (state.x, state["x"]) == (2, 2)


@fact("api 4", "writing the pushed value again drops the pending one and its listener mark")
@both
def test_a_write_back_is_no_change(peer: Peer) -> None:
    state, pushes = record(peer)
    calls: list[Any] = []
    state.change("x")(lambda x, **_: calls.append(x))
    state.x = 1
    state.flush()
    state.x = 2
    state.x = 1
    assert not state.is_dirty("x")
    assert state.flush() == set()
    assert (pushes, calls) == ([{"x": 1}], [1])


@fact("api 4", "an attribute that begins with `_` is plain Python, never state, and None where it is unknown")
@fact("api 4", "`state['_x']` is state")
@both
def test_underscore(peer: Peer) -> None:
    state, pushes = record(peer)
    assert state._unknown is None
    state._x = 1
    assert (state._x, state.has("_x")) == (1, False)
    state["_x"] = 2
    state.flush()
    assert (state._x, state["_x"], pushes) == (1, 2, [{"_x": 2}])


@fact("api 4", "a dunder attribute is looked up on `object`")
@both
def test_dunder(peer: Peer) -> None:
    state, _ = record(peer)
    assert isinstance(state.__hash__(), int)
    with pytest.raises(AttributeError):
        _ = state.__no_such_thing__


@fact("api 4", "`'x' in state` and `state.has('x')` hold for pending and for pushed keys")
@both
def test_has(peer: Peer) -> None:
    state, _ = record(peer)
    assert not state.has("x")
    assert "x" not in state
    state.x = None
    assert state.has("x")
    state.flush()
    assert "x" in state


@fact("api 4", "`state.update(dict, **kw)` sets each, keyword arguments win")
@fact("api 4", "`update` of a key that was never pushed makes it pending even with None")
@both
def test_update(peer: Peer) -> None:
    state, pushes = record(peer)
    state.update({"a": 1, "b": 2}, b=3, c=None)
    assert state.is_dirty_all("a", "b", "c")
    state.flush()
    assert pushes == [{"a": 1, "b": 3, "c": None}]


@fact("api 4", "`setdefault` returns the pushed or pending value, else makes its own pending")
@fact("api 4", "`setdefault` of a pending key marks it for listeners")
@both
def test_setdefault(peer: Peer) -> None:
    state, pushes = record(peer)
    calls: list[Any] = []
    state.change("a")(lambda a, **_: calls.append(a))
    with state.suppress_change_listeners():
        state.a = 1
    assert state.setdefault("a", 5) == 1
    assert state.setdefault("b", 2) == 2
    state.flush()
    assert state.setdefault("a", 7) == 1
    assert state.flush() == set()
    assert (pushes, calls) == ([{"a": 1, "b": 2}], [1])


@fact("api 4", "`dirty` makes keys pending with their value of now (None where there is none) and marks them")
@both
def test_dirty(peer: Peer) -> None:
    state, pushes = record(peer)
    calls: list[Any] = []
    state.change("a", "unknown")(lambda a, unknown, **_: calls.append((a, unknown)))
    state.a = [1]
    state.flush()
    calls.clear()
    state.a.append(2)
    state.dirty("a", "unknown")
    state.flush()
    assert pushes[1:] == [{"a": [1, 2], "unknown": None}]
    assert calls == [([1, 2], None)]


@fact("api 4", "`clean` takes pending values for pushed: neither clients nor listeners are told")
@both
def test_clean(peer: Peer) -> None:
    state, pushes = record(peer)
    calls: list[Any] = []
    state.change("a")(lambda a, **_: calls.append(a))
    state.a = 1
    state.clean("a")
    assert (state.a, state.is_dirty("a")) == (1, False)
    state.flush()
    assert (pushes, calls) == ([], [])


@fact(
    "api 4",
    "`clean` forgets the listener marks of the keys that are cleaned, and of no others",
    trame="forgets the marks of all keys: the others are pushed and their listeners do not run",
)
def test_clean_leaves_other_keys_alone() -> None:
    state, pushes = record(OURS)
    calls: list[Any] = []
    state.change("b")(lambda b, **_: calls.append(b))
    state.update(a=1, b=2)
    state.clean("a")
    state.flush()
    assert (pushes, calls) == ([{"b": 2}], [2])


@fact("api 4", "`is_dirty(*keys)`: any is pending, False without keys")
@fact("api 4", "`is_dirty_all(*keys)`: all are pending, True without keys")
@both
def test_is_dirty(peer: Peer) -> None:
    state, _ = record(peer)
    state.a = 1
    assert state.is_dirty("a", "b")
    assert not state.is_dirty("b")
    assert not state.is_dirty()
    assert state.is_dirty_all("a")
    assert not state.is_dirty_all("a", "b")
    assert state.is_dirty_all()


@fact(
    "api 4", "`client_only` appends the names that are missing and flushes everything; else it does nothing"
)
@both
def test_client_only(peer: Peer) -> None:
    state, pushes = record(peer)
    state.trame__client_only = ["trame__busy"]
    state.flush()
    state.other = 1
    state.client_only("a", "trame__busy")
    assert pushes[1:] == [{"other": 1, "trame__client_only": ["trame__busy", "a"]}]
    state.other = 2
    state.client_only("a")
    assert (len(pushes), state.is_dirty("other")) == (2, True)


@fact("api 4", "`to_dict` flushes and returns the live dict of pushed values under the names of the root")
@both
def test_to_dict(peer: Peer) -> None:
    root, pushes = record(peer)
    child = peer.state(peer.translator("c_"), root, lambda changes: pushes.append(dict(changes)))
    child.a = 1
    values = child.to_dict()
    assert (values, pushes) == ({"c_a": 1}, [{"c_a": 1}])
    child.b = 2
    child.flush()
    assert values == {"c_a": 1, "c_b": 2}


@fact("api 4", "`initial` gives all values, pending ones among them; listener marks survive it")
@both
def test_initial(peer: Peer) -> None:
    state, _ = record(peer)
    calls: list[Any] = []
    state.change("a")(lambda a, **_: calls.append(a))
    state.a = 1
    assert (state.initial, calls) == ({"a": 1}, [])
    state.b = 1
    state.flush()
    assert calls == [1]


@fact(
    "api 4",
    "what was pending when `initial` was read is pushed by the next flush all the same",
    trame="takes it for pushed: clients that are connected are never told",
)
def test_initial_leaves_what_is_pending() -> None:
    state, pushes = record(OURS)
    state.a = 1
    assert state.initial == {"a": 1}
    state.flush()
    assert pushes == [{"a": 1}]


@fact("api 4", "`with state as s:` flushes at its end, also when the block raises")
@both
def test_with(peer: Peer) -> None:
    state, pushes = record(peer)
    with state as entered:
        state.a = 1
    assert entered is state
    with pytest.raises(KeyError), state:
        state.a = 2
        raise KeyError
    assert pushes == [{"a": 1}, {"a": 2}]


@fact("api 4", "`ready()` lets flushes happen and flushes, once; `is_ready` tells")
@both
def test_ready(peer: Peer) -> None:
    pushes: list[dict[str, Any]] = []
    state = peer.state(commit_fn=lambda changes: pushes.append(dict(changes)))
    state.a = 1
    assert not state.is_ready
    assert state.flush() is None
    state.ready()
    assert (state.is_ready, pushes) == (True, [{"a": 1}])
    state.a = 2
    state.ready()
    assert pushes == [{"a": 1}]


@fact("api 4", "`modified_keys` holds the root's names of the flush round that runs, or ran last")
@both
def test_modified_keys(peer: Peer) -> None:
    root, _ = record(peer)
    child = peer.state(peer.translator("c_"), root, lambda changes: None)
    seen: list[set[str]] = []

    @child.change("a", "b")
    def on_change(**_: Any) -> None:
        seen.append(set(child.modified_keys))
        child.b = 1

    child.a = 1
    root.flush()
    assert seen == [{"c_a"}, {"c_b"}]
    assert root.modified_keys == child.modified_keys == {"c_b"}


@fact("api 4", "`state.translator` is the one it was made with")
@both
def test_translator(peer: Peer) -> None:
    translator = peer.translator("p_")
    assert peer.state(translator).translator is translator


@fact("api 4", "a value is unchanged where `==` says so: `True`, `1` and `1.0` are one")
@both
def test_equality(peer: Peer) -> None:
    state, pushes = record(peer)
    for value in (1, True, 1.0):
        state.a = value
        state.flush()
    assert pushes == [{"a": 1}]


@fact("api 4", "a list that was changed in place and is set again is unchanged; `dirty` says that it is not")
@both
def test_in_place(peer: Peer) -> None:
    state, _ = record(peer)
    items = [1]
    state.items_ = items
    state.flush()
    items.append(2)
    state.items_ = items
    assert state.flush() == set()
    state.dirty("items_")
    assert state.flush() == {"items_"}


@fact(
    "api 4",
    "without `compat`, values of another type are changes and what is changed in place is noticed",
    trame="`True` after `1`, or an item appended in place, reaches nobody",
)
def test_strict_equality() -> None:
    pushes: list[dict[str, Any]] = []
    state = State(commit_fn=lambda changes: pushes.append({**changes}), ready=True)
    state.update(a=1, items_=[1])
    state.flush()
    state.a = True
    state.items_.append(2)
    state.flush()
    assert pushes[1:] == [{"a": True, "items_": [1, 2]}]
    assert pushes[1]["a"] is True


@fact(
    "api 4",
    "values whose `==` is no bool may be written: arrays count by content, else such a write is a change",
    trame="the second write of a numpy array raises ValueError",
)
def test_values_without_a_truth_value() -> None:
    numpy = pytest.importorskip("numpy")
    state = State(equal=equal_value, in_place=False, ready=True)
    state.a = numpy.zeros(2)
    state.flush()
    state.a = numpy.zeros(2)
    assert not state.is_dirty("a")
    state.a = numpy.ones(2)
    assert state.is_dirty("a")
