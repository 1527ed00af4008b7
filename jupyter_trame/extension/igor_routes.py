"""Igor's servers in kernels: their sockets and files, for who may use them. What they say is passed on as it is.

A request gets a connection of its own to the kernel, on which both ends have proved the record's secret.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from jupyter_server.base.websocket import WebSocketMixin
from tornado.http1connection import HTTP1Connection, HTTP1ConnectionParameters
from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, RequestStartLine, ResponseStartLine
from tornado.iostream import IOStream, StreamClosedError
from tornado.web import HTTPError, stream_request_body

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.refusals import PlainErrors
from jupyter_trame.extension.rights import requires, socket_requires
from jupyter_trame.files.page_policy import POLICY_HEADER, combine
from jupyter_trame.log_text import foreign
from jupyter_trame.system.ownership import NotOursError
from jupyter_trame.transports.joining import join

__all__ = ["IgorConnections", "IgorFiles", "IgorSocketHandler"]

_PIECE = 1 << 16
_PATIENCE = 30.0
"""Seconds in which a kernel has to answer: a handler may keep the loop of its server busy."""
_HEAD = 16 << 10
"""Bytes of a kernel's answer before its body."""
_ENDLESS = 1 << 62
"""Bytes of a file that passes; nothing of it is kept here."""
_ASKED = (
    "Content-Length",
    "Content-Type",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "Range",
    "Transfer-Encoding",
)
"""Headers of a request for a file that the kernel gets. No cookie and no token: it has to know neither."""
_ANSWERED = ("Accept-Ranges", "Content-Length", "Content-Range", "Content-Type", "Etag", "Last-Modified")
_LENGTH = re.compile(r"[0-9]{1,18}")
_HANDSHAKE = ("Upgrade", "Sec-Websocket-Key", "Sec-Websocket-Version")
_SANDBOX = "sandbox; default-src 'none'"
"""A file may be of whoever writes there, and opened as a page it would act for who looks at it."""


class IgorConnections:
    """The way to the servers of all kernels, and how many clients go it. On jupyter-server's loop."""

    def __init__(self, kernels: Kernels) -> None:
        self._kernels = kernels
        self._open: set[tuple[IOStream, IOStream]] = set()

    @property
    def clients(self) -> int:
        """Open sockets."""
        return len(self._open)

    async def connect(self, kernel: str, name: str) -> IOStream:
        """A connection to the server `name` of `kernel`. Raises `HTTPError`: 404 where it does not run."""
        kernel_id = self._kernels.resolve(kernel)
        record = None if kernel_id is None else self._kernels.service_record(kernel_id, "igor", name)
        if record is None:
            raise HTTPError(404, "no Igor server %s runs in kernel %s", foreign(name), foreign(kernel))
        try:
            return IOStream(await join(record, name, ""))
        except NotOursError as error:
            self._kernels.report(str(error))
        except LinkError:  # its process was killed
            pass
        raise HTTPError(
            404, "the Igor server %s of kernel %s does not answer", foreign(name), foreign(kernel)
        )

    async def splice(self, kernel: str, client: IOStream, server: IOStream) -> None:
        """Pass on what each sends to the other, no faster than that reads, until one of them ends."""
        kernel_id = self._kernels.resolve(kernel) or kernel
        pair = (client, server)
        self._open.add(pair)
        self._kernels.view_opened(kernel_id)
        try:
            await asyncio.gather(_pass_on(client, server), _pass_on(server, client))
        finally:
            self._open.discard(pair)
            self._kernels.view_closed(kernel_id)

    def close(self) -> None:
        """End all of them."""
        for client, server in list(self._open):
            server.close()
            client.close()


async def _pass_on(source: IOStream, sink: IOStream) -> None:
    with contextlib.suppress(StreamClosedError):
        while True:
            await sink.write(await source.read_bytes(_PIECE, partial=True))
    source.close()
    sink.close()


class IgorSocketHandler(WebSocketMixin, PlainErrors):
    """``igor/<kernel id>/<name>/ws``: for who may execute code in kernels, as the actions do."""

    def initialize(self, *, connections: IgorConnections) -> None:
        """See `IgorConnections`."""
        super().initialize()
        self._connections = connections

    @socket_requires("execute", "kernels")
    async def get(self, kernel_id: str, name: str) -> None:
        """Let the kernel answer the handshake, and pass on what follows."""
        if not self.check_origin():
            raise HTTPError(403)
        server = await self._connections.connect(kernel_id, name)
        given = self.request.headers
        headers = HTTPHeaders({name: given[name] for name in _HANDSHAKE if name in given})
        headers["Connection"], headers["Host"] = "Upgrade", "kernel"
        try:
            async with asyncio.timeout(_PATIENCE):
                await server.write(b"GET /ws HTTP/1.1\r\n" + _lines(headers))
                head = await server.read_until(b"\r\n\r\n", max_bytes=_HEAD)
        except (StreamClosedError, TimeoutError):
            server.close()
            raise HTTPError(502, "the Igor server of kernel %s does not answer", foreign(kernel_id)) from None
        if not head.startswith(b"HTTP/1.1 101 "):
            server.close()
            if head.startswith(b"HTTP/1.1 503 "):
                raise HTTPError(503, "the Igor server %s has as many clients as it takes", foreign(name))
            raise HTTPError(400, "a websocket was expected")
        client = self.detach()
        client.set_nodelay(True)
        with contextlib.suppress(StreamClosedError):
            await client.write(head)
        await self._connections.splice(kernel_id, client, server)


