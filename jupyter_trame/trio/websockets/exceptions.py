"""What can go wrong with a websocket, under the names of ``trio_websockets``.

- `InvalidURI`
- `InvalidHandshake`
    - `AbortHandshake`
    - `InvalidMessage`
    - `InvalidHeader`: `InvalidHeaderFormat`, `InvalidHeaderValue`, `InvalidUpgrade`, `InvalidOrigin`
    - `InvalidStatusCode`
    - `NegotiationError`: `InvalidParameterName`, `InvalidParameterValue`, `DuplicateParameter`
- `InvalidState`
    - `ConnectionClosed`
- `PayloadTooBig`
- `WebSocketProtocolError`
"""

# The names are the ones that programs catch, with and without Error at the end.
# ruff: noqa: N818

from collections.abc import Iterable, Mapping
from typing import TypeAlias

__all__ = [
    "CLOSE_CODES",
    "AbortHandshake",
    "ConnectionClosed",
    "DuplicateParameter",
    "HeadersLike",
    "InvalidHandshake",
    "InvalidHeader",
    "InvalidHeaderFormat",
    "InvalidHeaderValue",
    "InvalidMessage",
    "InvalidOrigin",
    "InvalidParameterName",
    "InvalidParameterValue",
    "InvalidState",
    "InvalidStatusCode",
    "InvalidURI",
    "InvalidUpgrade",
    "NegotiationError",
    "PayloadTooBig",
    "WebSocketProtocolError",
    "explain_close_code",
]

HeadersLike: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]
"""HTTP headers: a mapping, or pairs, of which several may have one name."""

CLOSE_CODES = {
    1000: "OK",
    1001: "going away",
    1002: "protocol error",
    1003: "unsupported type",
    1005: "no status code [internal]",
    1006: "connection closed abnormally [internal]",
    1007: "invalid data",
    1008: "policy violation",
    1009: "message too big",
    1010: "extension required",
    1011: "unexpected error",
    1015: "TLS failure [internal]",
}
"""Close code -> what it says (RFC 6455, 7.4.1)."""


def explain_close_code(code: int) -> str:
    """What `code` says, in a word or two."""
    if 3000 <= code < 4000:
        return "registered"
    if 4000 <= code < 5000:
        return "private use"
    return CLOSE_CODES.get(code, "unknown")


class InvalidHandshake(Exception):
    """The opening handshake failed."""


class AbortHandshake(InvalidHandshake):
    """A server answers the handshake with this HTTP response instead; its hooks may raise it."""

    def __init__(self, status: int, headers: HeadersLike, body: bytes = b"") -> None:
        self.status = int(status)
        self.headers = list(headers.items() if isinstance(headers, Mapping) else headers)
        self.body = body
        super().__init__(f"HTTP {self.status}, {len(self.headers)} headers, {len(body)} bytes")


class InvalidMessage(InvalidHandshake):
    """The handshake is no HTTP."""


class InvalidHeader(InvalidHandshake):
    """A header is missing (`value` is None), empty, or not what it has to be."""

    def __init__(self, name: str, value: str | None = None) -> None:
        self.name = name
        self.value = value
        if value is None:
            text = f"Missing {name} header"
        elif value == "":
            text = f"Empty {name} header"
        else:
            text = f"Invalid {name} header: {value}"
        super().__init__(text)


class InvalidHeaderFormat(InvalidHeader):
    """A header cannot be parsed; `string` is the header, in which `error` is met at `pos`."""

    def __init__(self, name: str, error: str, string: str, pos: int) -> None:
        super().__init__(name, f"{error} at {pos} in {string}")


class InvalidHeaderValue(InvalidHeader):
    """A header can be parsed and has a wrong value."""


class InvalidUpgrade(InvalidHeader):
    """The request does not ask for a websocket: its ``Upgrade`` or ``Connection`` header says something else."""


class InvalidOrigin(InvalidHeader):
    """The origin of a page is not admitted; `origin` is None where a request has none."""

    def __init__(self, origin: str | None) -> None:
        super().__init__("Origin", origin)


class InvalidStatusCode(InvalidHandshake):
    """A server answered with `status_code`, which is not 101."""

    def __init__(self, status_code: int) -> None:
        self.status_code = status_code
        super().__init__(f"Status code not 101: {status_code}")


class NegotiationError(InvalidHandshake):
    """Client and server do not agree on an extension or a subprotocol."""


class InvalidParameterName(NegotiationError):
    """An extension knows no parameter `name`."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"Invalid parameter name: {name}")


class InvalidParameterValue(NegotiationError):
    """An extension admits no such `value` of its parameter `name`; None where it has none."""

    def __init__(self, name: str, value: str | None) -> None:
        self.name = name
        self.value = value
        if value is None:
            text = f"Missing value for parameter {name}"
        elif value == "":
            text = f"Empty value for parameter {name}"
        else:
            text = f"Invalid value for parameter {name}: {value}"
        super().__init__(text)


class DuplicateParameter(NegotiationError):
    """The parameter `name` of an extension is there twice."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"Duplicate parameter: {name}")


class InvalidState(Exception):
    """What was asked cannot be done with a connection in this state."""


class ConnectionClosed(InvalidState):
    """The connection has ended, with the close code `code` and the text `reason`."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        why = f"reason = {reason}" if reason else "no reason"
        super().__init__(f"WebSocket connection is closed: code = {code} ({explain_close_code(code)}), {why}")


class InvalidURI(Exception):
    """An address is none of a websocket."""


class PayloadTooBig(Exception):
    """A message is larger than `max_size`: the cause of a `ConnectionClosed` with the code 1009."""


class WebSocketProtocolError(Exception):
    """What was asked, or what the peer sent, breaks RFC 6455."""
