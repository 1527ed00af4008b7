"""Which ids there can be, and rules that another process can be told."""

import json
import re
from typing import Any

import pytest

from jupyter_trame.services.validators import accept_all, is_service_id, make_id_rule, read_id_rule


@pytest.mark.parametrize("text", ["a", "Ünïcode", "with space", "a:b", "a=b", "...", "x" * 200])
def test_ids(text: str) -> None:
    assert is_service_id(text)


@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "a\\b", "a\nb", "a\0", "\u202e", "x" * 201])
def test_no_ids(text: str) -> None:
    assert not is_service_id(text)


@pytest.mark.parametrize(
    ("given", "described", "yes", "no"),
    [
        (accept_all, {}, "anything", None),
        (re.compile("[a-z]+"), {"regex": "[a-z]+"}, "abc", "abc1"),
        (re.compile("a", re.IGNORECASE), {"regex": "a", "flags": 2}, "A", "b"),
        (["b", "a"], {"ids": ["a", "b"]}, "a", "c"),
        ({"a"}, {"ids": ["a"]}, "a", "c"),
    ],
)
def test_rules_that_cross_processes(given: Any, described: Any, yes: str, no: str | None) -> None:
    rule = make_id_rule(given)
    assert rule.described == described
    for one in (rule, read_id_rule(json.loads(json.dumps(rule.described)))):
        assert one.accepts(yes)
        assert no is None or not one.accepts(no)


def test_a_callable_is_asked() -> None:
    rule = make_id_rule(lambda service_id: 1 if service_id == "a" else None)
    assert rule.described is None
    assert rule.accepts("a") is True
    assert rule.accepts("b") is False


@pytest.mark.parametrize("given", ["abc", b"abc", 7, None, [1], re.compile(b"a")])
def test_what_is_no_rule_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="service_id_validator is a callable"):
        make_id_rule(given)


@pytest.mark.parametrize(
    "described",
    [
        None,
        7,
        [],
        {"regex": "("},
        {"regex": 1},
        {"ids": "ab"},
        {"ids": [1]},
        {"ids": [], "x": 1},
        {"regex": "a", "flags": "x"},
    ],
)
def test_a_description_that_is_none_is_refused(described: Any) -> None:
    with pytest.raises(ValueError, match="rule of service ids"):
        read_id_rule(described)
