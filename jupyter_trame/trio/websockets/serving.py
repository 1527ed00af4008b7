"""Servers of websockets."""

from __future__ import annotations

import logging
import socket
import ssl as ssl_module
from collections.abc import Callable, Coroutine, Generator, Sequence
from functools import partial
from types import TracebackType
from typing import Any

import trio
import websockets.trio.server as library_server
from websockets.extensions.base import ServerExtensionFactory
from websockets.extensions.permessage_deflate import enable_server_permessage_deflate

from jupyter_trame.trio.nurseries import BlockNursery, open_quiet_nursery, wait_for_any
from jupyter_trame.trio.websockets.checks import check_limits, check_offers, check_port, lasting_headers
from jupyter_trame.trio.websockets.common_protocol import check_close
from jupyter_trame.trio.websockets.exceptions import ConnectionClosed
from jupyter_trame.trio.websockets.listening import UnixListener, listen_on_host, listen_on_socket
from jupyter_trame.trio.websockets.server_connection import CarefulServerConnection
from jupyter_trame.trio.websockets.server_protocol import ExtraHeaders, Handler, WebSocketServerProtocol

__all__ = ["WebSocketServer", "WebSocketServerProtocol", "serve", "unix_serve"]

_logger = logging.getLogger("websockets.server")

_HURRY = 1.0
"""Seconds that clients have for their goodbye where the server is cancelled."""


class WebSocketServer:
    """A running server, as ``async with serve(...)`` and ``nursery.start(serve, ...)`` give it.

    Methods are for the thread of its trio run.
    """

    def __init__(self, listeners: list[trio.SocketListener], patience: float | None) -> None:
        """`patience`: seconds that connections have to close, and handlers to return; None for no limit."""
        self._listeners = listeners
        self._patience = patience
        self._listening = trio.Event()
        self._closing = trio.Event()
        self._closed = trio.Event()
        self._connections: set[CarefulServerConnection] = set()
        self._nursery: trio.Nursery | None = None
        self._library: library_server.Server | None = None

    @property
    def sockets(self) -> list[trio.socket.SocketType]:
        """What it listens on; empty when it has ended."""
        return [] if self._closing.is_set() else [listener.socket for listener in self._listeners]

    @property
    def websockets(self) -> set[WebSocketServerProtocol]:
        """The connections that are open."""
        return {connection.facade for connection in self._connections if connection.facade.open}

    def close(self) -> None:
        """Begin to end the server, as `aclose` does; `wait_closed` says when it has ended."""
        if self._nursery is not None and not self._closing.is_set():
            self._nursery.start_soon(self.aclose)

    async def wait_closed(self) -> None:
        """Return when nothing listens and all handlers have returned. Raises nothing; cancelling is safe."""
        await self._closed.wait()

    async def aclose(self, code: int = 1001, reason: str = "") -> None:
        """End the server: nothing listens, open connections end with `code`, handshakes are refused with 503.

        Handlers that go on after `timeout` seconds are cancelled. Raises `WebSocketProtocolError` and TypeError for a
        code or reason that no close frame can have.
        Cancelled itself, it leaves the rest to another call, or to the block of the server. Idempotent.
        """
        check_close(code, reason)
        await self._end(code, reason, self._patience)

    async def _end(self, code: int, reason: str, patience: float | None) -> None:
        self._closing.set()
        await wait_for_any(self._listening, self._closed)
        server = self._library
        if server is None:
            return  # it could not listen
        server.closing = True
        server.serve_nursery.cancel_scope.cancel()
        with trio.move_on_after(patience) if patience is not None else trio.CancelScope():
            async with trio.open_nursery() as nursery:
                for connection in list(self._connections):
                    if connection.facade.open:
                        nursery.start_soon(_say_goodbye, connection, code, reason)
            await server.handlers_waiter.wait()
        server.handler_nursery.cancel_scope.cancel()
        await self._closed.wait()


async def _say_goodbye(connection: CarefulServerConnection, code: int, reason: str) -> None:
    try:
        await connection.facade.close(code, reason)
    except ConnectionClosed:
        pass  # the client was first
    except Exception:  # of a class of the program: the other clients are to be told as well
        _logger.exception("a connection failed to close")
        await connection.aclose(code, reason)


