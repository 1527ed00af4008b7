"""Headers that a program adds."""

from typing import Any

import pytest

from jupyter_trame.trio.websockets.extra_headers import header_pairs, response_pairs


def test_mappings_and_pairs() -> None:
    assert header_pairs({"X-A": "1"}) == [("X-A", "1")]
    assert header_pairs([("X-A", "1"), ("X-A", "2")]) == [("X-A", "1"), ("X-A", "2")]
    assert header_pairs(None) == []


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"X-A": 1}, TypeError),
        (["X-A"], TypeError),
        ({"X A": "1"}, ValueError),
        ({"": "1"}, ValueError),
        ({"X-A": "1\r\nX-B: 2"}, ValueError),
        ({"X-A": "\u20ac"}, ValueError),
        ({"upgrade": "h2c"}, ValueError),
        ({"Sec-WebSocket-Key": "x"}, ValueError),
    ],
)
def test_what_is_no_header(headers: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        header_pairs(headers)


def test_a_response_may_name_what_it_asks_for() -> None:
    assert response_pairs({"Upgrade": "websocket"}) == [("Upgrade", "websocket")]
    assert response_pairs(None) == []
    with pytest.raises(ValueError, match="X-A"):
        response_pairs([("X-A", "\n")])
