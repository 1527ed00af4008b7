"""Clients of websockets."""

from __future__ import annotations

import socket
import ssl as ssl_module
from collections.abc import Callable, Generator, Sequence
from functools import partial
from types import TracebackType
from typing import Any, ClassVar

import trio
import websockets.exceptions as library
import websockets.trio.client as library_client
from websockets.extensions.base import ClientExtensionFactory

from jupyter_trame.trio.nurseries import BlockNursery, open_quiet_nursery
from jupyter_trame.trio.websockets.careful_connections import CarefulClientConnection
from jupyter_trame.trio.websockets.checks import check_limits, check_offers, check_port, lasting_headers
from jupyter_trame.trio.websockets.common_protocol import WebSocketCommonProtocol
from jupyter_trame.trio.websockets.exceptions import HeadersLike
from jupyter_trame.trio.websockets.extra_headers import header_pairs
from jupyter_trame.trio.websockets.translation import handshake_error, transport_error
from jupyter_trame.trio.websockets.way import Way

__all__ = ["WebSocketClientProtocol", "connect"]


class WebSocketClientProtocol(WebSocketCommonProtocol):
    """A client's end of a connection. A subclass, given as `create_protocol`, takes the same keywords."""

    is_client: ClassVar[bool] = True
    side: ClassVar[str] = "client"

    def __init__(
        self,
        *,
        origin: str | None = None,
        extensions: Sequence[ClientExtensionFactory] | None = None,
        subprotocols: Sequence[str] | None = None,
        extra_headers: HeadersLike | None = None,
        **kwds: Any,
    ) -> None:
        """What `connect` calls; `kwds` are those of `WebSocketCommonProtocol`."""
        super().__init__(**kwds)
        self.origin = origin
        self.available_extensions = extensions
        self.available_subprotocols = subprotocols
        self.extra_headers = extra_headers

    def _attach(self, connection: Any) -> None:
        super()._attach(connection)
        self.path = connection.request.path
        self.request_headers, self.response_headers = connection.request.headers, connection.response.headers
        self.extensions, self.subprotocol = (
            list(connection.protocol.extensions),
            connection.protocol.subprotocol,
        )


