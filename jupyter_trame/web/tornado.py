"""tornado's web server in front of a server: the default, since Jupyter brings it."""

from __future__ import annotations

import socket
from functools import partial
from ssl import SSLContext
from typing import Any, NoReturn

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerRequest,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream, SSLIOStream
from tornado.netutil import ssl_wrap_socket
from tornado.web import Application

from jupyter_trame.errors import ServerError
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.transports import _tornado_private
from jupyter_trame.web import tornado_handlers
from jupyter_trame.web.door import Door, Guest
from jupyter_trame.web.http_server import ListenAddress, bind
from jupyter_trame.web.site import Site

__all__ = ["TornadoHttpServer", "TornadoWeb"]

_BODY_LIMIT = 1 << 16
"""Bytes; stock clients say in one what the launcher is to start."""


class TornadoWeb:
    """What `on_server_bind` gets."""

    def __init__(self, app: Application) -> None:
        self.app = app
        """Add routes with ``app.add_handlers(r".*", [...])``; they come before the server's own."""


class TornadoHttpServer:
    """See `HttpServer`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._app = _Application(
            site,
            tornado_handlers.routes(site),
            websocket_ping_interval=site.heart_beat if site.heart_beat >= 1 else None,
            websocket_max_message_size=site.frame_limit,
            default_handler_class=tornado_handlers.NoAddressHandler,
            log_function=partial(tornado_handlers.log_request, Complaints(tornado_handlers.logger)),
        )
        self._http: _HTTPServer | None = None
        self._door: Door | None = None
        self.web = TornadoWeb(self._app)

    async def listen(self, address: ListenAddress) -> int:
        """See `HttpServer`."""
        sock = bind(address)
        http = self._http = _HTTPServer(self._app, ssl_options=address.ssl)
        self._door = Door(sock, lambda sock: http.admit(sock, address.ssl), self._site.limits)
        return int(sock.getsockname()[1])

    def close(self) -> None:
        """See `HttpServer`."""
        if self._door is not None:
            self._door.close()
        if self._http is not None:
            self._http.stop()

    async def closed(self) -> None:
        """See `HttpServer`. A connection that is kept alive would be answered on, so it is cut."""
        if self._http is not None:
            await self._http.close_all_connections()


class _HTTPServer(HTTPServer):
    """A web server whose connections come through a `Door`."""

    def admit(self, sock: socket.socket, context: SSLContext | None) -> Guest:
        """Serve `sock`. Raises `OSError` when it has hung up."""
        sock.setblocking(False)
        address = sock.getpeername()
        stream: _Stream
        if context is None:
            stream = _Stream(sock, max_buffer_size=self.max_buffer_size)
        else:
            wrapped = ssl_wrap_socket(sock, context, server_side=True, do_handshake_on_connect=False)
            stream = _TLSStream(wrapped, max_buffer_size=self.max_buffer_size)
        self.handle_stream(stream, address)
        return _Guest(stream)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Called when the next request is awaited: the one before it was answered."""
        stream: Any = getattr(request_conn, "stream", None)
        delegate = super().start_request(server_conn, request_conn)
        if not isinstance(stream, _Stream):
            return delegate
        stream.stage = _HEAD
        return _Staged(delegate, stream)


_HEAD, _BODY, _ANSWER = range(3)


class _Stream(IOStream):
    """Knows what comes next on its connection."""

    stage = _HEAD
    heard = 0
    is_client = False
    """Whether the connection is the websocket of a client."""

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        size = super().read_from_fd(buf)
        self.heard += size or 0
        return size


class _TLSStream(_Stream, SSLIOStream):
    """The same with TLS."""


class _Staged(HTTPMessageDelegate):
    """Tells the stream how far a request has come."""

    def __init__(self, delegate: HTTPMessageDelegate, stream: _Stream) -> None:
        self._delegate = delegate
        self._stream = stream

    def headers_received(self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders) -> Any:
        self._stream.stage = _BODY
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Any:
        return self._delegate.data_received(chunk)

    def finish(self) -> None:
        self._stream.stage = _ANSWER
        self._delegate.finish()

    def on_connection_close(self) -> None:
        self._delegate.on_connection_close()


class _Guest(Guest):
    def __init__(self, stream: _Stream) -> None:
        self._stream = stream

    @property
    def gone(self) -> bool:
        return self._stream.closed() or self._stream.is_client

    @property
    def idle(self) -> bool:
        return self._stream.stage == _HEAD

    @property
    def owes(self) -> bool:
        return self._stream.stage != _ANSWER or self._stream.writing()

    @property
    def moved(self) -> int:
        return self._stream.heard - _tornado_private.unwritten(self._stream)

    def abort(self) -> None:
        self._stream.close()


class _Application(Application):
    """An application that knows its names, and tells apps written for aiohttp what to do."""

    def __init__(self, site: Site, *routes: Any, **settings: Any) -> None:
        super().__init__(*routes, **settings)
        self._site = site

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        """Also for the routes of the app. Nobody here reads a body but these, and tornado collects one before the
        handler may refuse it: 100 MB of whoever connects.
        """
        if self._site.knows_host(request.headers.get("Host", "")):
            found = super().find_handler(request, **kwargs)
        else:
            found = self.get_handler_delegate(request, tornado_handlers.ForeignHostHandler)
        kind = getattr(found, "handler_class", tornado_handlers.NoAddressHandler)
        if kind in tornado_handlers.WITHOUT_BODY and isinstance(request.connection, HTTP1Connection):
            request.connection.set_max_body_size(_BODY_LIMIT)
        return found

    @property
    def router(self) -> _NoRouter:
        return _NoRouter()

    def add_routes(self, *_: Any) -> NoReturn:
        raise _no_aiohttp("app.add_routes")


class _NoRouter:
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _no_aiohttp(f"app.router.{name}")


def _no_aiohttp(what: str) -> ServerError:
    return ServerError(
        f"{what} is aiohttp's, but this server is carried by tornado: start it with "
        'server.start(backend="aiohttp") or TRAME_BACKEND=aiohttp, or use app.add_handlers(r".*", [...])'
    )