def _lines(headers: HTTPHeaders) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.get_all()).encode("latin1") + b"\r\n"


@stream_request_body
class IgorFiles(PlainErrors):
    """``igor/<kernel id>/<name>/files/<path>``: for who may read or write contents."""

    _server: HTTP1Connection | None = None
    _stream: IOStream | None = None
    _answer: asyncio.Task[bool] | None = None
    _is_begun = False
    """Whether the kernel has answered."""
    _is_over = False
    """Whether the client was."""

    def initialize(self, *, connections: IgorConnections) -> None:
        """See `IgorConnections`."""
        super().initialize()
        self._connections = connections

    async def prepare(self, **options: Any) -> None:
        """Who may write is asked before the body comes, which is passed on as it does."""
        prepared = await super().prepare(**options)
        if prepared is not None:  # an extension of it may be a function that gives what to wait for
            await prepared
        if self.request.method != "POST" or self._is_over:
            return
        if self.current_user is None or not await self._may_write():
            raise HTTPError(403)
        length = self.request.headers.get("Content-Length", "0")
        if not _LENGTH.fullmatch(
            length
        ):  # tornado looks when it reads the body, which is after the kernel was asked
            raise HTTPError(400, "Content-Length is a number of bytes, not %s", foreign(length))
        await self._ask(**self.path_kwargs)

    @requires("read", "contents")
    async def get(self, kernel_id: str, name: str, path: str) -> None:
        """A file, or a part of it."""
        await self._ask(kernel_id, name, path)
        await self._answered()

    @requires("read", "contents")
    async def head(self, kernel_id: str, name: str, path: str) -> None:
        """The headers of `get`."""
        await self._ask(kernel_id, name, path)
        await self._answered()

    @requires("write", "contents")
    async def post(self, kernel_id: str, name: str, path: str) -> None:  # noqa: ARG002 - `prepare` has asked
        """The body has come."""
        if (
            self._server is not None and not self._is_begun
        ):  # it was refused before, and not passed on to its end
            with contextlib.suppress(StreamClosedError):
                self._server.finish()
        await self._answered()

    async def data_received(self, chunk: bytes) -> None:
        """A piece of the body; it waits until the kernel has taken the one before."""
        if self._server is not None and not self._is_begun:
            with contextlib.suppress(StreamClosedError):
                await self._server.write(chunk)

    def on_connection_close(self) -> None:
        """The client is gone: so is the kernel's half of a file."""
        super().on_connection_close()
        self._end()

    def on_finish(self) -> None:
        """Answered."""
        super().on_finish()
        self._is_over = True
        self._end()

    async def _may_write(self) -> bool:
        allowed: Any = self.authorizer.is_authorized(self, self.current_user, "write", "contents")
        return bool(await allowed if isinstance(allowed, Awaitable) else allowed)

    async def _ask(self, kernel_id: str, name: str, path: str) -> None:
        self._stream = await self._connections.connect(kernel_id, name)
        endless = HTTP1ConnectionParameters(max_body_size=_ENDLESS)
        self._server = HTTP1Connection(self._stream, is_client=True, params=endless)
        given = self.request.headers
        headers = HTTPHeaders({name: given[name] for name in _ASKED if name in given})
        headers["Host"], headers["Connection"] = "kernel", "close"
        line = RequestStartLine(str(self.request.method), f"/files/{quote(path, safe='/')}", "HTTP/1.1")
        with contextlib.suppress(StreamClosedError):
            await self._server.write_headers(line, headers)
            if self.request.method != "POST":
                self._server.finish()
        self._answer = asyncio.ensure_future(self._server.read_response(_Answer(self)))
        # Where the client hung up nobody asks any more how it ended.
        self._answer.add_done_callback(lambda answer: answer.cancelled() or answer.exception())

    async def _answered(self) -> None:
        if self._answer is not None:
            with contextlib.suppress(StreamClosedError):
                await self._answer
        if self._is_over:
            return
        if not self._is_begun:
            raise HTTPError(502, "the kernel did not answer")
        self.finish()

    def begin(self, status: int, headers: HTTPHeaders) -> None:
        """The kernel answers."""
        self._is_begun = True
        self.set_status(status)
        for name in _ANSWERED:
            if name in headers:
                self.set_header(name, headers[name])
        self.set_header(POLICY_HEADER, combine(self.answer_headers.get(POLICY_HEADER, ""), _SANDBOX))
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "private, no-cache")

    def compute_etag(self) -> None:
        """The kernel's is the one."""

    def _end(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


class _Answer(HTTPMessageDelegate):
    """What the kernel answers, on its way to the client."""

    def __init__(self, handler: IgorFiles) -> None:
        self._handler = handler

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> None:
        assert isinstance(start_line, ResponseStartLine)
        if start_line.code >= HTTPStatus.OK:
            self._handler.begin(start_line.code, headers)

    async def data_received(self, chunk: bytes) -> None:
        self._handler.write(chunk)
        with contextlib.suppress(StreamClosedError):
            await self._handler.flush()
