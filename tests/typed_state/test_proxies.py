"""Where the fields of a dataclass lie, and stand-ins for it."""

from dataclasses import dataclass, field

import pytest

from jupyter_trame.core import State
from jupyter_trame.typed_state.collections import CollectionEncoderDecoder
from jupyter_trame.typed_state.proxies import (
    DataProxy,
    Leaf,
    NameProxy,
    Node,
    ValueField,
    assign,
    assign_missing,
    field_dict,
    make_node,
    node_of,
    plain_value,
)


@dataclass
class Inner:
    a: int = 1
    b: int = field(default_factory=lambda: 2, init=False)


@dataclass
class Outer:
    inner: Inner
    c: str
    maybe: Inner | None = None


def proxies() -> tuple[State, NameProxy, DataProxy]:
    state = State(ready=True)
    node = make_node(Outer, "n")
    return state, NameProxy(node), DataProxy(node, state, CollectionEncoderDecoder())


def test_the_layout() -> None:
    node = make_node(Outer, "")
    inner = node.parts["inner"]
    assert isinstance(inner, Node)
    assert inner.state_id == "Outer__inner__Inner"
    assert isinstance(node.parts["maybe"], Leaf), "what may be missing is one value"
    assert [part.state_id for part in inner.parts.values()] == [
        "Outer__inner__Inner__a", "Outer__inner__Inner__b",
    ]  # fmt: skip
    with pytest.raises(TypeError, match="a dataclass is expected, not <class 'int'>"):
        make_node(int, "")


def test_names() -> None:
    _, names, _ = proxies()
    assert names.inner.a == "n__Outer__inner__Inner__a"
    assert dir(names) == ["c", "inner", "maybe"]
    assert repr(names) == "<names of n__Outer>"
    with pytest.raises(AttributeError, match="Outer has no field 'd'"):
        names.d  # noqa: B018
    with pytest.raises(AttributeError):
        names.c = "x"  # type: ignore[attr-defined]


def test_values() -> None:
    state, _, data = proxies()
    assert state.initial == {
        "n__Outer__inner__Inner__a": 1, "n__Outer__inner__Inner__b": 2, "n__Outer__maybe": None,
    }  # fmt: skip
    assert data.c is None
    data.inner.a = 5
    assert state["n__Outer__inner__Inner__a"] == 5
    assert dir(data) == ["c", "inner", "maybe"]
    assert repr(data.inner) == "<values of n__Outer__inner__Inner>"
    for act in (lambda: data.d, lambda: setattr(data, "d", 1), lambda: setattr(data.inner, "c", 1)):
        with pytest.raises(AttributeError, match="has no field"):
            act()


def test_assignment() -> None:
    state, _, data = proxies()
    wanted = Outer(Inner(7), "c", Inner(8))
    wanted.inner.b = 9
    assign(data, wanted)
    assert plain_value(data) == wanted
    another = DataProxy(make_node(Outer, "m"), state, CollectionEncoderDecoder())
    another.inner = data.inner
    another.maybe = data.inner
    assert plain_value(another.inner) == another.maybe == wanted.inner
    for wrong in (Inner(), None, 5):
        with pytest.raises(TypeError, match="Expected instance of Outer, got"):
            assign(data, wrong)
    state, _, data = proxies()
    assign_missing(data, wanted)
    assert plain_value(data) == Outer(Inner(1), "c", None)
    assign_missing(data, None)


def test_fields() -> None:
    _, names, data = proxies()
    assert [*field_dict(data)] == [*field_dict(names)]
    assert field_dict(data)["n__Outer"] is data
    assert field_dict(data)["n__Outer__inner__Inner"] is data.inner
    leaf = field_dict(data)["n__Outer__c"]
    assert isinstance(leaf, ValueField)
    assert not leaf.is_set()
    leaf.set_value("x")
    assert (leaf.is_set(), leaf.get_value(), leaf.state_id) == (True, "x", "n__Outer__c")
    node = node_of(names)
    assert isinstance(node, Node)
    assert node_of(NameProxy(node)) is node
    assert node_of(5) is None
