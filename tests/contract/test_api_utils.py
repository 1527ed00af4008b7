"""Small utilities: names, versions, values as they are sent, plugins of the page."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.contract.facts import fact
from tests.contract.peers import Peer, both
from tests.contract.test_api_names import RESERVED


@fact("api 10", "10.3 `namespace.is_name_reserved(name)`")
@both
def test_is_name_reserved(peer: Peer) -> None:
    is_name_reserved = peer.module("utils.namespace").is_name_reserved
    assert all(map(is_name_reserved, RESERVED))
    assert not any(map(is_name_reserved, ["a", "trame", "on_click"]))


@fact("api 10", "10.4 `version.get_version(package)` is a string, or None where it is not installed")
@both
def test_get_version(peer: Peer) -> None:
    get_version = peer.module("utils.version").get_version
    assert get_version("pytest") == pytest.__version__
    assert get_version("no-such-distribution") is None


@fact("api 10", "10.6 `share(obj, attribute, default)`")
@both
def test_share(peer: Peer) -> None:
    share = peer.module("utils").share
    assert share(SimpleNamespace(a=1), "a", 2) == 1
    assert share(None, "a", 2) == 2


@fact("api 10", "10.6 `is_dunder`, `is_private` and `isascii`")
@both
def test_names(peer: Peer) -> None:
    utils = peer.module("utils")
    assert utils.is_dunder("__len__")
    assert not utils.is_dunder("_len")
    assert utils.is_private("_len")
    assert not utils.is_private("len")
    assert utils.isascii("abc")
    assert not utils.isascii("\N{LATIN SMALL LETTER E WITH ACUTE}")


@fact("api 10", "10.6 `clean_value` drops what a map names in `_filter`, in lists too")
@both
def test_clean_value(peer: Peer) -> None:
    clean_value = peer.module("utils").clean_value
    value = {"a": 1, "secret": 2, "_filter": ["secret", "_filter"]}
    assert clean_value(value) == {"a": 1}
    assert clean_value([value, 1]) == [{"a": 1}, 1]
    assert value["secret"] == 2


@fact("api 10", "10.6 `clean_state(dict)` gives the cleaned values and each of them packed")
@both
def test_clean_state(peer: Peer) -> None:
    clean_state = peer.module("utils").clean_state
    cleaned, packed = clean_state({"a": 1, "b": {"c": 1, "d": 2, "_filter": ["d", "_filter"]}})
    assert cleaned == {"a": 1, "b": {"c": 1}}
    assert packed == {"a": b"\x01", "b": b"\x81\xa1c\x01"}


@fact("api 10", "10.6 `update_dict(target, source)` merges dicts within dicts")
@both
def test_update_dict(peer: Peer) -> None:
    target: dict[str, Any] = {"a": {"b": 1, "c": 1}, "d": 1}
    peer.module("utils").update_dict(target, {"a": {"b": 2}, "e": {"f": 1}})
    assert target == {"a": {"b": 2, "c": 1}, "d": 1, "e": {"f": 1}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["a", "a"], ["a"]),
        (["a", ("b", {"x": 1})], ["a", ("b", {"x": 1})]),
        ([("a", {})], ["a"]),
        (["b", ("a", {"x": 1}), "b", ("a", {"y": 1})], ["b", ("a", {"x": 1, "y": 1})]),
        ([("a", {"o": {"x": 1, "y": 1}}), ("a", {"o": {"x": 2}})], [("a", {"o": {"x": 2, "y": 1}})]),
    ],
)
@fact(
    "api 10",
    "10.6 `reduce_vue_use` merges entries of one expression, options deeply, in the order they first came",
)
@fact("api 10", "10.6 an entry without options becomes a plain string")
@both
def test_reduce_vue_use(peer: Peer, before: list[Any], after: list[Any]) -> None:
    state = peer.state()
    state.trame__vue_use = before
    peer.module("utils").reduce_vue_use(state)
    assert state.trame__vue_use == after


@fact("api 10", "10.6 `reduce_vue_use` always assigns a new list")
@both
def test_reduce_vue_use_makes_a_list(peer: Peer) -> None:
    state = peer.state()
    entries = state.trame__vue_use = ["a"]
    peer.module("utils").reduce_vue_use(state)
    assert state.trame__vue_use == entries
    assert state.trame__vue_use is not entries


@fact("api 10", "10.6 an entry has exactly two items, else ValueError")
@both
def test_reduce_vue_use_is_strict(peer: Peer) -> None:
    state = peer.state()
    state.trame__vue_use = [("a", {}, 1)]
    with pytest.raises(ValueError, match=r"unpack|an entry of vue_use"):
        peer.module("utils").reduce_vue_use(state)
