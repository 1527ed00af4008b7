import re
from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.files.media_types import content_type
from jupyter_trame.files.page_policy import (
    PagePolicy,
    check_sources,
    choosing_parameter,
    combine,
    document_policy,
    is_framed_by_itself,
    is_source,
)

STRICT = (
    "connect-src 'self' data: blob: ws://h:1 wss://h:1; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)

SOURCES = [
    *(
        "https://tiles.example",
        "tiles.example",
        "https://*.tiles.example:8443",
        "wss://live.example/feed/1.json",
    ),
    *(
        "https:",
        "wss:",
        "*",
        "'self'",
        "http://127.0.0.1:*",
        "xn--bcher-kva.example",
        "https://h/a%20b?".rstrip("?"),
    ),
]

NO_SOURCES = [
    *("", " ", "https://a b", "https://a;script-src *", "https://a,b", "https://a\n", "a\r\nX: y", "'none'"),
    *(
        "'unsafe-inline'",
        "https://",
        "https://a/ b",
        "https://ü.example",
        "https://a:port",
        "https://a:123456",
    ),
    *(
        "https://user@a",
        "https://[::1]",
        "https://a/#x",
        "https://a/?q",
        '"a"',
        "a\0",
        "**",
        "https://*",
        "a\t",
        "-;-",
    ),
]


def directives(policy: str) -> dict[str, list[str]]:
    """As a browser reads one policy (CSP 3, 2.2.1)."""
    found: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, *values = part.split()
        found.setdefault(name, values)
    return found


def test_a_page_talks_to_its_own_host_and_is_shown_by_its_own_origin() -> None:
    assert PagePolicy().header("h:1") == STRICT


def test_behind_a_proxy_the_host_that_the_browser_asked_counts_too() -> None:
    connect = directives(PagePolicy().header("inner:1", "outer.example, inner2"))["connect-src"]
    assert connect[3:] == ["ws://inner:1", "wss://inner:1", "ws://outer.example", "wss://outer.example"]


@pytest.mark.parametrize(
    "host",
    [
        *(
            None,
            "",
            "[::1]:8080",
            "a b",
            "a;script-src *",
            ",a",
            "h:1/x",
            "user@h",
            "h:123456",
            "*",
            "*.h",
            "h:",
        ),
        *("a\nb", "'self'", "ü.example", "under_score"),
    ],
)
def test_a_host_that_is_none_is_not_in_it(host: str | None) -> None:
    bare = STRICT.replace(" ws://h:1 wss://h:1", "")
    assert PagePolicy().header(host) == bare
    assert PagePolicy().header("h:1", host) == STRICT


def test_an_app_may_name_more() -> None:
    policy = PagePolicy(("https://tiles.example",), ("https://portal.example",))
    found = directives(policy.header("h"))
    assert found["connect-src"][-1] == "https://tiles.example"
    assert found["frame-ancestors"] == ["'self'", "https://portal.example"]


def test_trames_pages_may_be_framed_by_all_unless_the_app_names_some() -> None:
    assert "frame-ancestors" not in directives(PagePolicy(framed_by_all=True).header("h"))
    named = PagePolicy(frame_ancestors=("https://portal.example",), framed_by_all=True)
    assert directives(named.header("h"))["frame-ancestors"] == ["'self'", "https://portal.example"]


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_taken(source: str) -> None:
    assert check_sources("connect_src", [source]) == (source,)


@pytest.mark.parametrize("source", NO_SOURCES)
def test_what_is_no_source_is_refused_with_a_sentence(source: str) -> None:
    with pytest.raises(ValueError, match=r"connect_src holds .*, which is no source: one is a host like"):
        check_sources("connect_src", ["https://a", source])


@pytest.mark.parametrize("value", ["https://tiles.example", b"x", None, 3, {"https://a"}])
def test_the_option_is_a_list(value: Any) -> None:
    with pytest.raises(TypeError, match="frame_ancestors is a list of sources like"):
        check_sources("frame_ancestors", value)


def test_what_came_over_a_link_is_checked_again() -> None:
    """The kernel's end may be of any make."""
    bad = cast("Sequence[str]", (*NO_SOURCES, 3, None))
    assert PagePolicy(tuple(bad), tuple(bad)).header("h:1") == STRICT


@given(st.lists(st.text(max_size=30)), st.text(max_size=30), st.text(max_size=30))
def test_no_text_adds_a_directive(sources: list[str], host: str, forwarded: str) -> None:
    header = PagePolicy(tuple(sources), tuple(sources)).header(host, forwarded)
    assert re.fullmatch(r"[ -~]+", header)
    assert "," not in header
    found = directives(header)
    assert list(found) == ["connect-src", "object-src", "base-uri", "form-action", "frame-ancestors"]
    for source in found["connect-src"] + found["frame-ancestors"]:
        assert is_source(source)


@pytest.mark.parametrize(
    "query",
    [
        *(
            "sessionURL=x",
            "a=1&sessionurl",
            "%73essionURL=x",
            "%2573essionURL=x",
            "+sessionURL=x",
            "sessionManagerURL=",
        ),
        *("wsProxy", "wsChannel=true", "iframe=1", "&&iframe", "sessionURL%3Dx&iframe=1"),
    ],
)
def test_a_parameter_that_chooses_a_server_is_found(query: str) -> None:
    assert choosing_parameter(query)


@pytest.mark.parametrize("query", ["", "a=sessionURL", "token=x&ui=main", "x-iframe=1", "%", "%ff=1"])
def test_others_are_not(query: str) -> None:
    assert choosing_parameter(query) is None


def test_policies_are_combined_so_that_each_holds() -> None:
    assert (
        combine("default-src 'self'; ", "", "  ", "object-src\n'none'")
        == "default-src 'self';, object-src 'none'"
    )
    assert combine("a, b,", "a, b") == "a, b"
    assert not combine()


@pytest.mark.parametrize(
    ("policy", "is_framed"),
    [
        ("", True),
        ("default-src 'none'", True),
        ("frame-ancestors 'self'; report-uri /x", True),
        ("default-src 'none'; Frame-Ancestors https://a.example *", True),
        ("frame-ancestors 'none'", False),
        ("frame-ancestors", False),
        ("frame-ancestors https://a.example", False),
        ("frame-ancestors 'none'; frame-ancestors 'self'", False),
        ("frame-ancestors 'self', frame-ancestors 'none'", False),
    ],
)
def test_who_may_be_shown_by_pages_of_its_own_origin(policy: str, is_framed: bool) -> None:
    assert is_framed_by_itself(policy) is is_framed


@pytest.mark.parametrize(
    "name", ["a.html", "a.xhtml", "a.svg", "a.xml", "a.unknown", "a.png", "a.css", "a.txt"]
)
def test_what_may_be_opened_as_a_page_gets_an_origin_of_its_own(name: str) -> None:
    policy = document_policy(content_type(name))
    assert policy is not None
    assert policy.startswith("sandbox ")
    assert "allow-same-origin" not in policy
    assert "allow-top-navigation" not in policy


@pytest.mark.parametrize("name", ["a.js", "a.mjs", "a.cjs", "a.pdf"])
def test_workers_and_the_viewer_of_pdf_are_not_confined(name: str) -> None:
    assert document_policy(content_type(name)) is None