class connect:  # noqa: N801 - it is called like a function
    """Connect to the websocket at `uri`.

    ::

        async with connect("ws://localhost:8765") as websocket:
            await websocket.send("Hello world!")

    Leaving the block closes the connection. ``await connect(uri)`` works, too: then the program closes it; its tasks
    are those of `nursery`, or of the trio run where none is given. Each block and each await is a connection of its
    own; within a block the same object has no other block.

    Args:
        uri: ``ws://`` or ``wss://``; ``user:password@`` in it is sent as HTTP Basic authorisation.
        create_protocol: `WebSocketClientProtocol`, a subclass, or what makes one from its keywords.
        klass: older name of the same.
        timeout: in seconds, for the opening and for the closing handshake each; None for no limit.
        max_size: of a message that comes in, in bytes after decompression; None for no limit.
        max_queue: frames that wait for `recv`; beyond it the server is made to wait.
        read_limit: kept on the connection; trio's streams have no buffer of their own.
        write_limit: the same.
        legacy_recv: whether `recv` returns None where the connection has ended.
        origin: what the ``Origin`` header says.
        extensions: what to offer, in this order; each has a `name`.
        subprotocols: in order of preference.
        extra_headers: they take the place of headers of the same name, ``User-Agent`` for one.
        compression: ``"deflate"`` offers permessage-deflate, unless `extensions` has it.
        ssl_context: for ``wss://``; None or True for the default one, which verifies.
        ssl: the same.
        server_hostname: whose certificate is expected, where that is not the host of `uri`.
        sock: a connected socket to use.
        host: to connect to in place of the host of `uri`.
        port: in place of the port of `uri`.
        path: of a Unix socket, to connect to in place of host and port.
        ping_interval: seconds between pings that keep the connection alive; None for none.
        ping_timeout: seconds after which a missing pong ends the connection; None for no limit.
        nursery: where the tasks of an awaited connection run.

    Raises at once `InvalidURI`, ValueError and TypeError for what cannot be meant. Opening raises
    ConnectionError where nothing answers, `InvalidHandshake` where it is no websocket, ssl.SSLError for a
    certificate that is not trusted, and TimeoutError.
    """

    def __init__(  # noqa: PLR0913 - they are the ones of the original
        self,
        uri: str,
        *,
        create_protocol: Callable[..., WebSocketClientProtocol] | None = None,
        klass: Callable[..., WebSocketClientProtocol] | None = None,
        timeout: float | None = 10,
        max_size: int | None = 2**20,
        max_queue: int | None = 2**5,
        read_limit: int = 2**16,
        write_limit: int = 2**16,
        legacy_recv: bool = False,
        origin: str | None = None,
        extensions: Sequence[ClientExtensionFactory] | None = None,
        subprotocols: Sequence[str] | None = None,
        extra_headers: HeadersLike | None = None,
        compression: str | None = "deflate",
        ssl_context: ssl_module.SSLContext | None = None,
        ssl: ssl_module.SSLContext | bool | None = None,
        server_hostname: str | None = None,
        sock: socket.socket | None = None,
        host: str | None = None,
        port: int | None = None,
        path: str | None = None,
        ping_interval: float | None = 20,
        ping_timeout: float | None = 20,
        nursery: trio.Nursery | None = None,
    ) -> None:
        check_offers(compression, subprotocols)
        check_port(port)
        self._pings = {"ping_interval": ping_interval, "ping_timeout": ping_timeout}
        check_limits(
            seconds={"timeout": timeout, **self._pings}, counts={"max_size": max_size, "max_queue": max_queue}
        )
        context = _context(ssl_context, ssl)
        self._way = way = Way(uri, context, server_hostname, host, port, path, sock)
        if not way.parsed.secure and (ssl_context is not None or ssl):
            raise ValueError(
                f"TLS was asked for, and the address says ws:// instead of wss://: {way.parsed.host}"
            )
        self._make = partial(
            create_protocol or klass or WebSocketClientProtocol,
            host=way.address[0],
            port=way.address[1],
            secure=way.parsed.secure,
            timeout=timeout,
            max_size=max_size,
            max_queue=max_queue,
            read_limit=read_limit,
            write_limit=write_limit,
            legacy_recv=legacy_recv,
            origin=origin,
            extensions=extensions,
            subprotocols=subprotocols,
            extra_headers=lasting_headers(extra_headers),
        )
        self._compression = compression
        self._nursery = nursery
        self._block = BlockNursery("this connect(...)")
        self._protocol: WebSocketClientProtocol | None = None

    # -- async with

    async def __aenter__(self) -> WebSocketClientProtocol:
        """Open a connection. Raises what the class says, and RuntimeError within a block of the same object.

        Cancelled, nothing is left open.
        """
        self._protocol = await self._block.enter(self._open)
        return self._protocol

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection; cancelled, at once. Raises what the block does."""
        assert self._protocol is not None
        try:
            await self._protocol.close()
        finally:
            await self._block.leave(kind, error, trace)

    # -- await

    def __await__(self) -> Generator[Any, Any, WebSocketClientProtocol]:
        return self._open_for_good().__await__()

    async def _open_for_good(self) -> WebSocketClientProtocol:
        if self._nursery is not None:
            return await self._open(self._nursery)
        keeper = _Keeper(self._open)
        trio.lowlevel.spawn_system_task(keeper.run)
        return await keeper.opened()

    async def _open(self, nursery: trio.Nursery) -> WebSocketClientProtocol:
        protocol = self._make()
        timeout, where = protocol.timeout, self._way.shown
        opener = self._opener(protocol)
        try:
            with trio.fail_after(timeout) if timeout is not None else trio.CancelScope():
                # Its `connect` would follow redirects, and send them what is meant for this server.
                connection = await opener.open_connection(nursery)
        except trio.TooSlowError as error:
            raise TimeoutError(f"the opening handshake with {where} took more than {timeout} s") from error
        except library.InvalidHandshake as error:
            raise handshake_error(error) from error
        except (OSError, trio.BrokenResourceError, trio.ClosedResourceError) as error:
            found = transport_error(error, where)
            raise found from (None if found is error.__cause__ else error)
        connection.start_keepalive()
        assert isinstance(connection, CarefulClientConnection)
        protocol._attach(connection)
        return protocol

    def _opener(self, protocol: WebSocketClientProtocol) -> library_client.connect:
        return self._way.opener(
            header_pairs(protocol.extra_headers),
            origin=protocol.origin,
            extensions=protocol.available_extensions,
            subprotocols=protocol.available_subprotocols,
            compression=self._compression,
            open_timeout=protocol.timeout,
            close_timeout=protocol.timeout,
            max_size=protocol.max_size,
            max_queue=protocol.max_queue,
            create_connection=CarefulClientConnection,
            **self._pings,
        )


def _context(
    ssl_context: ssl_module.SSLContext | None, ssl: ssl_module.SSLContext | bool | None
) -> ssl_module.SSLContext | None:
    """What `connect` speaks TLS with; None stands for the default. Raises TypeError for what is no context."""
    for given in (ssl_context, ssl):
        if given is not None and not isinstance(given, ssl_module.SSLContext | bool):
            raise TypeError(f"ssl and ssl_context are an ssl.SSLContext, True or None, not {given!r}")
    return next((given for given in (ssl, ssl_context) if isinstance(given, ssl_module.SSLContext)), None)


class _Keeper:
    """Keeps the tasks of a connection that nobody's block encloses, for as long as the trio run lasts."""

    def __init__(self, open_in: Callable[[trio.Nursery], Any]) -> None:
        self._open_in = open_in
        self._scope = trio.CancelScope()
        self._settled = trio.Event()
        self._protocol: WebSocketClientProtocol | None = None
        self._error: Exception | None = None

    async def run(self) -> None:
        """A system task: no exception may leave it."""
        with self._scope:
            async with open_quiet_nursery() as nursery:
                try:
                    self._protocol = await self._open_in(nursery)
                except Exception as error:  # noqa: BLE001 - whatever it is, `opened` raises it
                    self._error = error
                finally:
                    self._settled.set()

    async def opened(self) -> WebSocketClientProtocol:
        """The connection, or what opening it raised. Cancelled, it gives the connection up."""
        try:
            await self._settled.wait()
        except BaseException:
            self._scope.cancel()
            raise
        if self._error is not None:
            raise self._error
        assert self._protocol is not None
        return self._protocol
