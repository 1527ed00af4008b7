"""Where a client goes, and what it says of that."""

from typing import Any

import pytest

from jupyter_trame.trio import InvalidURI
from jupyter_trame.trio.websockets.way import Way


def way(uri: str, **options: Any) -> Way:
    """The way to `uri`."""
    names = ("context", "server_hostname", "host", "port", "path", "sock")
    return Way(uri, **{**dict.fromkeys(names), **options})


def test_what_the_program_names_counts() -> None:
    assert way("ws://a.example/").address == ("a.example", 80)
    assert way("wss://a.example/", host="b.example", port=81).address == ("b.example", 81)
    assert way("ws://user:pass@a.example/").shown == "a.example:80"
    assert way("ws://a.example/", path="/run/app").shown == "/run/app"


def test_a_header_takes_the_place_of_a_password() -> None:
    found = way("ws://user:pass@a.example/x@y").opener([("authorization", "token abc")])
    assert found.uri == "ws://a.example/x@y"
    assert way("ws://user:pass@a.example/").opener([]).uri == "ws://user:pass@a.example/"


@pytest.mark.parametrize("uri", ["http://a.example", "ws://", "ws://user@a.example/"])
def test_what_is_no_address(uri: str) -> None:
    with pytest.raises(InvalidURI):
        way(uri)