class serve(Coroutine[Any, Any, None]):  # noqa: N801 - it is called like a function
    """Serve websockets with `ws_handler`, in whatever way suits the program::

        trio.run(serve, handler, "localhost", 8765)
        await serve(handler, "localhost", 8765)           # until it is cancelled
        async with serve(handler, "localhost", 8765) as server: ...
        server = await nursery.start(serve, handler, "localhost", 8765)

    The handler, ``async def handler(websocket, path)``, runs once a connection, which ends when it returns: with 1011
    where it raised something, which is logged, and with 1000 otherwise. When the server ends, open connections end
    with 1001.

    Args:
        ws_handler: called with the connection and the path of its request.
        host: whose addresses to listen on; None for all interfaces, in a kernel for 127.0.0.1.
        port: 0 or None for a free one.
        path: of a Unix socket, in place of host and port; it is removed at the end.
        sock: a bound socket, in place of host and port.
        create_protocol: `WebSocketServerProtocol`, a subclass, or what makes one from its arguments.
        klass: older name of the same.
        timeout: in seconds, for the opening handshake, TLS included, and for the closing one; None for no limit.
        max_size: of a message that comes in, in bytes after decompression; None for no limit.
        max_queue: frames that wait for `recv`; beyond it the client is made to wait.
        read_limit: kept on connections; trio's streams have no buffer of their own.
        write_limit: the same.
        legacy_recv: whether `recv` returns None where the connection has ended.
        origins: of pages that may connect, ``""`` for clients that name none; others get 403. None for any.
        extensions: each has a `name`.
        subprotocols: in order of preference.
        extra_headers: of the response; a function gets path and headers of the request.
        compression: ``"deflate"`` accepts permessage-deflate, unless `extensions` has it.
        ssl: TLS is spoken with it.
        ping_interval: seconds between pings that keep connections alive; None for none.
        ping_timeout: seconds after which a missing pong ends the connection; None for no limit.
        task_status: `nursery.start` gives it.

    Raises ValueError and TypeError at once for what cannot be meant, and OSError where it cannot listen.
    """

    def __init__(  # noqa: PLR0913 - they are the ones of the original
        self,
        ws_handler: Handler,
        host: str | None = None,
        port: int | None = None,
        *,
        path: str | None = None,
        sock: socket.socket | None = None,
        create_protocol: Callable[..., WebSocketServerProtocol] | None = None,
        klass: Callable[..., WebSocketServerProtocol] | None = None,
        timeout: float | None = 10,
        max_size: int | None = 2**20,
        max_queue: int | None = 2**5,
        read_limit: int = 2**16,
        write_limit: int = 2**16,
        legacy_recv: bool = False,
        origins: Sequence[str | None] | None = None,
        extensions: Sequence[ServerExtensionFactory] | None = None,
        subprotocols: Sequence[str] | None = None,
        extra_headers: ExtraHeaders | None = None,
        compression: str | None = "deflate",
        ssl: ssl_module.SSLContext | None = None,
        ping_interval: float | None = 20,
        ping_timeout: float | None = 20,
        task_status: trio.TaskStatus[WebSocketServer] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        check_offers(compression, subprotocols, origins)
        pings = {"ping_interval": ping_interval, "ping_timeout": ping_timeout}
        check_limits(
            seconds={"timeout": timeout, **pings}, counts={"max_size": max_size, "max_queue": max_queue}
        )
        _check_service(ws_handler, host, port, path, sock, ssl)
        if compression == "deflate":
            extensions = enable_server_permessage_deflate(extensions)
        self._handler = ws_handler
        self._place = host, port, path, sock
        self._ssl = ssl
        self._make = partial(
            create_protocol or klass or WebSocketServerProtocol,
            host=host,
            port=port,
            secure=ssl is not None,
            timeout=timeout,
            max_size=max_size,
            max_queue=max_queue,
            read_limit=read_limit,
            write_limit=write_limit,
            legacy_recv=legacy_recv,
            origins=origins,
            extensions=extensions,
            subprotocols=subprotocols,
            extra_headers=extra_headers if callable(extra_headers) else lasting_headers(extra_headers),
        )
        self._timeout = timeout
        self._options: dict[str, Any] = {"max_queue": max_queue, **pings}
        self._task_status = task_status
        self._coroutine: Coroutine[Any, Any, None] | None = None
        self._block = BlockNursery("this serve(...)")
        self._server: WebSocketServer | None = None

    # -- a coroutine, which serves until it is cancelled or the server is closed

    def __await__(self) -> Generator[Any, Any, None]:
        return self._serve(task_status=self._task_status).__await__()

    def send(self, value: Any) -> Any:
        """See `collections.abc.Coroutine`."""
        return self._begun().send(value)

    def throw(self, *error: Any) -> Any:
        """See `collections.abc.Coroutine`."""
        return self._begun().throw(*error)

    def close(self) -> None:
        """See `collections.abc.Coroutine`."""
        if self._coroutine is not None:
            self._coroutine.close()

    def _begun(self) -> Coroutine[Any, Any, None]:
        if self._coroutine is None:
            self._coroutine = self._serve(task_status=self._task_status)
        return self._coroutine

    # -- async with

    async def __aenter__(self) -> WebSocketServer:
        """Listen. Raises OSError where that cannot be, RuntimeError within a block of the same object.

        Cancelled, nothing listens.
        """
        server: WebSocketServer = await self._block.enter(lambda nursery: nursery.start(self._serve))
        self._server = server
        return server

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the server, as `WebSocketServer.aclose` does; cancelled, within a second. Raises what the block does."""
        assert self._server is not None
        try:
            await self._server.aclose()
        finally:
            await self._block.leave(kind, error, trace)

    # -- serving

    async def _serve(
        self, *, task_status: trio.TaskStatus[WebSocketServer] = trio.TASK_STATUS_IGNORED
    ) -> None:
        host, port, path, sock = self._place
        unix = None if path is None else UnixListener(path)
        if unix is not None:
            listeners = unix.listen()
        elif sock is not None:
            listeners = listen_on_socket(sock)
        else:
            listeners = await listen_on_host(host, port)
        server = WebSocketServer(listeners, self._timeout)
        try:
            async with open_quiet_nursery() as nursery:
                server._nursery = nursery
                nursery.start_soon(self._accept, server)
                try:
                    await server._listening.wait()
                    task_status.started(server)
                    await server.wait_closed()
                except BaseException:  # a cancellation, or Ctrl-C
                    with trio.CancelScope(shield=True):
                        await server._end(1001, "", _HURRY)
                    raise
        finally:
            if unix is not None:
                unix.remove()

    async def _accept(self, server: WebSocketServer) -> None:
        """Run the library's server, beyond the cancellation of who serves: clients are told goodbye first."""
        try:
            with trio.CancelScope(shield=True):
                async with open_quiet_nursery() as nursery:
                    server._library = await nursery.start(
                        partial(
                            library_server.serve,
                            self._handle,
                            listeners=server._listeners,
                            ssl=self._ssl,
                            compression=None,
                            open_timeout=self._timeout,
                            close_timeout=self._timeout,
                            create_connection=partial(self._connect, server),  # type: ignore[arg-type]
                            **self._options,
                        )
                    )
                    server._listening.set()
        finally:
            server._closing.set()
            server._closed.set()

    def _connect(self, server: WebSocketServer, *args: Any, **options: Any) -> CarefulServerConnection:
        facade = self._make(self._handler, server)
        connection = CarefulServerConnection(
            *args, facade=facade, closing=server._closing, on_closed=server._connections.discard, **options
        )
        server._connections.add(connection)
        return connection

    async def _handle(self, connection: library_server.ServerConnection) -> None:
        assert isinstance(connection, CarefulServerConnection)
        facade = connection.facade
        try:
            await facade.ws_handler(facade, facade.path or "/")
        except ConnectionClosed:
            if facade.open:  # another connection's, of which the handler knows nothing
                raise
        except BaseExceptionGroup as group:
            _, rest = group.split(ConnectionClosed)
            if facade.open or rest is not None:
                raise


def _check_service(
    ws_handler: Handler,
    host: str | None,
    port: int | None,
    path: str | None,
    sock: socket.socket | None,
    ssl: ssl_module.SSLContext | None,
) -> None:
    check_port(port)
    if not callable(ws_handler):
        raise TypeError(f"a handler is a coroutine function, not {ws_handler!r}")
    if sum(given is not None for given in (path, sock, port)) > 1 or (path and host):
        raise ValueError("a server listens on a host and a port, on a path, or on a socket: give one")
    if ssl is not None and not isinstance(ssl, ssl_module.SSLContext):
        raise TypeError(f"ssl of a server has to be an ssl.SSLContext with its certificate, not {ssl!r}")


def unix_serve(ws_handler: Handler, path: str, **options: Any) -> serve:
    """Serve websockets on a Unix socket at `path`, for its owner alone; `options` are those of `serve`."""
    return serve(ws_handler, path=path, **options)
