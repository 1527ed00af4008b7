"""Small functions that packages for trame call as well."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trame_server import utils as peer

from jupyter_trame.core import utils


@given(st.text(alphabet="_a", min_size=1, max_size=8))
def test_names_as_trame_server_sees_them(name: str) -> None:
    assert utils.is_dunder(name) == peer.is_dunder(name)
    assert utils.is_private(name) == peer.is_private(name)


def test_update_dict_merges_dicts_within() -> None:
    target = {"a": {"b": 1, "l": [1]}, "x": 1}
    source = {"a": {"c": 2, "l": [2]}, "n": {"y": 1}, "x": {"z": 1}}
    assert utils.update_dict(target, source) is target
    assert target == {"a": {"b": 1, "l": [2], "c": 2}, "n": {"y": 1}, "x": {"z": 1}}
    assert target["n"] is not source["n"]


def test_reduce_vue_use() -> None:
    state = SimpleNamespace(
        trame__vue_use=[
            "a",
            ("b", {"x": 1}),
            "b",
            ["b", {"y": {"k": 1}}],
            ("b", {"y": {"j": 2}, "x": 5}),
            ("c", {}),
        ]
    )
    before = state.trame__vue_use
    utils.reduce_vue_use(state)
    assert state.trame__vue_use == ["a", ("b", {"x": 5, "y": {"k": 1, "j": 2}}), "c"]
    assert state.trame__vue_use is not before


def test_check_name_shows_how_it_is_meant() -> None:
    utils.check_name("x", "anything")
    with pytest.raises(TypeError, match=r'names are strings, as in state\["x"\], not 5'):
        utils.check_name(5, 'state["x"]')


def test_entries_of_vue_use() -> None:
    assert utils.vue_use_entry("a") == ("a", {})
    assert utils.vue_use_entry(["a", {"x": 1}]) == ("a", {"x": 1})
    for entry in (("a",), ("a", {}, 1), 5):
        with pytest.raises(ValueError, match="an entry of vue_use is"):
            utils.vue_use_entry(entry)
