"""Websockets on trio, a trio-native client of apps, and apps beside a trio program; needs the extra ``[trio]``."""

# What is missing is said before anything asks for it.
# ruff: noqa: E402

try:
    import trio
    import websockets.trio.server
except ImportError as error:
    raise ImportError(
        "jupyter_trame.trio needs trio 0.30 and websockets 17.4 or newer: pip install 'jupyter-trame[trio]' "
        f"(here: {error})"
    ) from error

del trio, websockets

from jupyter_trame.trio.background import Job, start
from jupyter_trame.trio.running_app import running
from jupyter_trame.trio.trio_client import Client
from jupyter_trame.trio.websockets import (
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
    WebSocketClientProtocol,
    WebSocketCommonProtocol,
    WebSocketProtocolError,
    WebSocketServer,
    WebSocketServerProtocol,
    WebSocketURI,
    connect,
    parse_uri,
    serve,
    unix_serve,
)

__all__ = [
    "AbortHandshake",
    "Client",
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
    "Job",
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
    "running",
    "serve",
    "start",
    "unix_serve",
]
