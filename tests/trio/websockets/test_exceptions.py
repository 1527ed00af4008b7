"""The tree of exceptions, what they carry and what they say."""

import pytest

from jupyter_trame.trio.websockets.exceptions import (
    CLOSE_CODES,
    AbortHandshake,
    ConnectionClosed,
    DuplicateParameter,
    InvalidHandshake,
    InvalidHeader,
    InvalidHeaderFormat,
    InvalidHeaderValue,
    InvalidMessage,
    InvalidOrigin,
    InvalidParameterName,
    InvalidParameterValue,
    InvalidState,
    InvalidStatusCode,
    InvalidUpgrade,
    NegotiationError,
    explain_close_code,
)

TEXTS = [
    (AbortHandshake(200, [("A", "1"), ("B", "2")], b"body"), "HTTP 200, 2 headers, 4 bytes"),
    (ConnectionClosed(1000, ""), "WebSocket connection is closed: code = 1000 (OK), no reason"),
    (
        ConnectionClosed(1001, "bye"),
        "WebSocket connection is closed: code = 1001 (going away), reason = bye",
    ),
    (
        ConnectionClosed(3000, ""),
        "WebSocket connection is closed: code = 3000 (registered), no reason",
    ),
    (
        ConnectionClosed(4999, ""),
        "WebSocket connection is closed: code = 4999 (private use), no reason",
    ),
    (ConnectionClosed(2000, ""), "WebSocket connection is closed: code = 2000 (unknown), no reason"),
    (InvalidHeader("Name"), "Missing Name header"),
    (InvalidHeader("Name", ""), "Empty Name header"),
    (InvalidHeader("Name", "x"), "Invalid Name header: x"),
    (InvalidHeaderFormat("Name", "expected token", "a=|", 2), "Invalid Name header: expected token at 2 in a=|"),
    (InvalidOrigin(None), "Missing Origin header"),
    (InvalidOrigin("https://x"), "Invalid Origin header: https://x"),
    (InvalidStatusCode(403), "Status code not 101: 403"),
    (InvalidParameterName("x"), "Invalid parameter name: x"),
    (InvalidParameterValue("x", None), "Missing value for parameter x"),
    (InvalidParameterValue("x", ""), "Empty value for parameter x"),
    (InvalidParameterValue("x", "y"), "Invalid value for parameter x: y"),
    (DuplicateParameter("x"), "Duplicate parameter: x"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_what_they_say(error: Exception, text: str) -> None:
    assert str(error) == text


def test_who_catches_what() -> None:
    assert issubclass(ConnectionClosed, InvalidState)
    for kind in (AbortHandshake, InvalidMessage, InvalidHeader, InvalidStatusCode, NegotiationError):
        assert issubclass(kind, InvalidHandshake)
    for header in (InvalidHeaderFormat, InvalidHeaderValue, InvalidUpgrade, InvalidOrigin):
        assert issubclass(header, InvalidHeader)
    for parameter in (InvalidParameterName, InvalidParameterValue, DuplicateParameter):
        assert issubclass(parameter, NegotiationError)


def test_each_close_code_is_explained() -> None:
    assert {code: explain_close_code(code) for code in CLOSE_CODES} == CLOSE_CODES
