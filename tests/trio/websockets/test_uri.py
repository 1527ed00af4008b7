"""Addresses of websockets, and what is none."""

from typing import Any

import pytest

from jupyter_trame.trio.websockets.exceptions import InvalidURI
from jupyter_trame.trio.websockets.uri import WebSocketURI, parse_uri


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("ws://localhost", (False, "localhost", 80, "/", None)),
        ("WSS://LocalHost/", (True, "localhost", 443, "/", None)),
        ("ws://localhost:8765/a/b?c=d&e", (False, "localhost", 8765, "/a/b?c=d&e", None)),
        ("ws://localhost?x", (False, "localhost", 80, "/?x", None)),
        ("wss://user:p%40ss@host/", (True, "host", 443, "/", ("user", "p@ss"))),
        ("ws://[::1]:99/", (False, "::1", 99, "/", None)),
    ],
)
def test_parts(uri: str, parts: tuple[object, ...]) -> None:
    assert parse_uri(uri) == WebSocketURI(*parts)  # type: ignore[arg-type]
    assert tuple(parse_uri(uri)) == parts


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("http://localhost/", "ws or wss, not 'http'"),
        ("ws:///path", "no host"),
        ("ws://localhost/path;param", "parameters"),
        ("ws://localhost/#part", "fragment"),
        ("ws://localhost/#", "fragment"),
        ("ws://user@localhost/", "no password"),
        ("ws://localhost:port/", "Port could not"),
        ("ws://localhost:99999/", "Port out of range"),
        ("ws://[::1/", "Invalid IPv6"),
        ("ws://localhost:0/", "port 0"),
        ("ws://localhost/a b", "a space or a control character"),
        ("ws://localhost/\r\nX-A: b", "a space or a control character"),
    ],
)
def test_what_is_no_address(uri: str, reason: str) -> None:
    with pytest.raises(InvalidURI, match=reason):
        parse_uri(uri)


def test_an_error_shows_no_password() -> None:
    with pytest.raises(InvalidURI) as caught:
        parse_uri("http://user:secret@localhost/")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("uri", [None, 5, b"ws://localhost/"])
def test_what_is_no_text(uri: Any) -> None:
    with pytest.raises(TypeError, match=type(uri).__name__):
        parse_uri(uri)
