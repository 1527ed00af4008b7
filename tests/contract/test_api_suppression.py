"""Change listeners that are suppressed."""

from typing import Any

import pytest

from tests.contract.facts import fact
from tests.contract.peers import Peer, both, record


@fact("api 4.3", "a key that is modified under suppression is pushed, and its listeners do not run")
@fact("api 4.3", "without names all keys are suppressed")
@pytest.mark.parametrize("names", [("a",), ()])
@both
def test_suppression(peer: Peer, names: tuple[str, ...]) -> None:
    state, pushes = record(peer)
    calls: list[str] = []
    state.change("a")(lambda **_: calls.append("a"))
    state.change("b")(lambda **_: calls.append("b"))
    with state.suppress_change_listeners(*names):
        state.update(a=1, b=1)
    state.flush()
    assert pushes == [{"a": 1, "b": 1}]
    assert calls == (["b"] if names else [])


@fact("api 4.3", "names are those of the state that is asked, not of its root")
@both
def test_suppression_in_a_child(peer: Peer) -> None:
    root, _ = record(peer)
    child = peer.state(peer.translator("c_"), root, lambda changes: None)
    calls: list[str] = []
    root.change("a")(lambda **_: calls.append("root"))
    child.change("a")(lambda **_: calls.append("child"))
    with child.suppress_change_listeners("a"):
        child.a = 1
        root.a = 1
    root.flush()
    assert calls == ["root"]


@fact(
    "api 4.3",
    "what counts is when the key is modified, not when it is flushed: a key marked before stays marked",
)
@fact("api 4.3", "a later modification without suppression marks the key again")
@both
def test_suppression_is_decided_at_the_write(peer: Peer) -> None:
    state, _ = record(peer)
    calls: list[Any] = []
    state.change("a", "b")(lambda a=0, b=0, **_: calls.append((a, b)))
    state.a = 1
    with state.suppress_change_listeners("a"):
        state.a = 2
        state.flush()
    with state.suppress_change_listeners("b"):
        state.b = 1
    state.b = 2
    state.flush()
    assert calls == [(2, 0), (2, 2)]


@fact("api 4.3", "nested suppressions add up, and one that catches all wins")
@both
def test_nested_suppression(peer: Peer) -> None:
    state, _ = record(peer)
    calls: list[str] = []
    for key in ("a", "b", "c"):
        state.change(key)(lambda key=key, **_: calls.append(key))
    with state.suppress_change_listeners("a"):
        with state.suppress_change_listeners("b"):
            state.update(a=1, b=1, c=1)
        state.b = 2
        with state.suppress_change_listeners():
            state.c = 2
    state.flush()
    assert calls == ["c", "b"]


@fact("api 4.3", "an exception ends the suppression")
@both
def test_suppression_ends(peer: Peer) -> None:
    state, _ = record(peer)
    calls: list[str] = []
    state.change("a")(lambda **_: calls.append("a"))
    with pytest.raises(KeyError), state.suppress_change_listeners():
        raise KeyError
    state.a = 1
    state.flush()
    assert calls == ["a"]
