"""`trame_server.state.State`."""

from typing import Any

import pytest

from jupyter_trame import Server as OurServer
from jupyter_trame.compat.state import State
from jupyter_trame.core import Translator, same_value


def ready_state(**manners: Any) -> tuple[State, list[dict[str, Any]]]:
    pushes: list[dict[str, Any]] = []
    return State(commit_fn=lambda changes: pushes.append(dict(changes)), ready=True, **manners), pushes


def test_values_are_the_same_where_python_says_so() -> None:
    state, pushes = ready_state()
    for value in (1, True, 1.0):
        state.x = value
        state.flush()
    assert pushes == [{"x": 1}]


def test_changes_in_place_are_for_dirty() -> None:
    state, pushes = ready_state()
    state.items = [1]
    state.flush()
    state.items.append(2)
    state.items = state.items
    assert state.flush() == set()
    state.dirty("items")
    assert state.flush() == {"items"}
    assert len(pushes) == 2


@pytest.mark.parametrize("root_is_ours", [True, False])
def test_a_child_has_the_manners_of_its_root(root_is_ours: bool) -> None:
    root = OurServer("ours").state if root_is_ours else State(ready=True)
    child = State(Translator("p_"), root)
    child.x = 1
    root.ready()
    root.flush()
    child.x = True
    assert root.is_dirty("p_x") is root_is_ours


def test_manners_may_be_given() -> None:
    state, _ = ready_state(equal=same_value)
    state.x = 1
    state.flush()
    state.x = True
    assert state.flush() == {"x"}


def test_every_state_of_ours_is_one() -> None:
    assert isinstance(OurServer("ours").state, State)


def test_what_tests_for_trame_look_into() -> None:
    state = State(ready=True)
    state.a = 1
    assert "a" in state._pending_update
    state.flush()
    assert state._pushed_state == {"a": 1}
    assert state.__getattr__("__dict__") == {"a": 1}
    with pytest.raises(AttributeError):
        state.__getattr__("__no_such__")
    server = OurServer("app")
    server.controller.go = len
    assert server.controller._func_dict["go"].func is len
    assert server.state._pending_update
