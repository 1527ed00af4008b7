"""The table of triggers; what the controller makes of it is in test_controller.py."""

from typing import Any

from jupyter_trame.core.controller import Controller
from jupyter_trame.core.translator import Translator
from jupyter_trame.core.triggers import GENERATED, Triggers, note_trigger


def one() -> None: ...


def two() -> None: ...


def test_names_and_functions() -> None:
    triggers = Triggers()
    triggers.bind("a", one)
    triggers.bind("b", two)
    triggers.bind("c", one)
    assert triggers.names() == ["a", "b", "c"]
    assert (triggers.last_name(one), triggers.function("a")) == ("c", one)
    assert triggers.unbind("c") is one
    assert triggers.last_name(one) == "a"
    assert triggers.unbind_function(one) == "a"
    assert triggers.names() == ["b"]
    assert (triggers.unbind("a"), triggers.unbind_function(one), triggers.last_name(one)) == (None,) * 3


def test_made_names_are_new() -> None:
    triggers = Triggers()
    assert [triggers.new_name() for _ in range(2)] == [f"{GENERATED}1", f"{GENERATED}2"]


def test_a_name_is_concurrent_as_long_as_it_is_bound_so() -> None:
    triggers = Triggers()
    triggers.bind("stop", one, concurrent=True)
    triggers.bind("halt", one, concurrent=True)
    triggers.bind("go", one)
    assert [triggers.is_concurrent(name) for name in ("stop", "halt", "go", "no")] == [
        True,
        True,
        False,
        False,
    ]
    triggers.bind("stop", one)
    assert not triggers.is_concurrent("stop")
    triggers.unbind_function(one)
    triggers.bind("halt", two)
    assert not triggers.is_concurrent("halt")


def test_the_controller_shows_them_under_the_root_s_names() -> None:
    ctrl = Controller()
    child = Controller(Translator("p_"), ctrl)
    ctrl.trigger("go")(one)
    child.trigger("stop", concurrent=True)(two)
    name = child.trigger_name(len)
    assert ctrl.trigger_names() == child.trigger_names() == ["go", "p_stop", name]
    assert ctrl.trigger_is_concurrent("p_stop")
    assert not ctrl.trigger_is_concurrent("go")
    assert ctrl.trigger_unregister("p_stop") is two
    assert not ctrl.trigger_is_concurrent("p_stop")


def test_the_mark_on_a_function() -> None:
    def fn() -> None: ...

    names: Any = []
    for name in ("a", "b", "a"):
        note_trigger(fn, name)
        names = fn._trame_trigger_names  # type: ignore[attr-defined]
    assert names == ["a", "b"]
    note_trigger(len, "a")  # takes no marks
