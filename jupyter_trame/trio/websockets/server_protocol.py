"""A server's end of a connection, with the hooks in which a program takes part in the opening handshake."""

from __future__ import annotations

import email.utils
import http
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, Protocol, TypeAlias

import websockets.exceptions as library
from websockets.datastructures import Headers, MultipleValuesError
from websockets.extensions.base import ServerExtensionFactory
from websockets.headers import parse_subprotocol
from websockets.http11 import SERVER, Request
from websockets.server import ServerProtocol

from jupyter_trame.trio.websockets.common_protocol import WebSocketCommonProtocol
from jupyter_trame.trio.websockets.exceptions import (
    AbortHandshake,
    HeadersLike,
    InvalidHandshake,
    InvalidHeader,
    InvalidOrigin,
    InvalidUpgrade,
)
from jupyter_trame.trio.websockets.extra_headers import header_pairs, response_pairs
from jupyter_trame.trio.websockets.translation import handshake_error

__all__ = ["ExtraHeaders", "HTTPResponse", "Handler", "Opening", "WebSocketServerProtocol", "refusal"]

Handler: TypeAlias = Callable[[Any, str], Awaitable[object]]
"""``async def handler(websocket, path)``"""

HTTPResponse: TypeAlias = tuple[int, HeadersLike, bytes]
"""Status, headers and body of a response that is no websocket."""

ExtraHeaders: TypeAlias = HeadersLike | Callable[[str, Headers], HeadersLike]
"""Headers of the response, or what makes them from path and headers of the request."""

_LOWEST_STATUS, _HIGHEST_STATUS = 200, 599
"""A status below is followed by another response."""


class Opening(Protocol):
    """The connection below, while it opens."""

    async def read_request(self) -> Request:
        """The request. Raises `InvalidMessage` where none comes, and `AbortHandshake` where the server ends."""

    def negotiate(
        self,
        origins: Sequence[str | None] | None,
        extensions: Sequence[ServerExtensionFactory] | None,
        subprotocols: Sequence[str] | None,
    ) -> tuple[str, str | None]:
        """Check the request and have the hooks decide; the headers ``Sec-WebSocket-Accept`` and ``-Extensions``.

        Raises `InvalidHandshake`.
        """

    async def respond_with(self, status: int, headers: Headers, body: bytes | None) -> None:
        """Send the response of the handshake. Raises `AbortHandshake` for 101 where the server ends."""


