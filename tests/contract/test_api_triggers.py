"""Triggers: functions that clients call by name."""

import functools
from typing import Any

from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both


@fact("api 5", "`ctrl.trigger(name)` registers under the translated name, `trigger__...` names excepted")
@both
def test_trigger(peer: Peer) -> None:
    root = peer.controller()
    child = peer.controller(peer.translator("c_"), root)
    assert child.trigger("go")(print_a) is print_a
    child.trigger("trigger__x")(print_b)
    assert root.trigger_fn("c_go") is print_a
    assert root.trigger_fn("trigger__x") is print_b


@fact("api 5", "a trigger's name is appended to `fn._trame_trigger_names`")
@fact("api 5", "of a bound method, its name is appended to the class's `_trame_trigger_method_names`")
@both
def test_marks(peer: Peer) -> None:
    ctrl = peer.controller()

    class Part:
        def method(self) -> None:
            pass

    def function() -> None:
        pass

    ctrl.trigger("one")(function)
    ctrl.trigger("two")(function)
    ctrl.trigger("three")(Part().method)
    assert function._trame_trigger_names == ["one", "two"]  # type: ignore[attr-defined]
    assert Part._trame_trigger_method_names == ["method"]  # type: ignore[attr-defined]


@fact("api 5", "of several names of a function, `trigger_name` returns the last")
@both
def test_last_name(peer: Peer) -> None:
    ctrl = peer.controller()
    ctrl.trigger("one")(print_a)
    ctrl.trigger("two")(print_a)
    assert ctrl.trigger_name(print_a) == "two"
    assert ctrl.trigger_fn("one") is print_a


@fact(
    "api 5",
    "`trigger_name` gives the known name, else registers `trigger__1` and so on; functions are compared by ==",
)
@both
def test_trigger_name(peer: Peer) -> None:
    ctrl = peer.controller()

    class Part:
        def method(self) -> None:
            pass

    part = Part()
    assert ctrl.trigger_name(part.method) == "trigger__1"
    assert ctrl.trigger_name(part.method) == "trigger__1"
    assert ctrl.trigger_name(Part().method) == "trigger__2"


@fact("api 5", "`trigger_name` takes functions, methods, partials and controller functions")
@both
def test_kinds_of_triggers(peer: Peer) -> None:
    class Part:
        def method(self) -> None:
            pass

    ctrl = peer.controller()
    ctrl.f = print_a
    kinds: list[Any] = [print_a, Part().method, functools.partial(print_a), ctrl.f]
    names = [ctrl.trigger_name(fn) for fn in kinds]
    assert names == ["trigger__1", "trigger__2", "trigger__3", "trigger__4"]
    assert [ctrl.trigger_fn(name) for name in names] == kinds


@fact("api 5", "a built-in function can be a trigger", trame="`trigger_name(print)` raises AttributeError")
def test_builtin_trigger() -> None:
    ctrl = OURS.controller()
    assert ctrl.trigger_fn(ctrl.trigger_name(len)) is len


@fact("api 5", "`trigger_fn` gives the function or None; it does not translate")
@both
def test_trigger_fn(peer: Peer) -> None:
    root = peer.controller()
    child = peer.controller(peer.translator("c_"), root)
    child.trigger("go")(print_a)
    assert child.trigger_fn("c_go") is print_a
    assert child.trigger_fn("go") is None


@fact("api 5", "`trigger_unregister` gives the name of a function, the function of a name, or False")
@both
def test_trigger_unregister(peer: Peer) -> None:
    ctrl = peer.controller()
    ctrl.trigger("a")(print_a)
    ctrl.trigger("b")(print_b)
    assert ctrl.trigger_unregister(print_a) == "a"
    assert ctrl.trigger_unregister("b") is print_b
    assert ctrl.trigger_unregister("b") is False
    assert ctrl.trigger_unregister(print_a) is False
    assert (ctrl.trigger_fn("a"), ctrl.trigger_fn("b")) == (None, None)


def print_a() -> None:
    """One of three functions that differ."""


def print_b() -> None:
    """Another one."""
