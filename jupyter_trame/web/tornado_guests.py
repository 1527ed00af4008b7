"""Connections of tornado's web server as a `Door` watches them: what comes next on each."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager, nullcontext
from ssl import SSLContext
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream, SSLIOStream
from tornado.netutil import ssl_wrap_socket

from jupyter_trame.protocol.limits import Limits
from jupyter_trame.transports import _tornado_private
from jupyter_trame.web.door import Door, Guest

__all__ = ["GuestHTTPServer"]


class GuestHTTPServer(HTTPServer):
    """A web server whose connections come through a `Door`."""

    _door: Door | None = None

    def serve(self, sock: socket.socket, limits: Limits, context: SSLContext | None = None) -> None:
        """Serve the connections of `sock`, which listens; with TLS where there is a `context`."""
        self._door = Door(sock, lambda guest: self.admit(guest, context), limits)

    def stop(self) -> None:
        """Let nobody in any more. Connections that are there go on; `close_all_connections` ends them."""
        if self._door is not None:
            self._door.close()
        super().stop()

    def admit(self, sock: socket.socket, context: SSLContext | None = None) -> Guest:
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
    close_lock: AbstractContextManager[Any] = nullcontext()
    """Held while the socket is closed: another thread that writes to it holds it too."""

    def close_fd(self) -> None:
        with self.close_lock:
            super().close_fd()

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