class WebSocketServerProtocol(WebSocketCommonProtocol):
    """A server's end of a connection. A subclass, given as `create_protocol`, takes the same arguments and may override
    `process_request`, `process_origin`, `process_extensions`, `process_subprotocol`, `select_subprotocol`,
    `handshake`, `read_http_request` and `write_http_response`.

    A hook that raises `InvalidHandshake` refuses the connection; one that fails otherwise is logged, and answered with
    the HTTP status 500.
    """

    is_client: ClassVar[bool] = False
    side: ClassVar[str] = "server"

    def __init__(
        self,
        ws_handler: Handler,
        ws_server: Any,
        *,
        origins: Sequence[str | None] | None = None,
        extensions: Sequence[ServerExtensionFactory] | None = None,
        subprotocols: Sequence[str] | None = None,
        extra_headers: ExtraHeaders | None = None,
        **kwds: Any,
    ) -> None:
        """What `serve` calls; `kwds` are those of `WebSocketCommonProtocol`."""
        super().__init__(**kwds)
        self.ws_handler = ws_handler
        self.ws_server = ws_server
        self.origins = None if origins is None else [origin or None for origin in origins]
        self.available_extensions = extensions
        self.available_subprotocols = subprotocols
        self.extra_headers = extra_headers
        self.origin: str | None = None
        """The page that connects; None where no browser does."""

    # -- hooks

    async def process_request(
        self,
        path: str,  # noqa: ARG002 - for who overrides it
        request_headers: Headers,  # noqa: ARG002
    ) -> HTTPResponse | None:
        """Look at a request, plain HTTP included, before anything is negotiated.

        None goes on; a status from 200 to 599, headers and a body are answered, and the connection ends. Raises
        `InvalidHandshake` to refuse the connection. It is cancelled after `timeout` seconds.
        """
        return None

    def process_origin(self, headers: Headers, origins: Sequence[str | None] | None = None) -> str | None:
        """The origin of a request, if it is among `origins`, where None stands for a request without one.

        Raises `InvalidOrigin`, which is answered with 403.
        """
        try:
            origin = headers.get("Origin")
        except MultipleValuesError:
            raise InvalidHeader("Origin", "more than one Origin header found") from None
        if origins is not None and origin not in origins:
            raise InvalidOrigin(origin)
        return origin

    @staticmethod
    def process_extensions(
        headers: Headers, available_extensions: Sequence[ServerExtensionFactory] | None
    ) -> tuple[str | None, list[Any]]:
        """What the response says of extensions, and those agreed on.

        Of what a client proposes, in its order, the first factory of the same name whose parameters fit is taken.
        """
        return ServerProtocol(extensions=available_extensions).process_extensions(headers)

    def process_subprotocol(
        self, headers: Headers, available_subprotocols: Sequence[str] | None
    ) -> str | None:
        """The subprotocol agreed on; None, which is no error, where there is none."""
        values = headers.get_all("Sec-WebSocket-Protocol")
        offered: list[str] = [name for value in values for name in parse_subprotocol(value)]
        if not offered or not available_subprotocols:
            return None
        return self.select_subprotocol(offered, available_subprotocols)

    @staticmethod
    def select_subprotocol(
        client_subprotocols: Sequence[str], server_subprotocols: Sequence[str]
    ) -> str | None:
        """Of those in both, the one whose places in the two lists have the lowest sum; the server decides a tie."""
        common = [name for name in server_subprotocols if name in client_subprotocols]
        return min(
            common,
            key=lambda name: client_subprotocols.index(name) + server_subprotocols.index(name),
            default=None,
        )

    # -- the handshake

    async def handshake(
        self,
        origins: Sequence[str | None] | None = None,
        available_extensions: Sequence[ServerExtensionFactory] | None = None,
        available_subprotocols: Sequence[str] | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> str:
        """Read a request and answer it with 101; returns the path. Raises `InvalidHandshake` to refuse it.

        It is cancelled after `timeout` seconds.
        """
        path, request_headers = await self.read_http_request()
        early: Any = self.process_request(path, request_headers)
        if inspect.isawaitable(early):
            early = await early
        if early is not None:
            status, headers, body = early
            raise AbortHandshake(status, headers, body)
        accept, extensions = self._opening().negotiate(origins, available_extensions, available_subprotocols)
        if callable(extra_headers):
            extra_headers = extra_headers(path, request_headers)
        await self.write_http_response(101, self._acceptance(accept, extensions, extra_headers))
        return path

    def _acceptance(self, accept: str, extensions: str | None, extra: HeadersLike | None) -> Headers:
        response = Headers(
            [
                ("Date", email.utils.formatdate(usegmt=True)),
                ("Upgrade", "websocket"),
                ("Connection", "Upgrade"),
                ("Sec-WebSocket-Accept", accept),
            ]
        )
        if extensions is not None:
            response["Sec-WebSocket-Extensions"] = extensions
        if self.subprotocol is not None:
            response["Sec-WebSocket-Protocol"] = self.subprotocol
        for name, value in header_pairs(extra):
            response[name] = value
        response.setdefault("Server", SERVER)
        return response

    async def read_http_request(self) -> tuple[str, Headers]:
        """Path and headers of the request. Raises `InvalidHandshake` where none comes; cancelling is safe."""
        request = await self._opening().read_request()
        self.path, self.request_headers = request.path, request.headers
        return request.path, request.headers

    async def write_http_response(
        self, status: int, headers: HeadersLike | Headers, body: bytes | None = None
    ) -> None:
        """Answer the request; with another status than 101 the connection ends.

        Raises `AbortHandshake` for 101 where the server ends. Cancelled, it ends the connection.
        """
        self.response_headers = Headers(headers)
        await self._opening().respond_with(int(status), self.response_headers, body)

    def _opening(self) -> Opening:
        connection: Any = self._opened()
        opening: Opening = connection
        return opening

    def _agree(self, origin: str | None, extensions: list[Any], subprotocol: str | None) -> None:
        self.origin, self.extensions, self.subprotocol = origin, extensions, subprotocol


def refusal(error: Exception) -> AbortHandshake:
    """The HTTP response for what went wrong in a handshake.

    Raises TypeError and ValueError for an `AbortHandshake` that cannot be sent.
    """
    if isinstance(error, AbortHandshake):
        return _completed(error)
    if isinstance(error, library.InvalidHandshake):
        error = handshake_error(error)
    text = f"Failed to open a WebSocket connection: {error}.\n"
    headers: list[tuple[str, str]] = []
    if isinstance(error, InvalidOrigin):
        status = http.HTTPStatus.FORBIDDEN
    elif isinstance(error, InvalidUpgrade):
        status = http.HTTPStatus.UPGRADE_REQUIRED
        headers = [("Upgrade", "websocket")]
        text += "\nA browser cannot open this address directly: it takes a WebSocket client.\n"
    elif isinstance(error.__cause__, library.InvalidMethod):
        status = http.HTTPStatus.METHOD_NOT_ALLOWED
        headers = [("Allow", "GET")]
    elif isinstance(error.__cause__, library.InvalidProtocol):
        status = http.HTTPStatus.HTTP_VERSION_NOT_SUPPORTED
    elif isinstance(error, InvalidHandshake):
        status = http.HTTPStatus.BAD_REQUEST
    else:
        status = http.HTTPStatus.INTERNAL_SERVER_ERROR
        text = "Failed to open a WebSocket connection.\nSee server log for more information.\n"
    return _completed(AbortHandshake(status, headers, text.encode()))


def _completed(error: AbortHandshake) -> AbortHandshake:
    """With the headers that a response without a websocket needs."""
    if not _LOWEST_STATUS <= error.status <= _HIGHEST_STATUS:
        raise ValueError(f"a response without a websocket cannot have the status {error.status}")
    if not isinstance(error.body, bytes | bytearray | memoryview):
        raise TypeError(f"the body of a response has to be bytes, not {type(error.body).__name__}")
    headers = Headers(response_pairs(error.headers))
    headers.setdefault("Date", email.utils.formatdate(usegmt=True))
    headers.setdefault("Server", SERVER)
    headers.setdefault("Content-Type", "text/plain; charset=utf-8")
    for name in ("Content-Length", "Connection"):
        if name in headers:
            del headers[name]
    headers["Content-Length"] = str(len(error.body))
    headers["Connection"] = "close"
    return AbortHandshake(error.status, list(headers.raw_items()), error.body)
