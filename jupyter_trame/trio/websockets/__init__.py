"""Websockets with the names and manners of ``trio_websockets``, on the connections of `websockets.trio`."""

from jupyter_trame.trio.websockets.common_protocol import WebSocketCommonProtocol
from jupyter_trame.trio.websockets.connecting import WebSocketClientProtocol, connect
from jupyter_trame.trio.websockets.exceptions import (
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
    InvalidURI,
    NegotiationError,
    PayloadTooBig,
    WebSocketProtocolError,
)
from jupyter_trame.trio.websockets.serving import WebSocketServer, WebSocketServerProtocol, serve, unix_serve
from jupyter_trame.trio.websockets.uri import WebSocketURI, parse_uri

__all__ = [
    "AbortHandshake",
    "ConnectionClosed",
    "DuplicateParameter",
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
    "WebSocketClientProtocol",
    "WebSocketCommonProtocol",
    "WebSocketProtocolError",
    "WebSocketServer",
    "WebSocketServerProtocol",
    "WebSocketURI",
    "connect",
    "parse_uri",
    "serve",
    "unix_serve",
]
