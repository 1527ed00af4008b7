"""The pattern language, against a slow definition of it: segments agree one by one, the shortest way first."""

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_trame.services.patterns import Pattern, decode_segments, parse_query


@pytest.mark.parametrize(
    ("pattern", "path", "values"),
    [
        ("a/b", "a/b", {}),
        ("a/b", "a/c", None),
        ("a/b", "a", None),
        ("a/b", "a/b/c", None),
        ("$x", "a", {"x": "a"}),
        ("$x", "a/b", None),
        ("$x/$y", "a/b", {"x": "a", "y": "b"}),
        ("items/$id/edit", "items/7/edit", {"id": "7"}),
        ("$$rest", "a", {"rest": "a"}),
        ("$$rest", "a/b/c", {"rest": "a/b/c"}),
        ("files/$$rest", "files", None),
        ("$$a/b/$$c", "x/b/b/y", {"a": "x", "c": "b/y"}),
        ("$$a/b/$$c", "b/b/b", {"a": "b", "c": "b"}),
        ("$$a/$b", "x/y/z", {"a": "x/y", "b": "z"}),
        ("$$a/$$b", "x/y/z", {"a": "x", "b": "y/z"}),
        ("$$a/b", "x/y", None),
        ("a*", "ab", None),
        ("a.c", "abc", None),
        ("cost$", "cost$", {}),
        ("", "", {}),
        ("$x", "", {"x": ""}),
    ],
)
def test_what_matches(pattern: str, path: str, values: dict[str, str] | None) -> None:
    assert Pattern(pattern).match(path) == values


def test_segments_are_decoded_one_by_one() -> None:
    assert Pattern("$x/ü").match("a%2Fb%20c/%C3%BC") == {"x": "a/b c"}
    assert Pattern("$x").match("%FF") is None
    assert decode_segments("a+b/c%2fd") == ["a+b", "c/d"]


@pytest.mark.parametrize(
    ("text", "reason"), [("a/$", "has a name"), ("$$", "has a name"), ("$x/$$x", "different names")]
)
def test_what_is_no_pattern_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Pattern(text)


def slowly(pattern: list[str], path: list[str]) -> dict[str, str] | None:
    """As the language is defined."""
    if not pattern or not path:
        return {} if not pattern and not path else None
    head, *rest = pattern
    longest = len(path) if head.startswith("$$") else 1
    for count in range(1, longest + 1):
        if not head.startswith("$") and head != path[0]:
            return None
        found = slowly(rest, path[count:])
        if found is not None:
            return {head.lstrip("$"): "/".join(path[:count]), **found} if head.startswith("$") else found
    return None


PARTS = st.lists(st.sampled_from(["a", "b", "$", "$$"]), min_size=1, max_size=6)
PATHS = st.lists(st.sampled_from(["a", "b", "c", "a b", ""]), min_size=1, max_size=8)


@given(PARTS, PATHS)
@example(["$$", "a", "$$", "a"], ["a", "a", "a", "a", "a"])
def test_it_is_the_language_that_is_defined(parts: list[str], path: list[str]) -> None:
    pattern = [f"{part}p{index}" if part.startswith("$") else part for index, part in enumerate(parts)]
    assert Pattern("/".join(pattern)).match(quote("/".join(path))) == slowly(pattern, path)


def test_many_long_parameters_take_no_time() -> None:
    pattern = Pattern("/".join(f"$$p{index}" for index in range(40)) + "/end")
    assert pattern.match("/".join(["a"] * 400)) is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {}),
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("a=1&a=2", {"a": "2"}),
        ("a=b=c", {"a": "b=c"}),
        ("a=b+c%26", {"a": "b c&"}),
        ("a=&b", {"a": "", "b": ""}),
    ],
)
def test_queries(query: str, found: dict[str, str]) -> None:
    assert parse_query(query) == found
