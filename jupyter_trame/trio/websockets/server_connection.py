"""The library's connection of a server, which leaves the opening handshake to a `WebSocketServerProtocol`."""

from __future__ import annotations

import http
import http.client
import logging
from collections.abc import Callable, Sequence
from typing import Any

import trio
import websockets.exceptions as library
from websockets.datastructures import Headers
from websockets.http11 import SERVER, Request, Response
from websockets.protocol import CONNECTING
from websockets.server import ServerProtocol
from websockets.trio.server import ServerConnection

from jupyter_trame.trio.nurseries import wait_for_any
from jupyter_trame.trio.websockets.careful_connections import CarefulConnection
from jupyter_trame.trio.websockets.exceptions import AbortHandshake, InvalidHandshake, InvalidMessage
from jupyter_trame.trio.websockets.server_protocol import WebSocketServerProtocol, refusal
from jupyter_trame.trio.websockets.translation import handshake_error, library_error

__all__ = ["CarefulServerConnection", "Negotiation"]

_LINGER = 1.0
"""Seconds for which a client that is refused may go on reading why."""
_logger = logging.getLogger("websockets.server")


class Negotiation(ServerProtocol):
    """The library's protocol, which asks a `WebSocketServerProtocol` what to agree on."""

    facade: WebSocketServerProtocol
    offers: tuple[Sequence[str | None] | None, Any, Sequence[str] | None]
    """Origins, extensions and subprotocols of this handshake."""

    def process_origin(self, headers: Headers) -> Any:
        """See `WebSocketServerProtocol.process_origin`."""
        return self._ask(self.facade.process_origin, headers, self.offers[0])

    def process_extensions(self, headers: Headers) -> tuple[str | None, list[Any]]:
        """See `WebSocketServerProtocol.process_extensions`."""
        header, extensions = self._ask(self.facade.process_extensions, headers, self.offers[1])
        return header, list(extensions)

    def process_subprotocol(self, headers: Headers) -> Any:
        """See `WebSocketServerProtocol.process_subprotocol`."""
        return self._ask(self.facade.process_subprotocol, headers, self.offers[2])

    def send_eof(self) -> None:
        """As the library's, which leaves what is no HTTP request without an answer."""
        wrong = self.handshake_exc
        if isinstance(wrong, library.InvalidMessage) and not isinstance(wrong.__cause__, EOFError):
            answer = refusal(handshake_error(wrong))
            self.writes.append(_response(answer.status, Headers(answer.headers), answer.body).serialize())
        super().send_eof()

    def _ask(self, hook: Callable[..., Any], *args: Any) -> Any:
        try:
            return hook(*args)
        except InvalidHandshake as error:
            raise library_error(error) from error


class CarefulServerConnection(CarefulConnection, ServerConnection):
    """The library's connection of a server, whose opening handshake a `WebSocketServerProtocol` decides."""

    def __init__(
        self,
        nursery: trio.Nursery,
        stream: trio.abc.Stream,
        protocol: ServerProtocol,
        server: Any,
        *,
        facade: WebSocketServerProtocol,
        closing: trio.Event,
        on_closed: Callable[[CarefulServerConnection], object],
        **options: Any,
    ) -> None:
        """`closing` is set when the server ends, `on_closed` called when this connection has.

        The other arguments are the library's.
        """
        negotiation = Negotiation(max_size=facade.max_size, logger=protocol.logger)
        negotiation.facade = facade
        super().__init__(nursery, stream, negotiation, server, **options)
        self.facade = facade
        self._closing = closing
        self._on_closed = on_closed
        facade._attach(self)

    async def handshake(
        self,
        process_request: Any = None,  # noqa: ARG002 - hooks are methods of the facade
        process_response: Any = None,  # noqa: ARG002
        server_header: str | None = SERVER,  # noqa: ARG002
    ) -> None:
        """Have the facade open the connection, or refuse it."""
        facade = self.facade
        try:
            await facade.handshake(
                facade.origins,
                facade.available_extensions,
                facade.available_subprotocols,
                facade.extra_headers,
            )
        except Exception as error:
            if self.protocol.state is not CONNECTING:
                _logger.debug("the connection ended within the opening handshake: %s", error)
                return
            try:
                answer = refusal(error)
            except (TypeError, ValueError) as wrong:  # what a hook wants answered cannot be sent
                error, answer = wrong, refusal(wrong)
            if answer.status == http.HTTPStatus.INTERNAL_SERVER_ERROR:
                self.logger.exception("opening handshake failed", exc_info=error)
            else:
                self.logger.info("opening handshake failed: %s", error)
            await facade.write_http_response(answer.status, answer.headers, answer.body)

    async def close_stream(self) -> None:
        """End the connection, and tell who wants to know."""
        await super().close_stream()
        self._on_closed(self)

    async def read_request(self) -> Request:
        """See `Opening`."""
        await wait_for_any(self.request_rcvd, self.stream_closed, self._closing)
        if self.request is not None:
            return self.request
        if self._closing.is_set():
            raise _shutting_down()
        raise InvalidMessage("the connection ended before there was a valid HTTP request")

    def negotiate(
        self,
        origins: Sequence[str | None] | None,
        extensions: Any,
        subprotocols: Sequence[str] | None,
    ) -> tuple[str, str | None]:
        """See `Opening`."""
        assert self.request is not None
        protocol = self.protocol
        assert isinstance(protocol, Negotiation)
        protocol.accept_called = True
        protocol.offers = origins, extensions, subprotocols
        try:
            accept, extensions_header, _ = protocol.process_request(self.request)
        except library.InvalidHandshake as error:
            if isinstance(error.__cause__, InvalidHandshake):
                raise error.__cause__ from None
            raise handshake_error(error) from error
        self.facade._agree(protocol.origin, protocol.extensions, protocol.subprotocol)
        return accept, extensions_header

    async def respond_with(self, status: int, headers: Headers, body: bytes | None) -> None:
        """See `Opening`."""
        # Nothing yields between this look and the change of the state.
        if status == http.HTTPStatus.SWITCHING_PROTOCOLS and self._closing.is_set():
            raise _shutting_down()
        if self.protocol.state is not CONNECTING:
            return
        self.response = _response(status, headers, body or b"")
        self.protocol.send_response(self.response)
        await self.send_data()
        if status != http.HTTPStatus.SWITCHING_PROTOCOLS:
            # Closed at once, TCP might throw away what the client has not read.
            with trio.move_on_after(_LINGER):
                await self.stream_closed.wait()


def _response(status: int, headers: Headers, body: bytes) -> Response:
    return Response(status, http.client.responses.get(status, ""), headers, body)


def _shutting_down() -> AbortHandshake:
    return AbortHandshake(http.HTTPStatus.SERVICE_UNAVAILABLE, [], b"Server is shutting down.\n")
