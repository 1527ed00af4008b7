"""aiohttp's web server in front of a server, for apps that add aiohttp routes; the extra ``jupyter_trame[aiohttp]``."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from pathlib import Path
from ssl import SSLContext
from typing import Any

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict

from jupyter_trame.files.headers import entity_tag, refusal_headers
from jupyter_trame.transports import _aiohttp_private
from jupyter_trame.transports.aiohttp import AiohttpSocket, AiohttpTransport
from jupyter_trame.web.cookie import FORBIDDEN
from jupyter_trame.web.door import Door, Guest
from jupyter_trame.web.hosts import refusal
from jupyter_trame.web.http_server import ListenAddress, bind
from jupyter_trame.web.site import (
    FOREIGN_PAGE,
    LAUNCHER,
    NO_LAUNCHER,
    Site,
)
from jupyter_trame.web.upgrade import upgrade_objection

__all__ = ["AiohttpHttpServer", "AiohttpWeb"]

_GOODBYE_TIMEOUT = 0.5
"""Seconds that the last requests and clients have when the server stops."""

_AT_ONCE = 256 * 1024
"""Bytes of a file that is read on the loop. By a thread it comes late while the loop is busy, after the state that was
asked for later; trame-client's page shows its `loading.tpl` whenever that comes, also over the app."""


class _OurFaults(logging.Filter):
    """Leaves out requests that break HTTP: they were answered with 400, and nobody here can do anything about them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See `logging.Filter`."""
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_logger = logging.getLogger("jupyter_trame.http.aiohttp")
_logger.addFilter(_OurFaults())

_OPTIONS: dict[str, Any] = {"access_log": None, "logger": _logger}
"""Of each connection."""


class AiohttpWeb:
    """What `on_server_bind` gets."""

    def __init__(self, app: web.Application) -> None:
        self.app = app
        """Add routes as in any aiohttp application; they come before the server's files."""


class AiohttpHttpServer:
    """See `HttpServer`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._app = web.Application(middlewares=[_names_of(site)])
        self._runner: web.AppRunner | None = None
        self._door: Door | None = None
        self._sockets: set[asyncio.Task[Any]] = set()
        """What serves the clients that are connected."""
        self.web = AiohttpWeb(self._app)
        endpoint = site.settings.endpoint
        if endpoint is not None:
            self._app.router.add_get(f"/{endpoint}", self._socket, allow_head=False)

    async def listen(self, address: ListenAddress) -> int:
        """See `HttpServer`. Routes cannot be added any more."""
        sock = bind(address)
        try:
            add = self._app.router.add_route
            add("*", f"/{LAUNCHER}", _no_launcher)
            add("*", f"/{LAUNCHER}/", _no_launcher)
            self._app.router.add_get("/", self._index)
            self._app.router.add_get("/{path:.*}", self._file)
            runner = self._runner = web.AppRunner(
                self._app, **_OPTIONS, shutdown_timeout=_GOODBYE_TIMEOUT, handle_signals=False
            )
            await runner.setup()
            assert runner.server is not None
            manager = runner.server
            _note_requests(manager)
            self._door = Door(sock, lambda sock: _Guest(manager, sock, address.ssl), self._site.limits)
        except BaseException:
            sock.close()
            raise
        return int(sock.getsockname()[1])

    def close(self) -> None:
        """See `HttpServer`."""
        if self._door is not None:
            self._door.close()

    async def closed(self) -> None:
        """See `HttpServer`; what does not end in time is cut off."""
        if self._sockets:  # from `cleanup` on nothing is read any more, the clients' goodbyes neither
            await asyncio.wait(self._sockets, timeout=_GOODBYE_TIMEOUT)
        if self._runner is not None:
            await self._runner.cleanup()

    # -- answers

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        """A client's connection; the hello asks for the secret."""
        headers = request.headers
        objection = upgrade_objection(headers)
        if objection is not None:
            return _refusal(*objection)
        forwarded = headers.get("X-Forwarded-Host")
        if not self._site.may_connect(headers.get(hdrs.ORIGIN), headers.get(hdrs.HOST, ""), forwarded):
            return _refusal(403, FOREIGN_PAGE)
        ws = AiohttpSocket(frame_limit=self._site.frame_limit, heart_beat=self._site.heart_beat)
        try:
            await ws.prepare(request)
        except ConnectionResetError:  # it hung up, or made room for others
            return ws
        # Not before: who is refused stays one of those that are watched.
        if isinstance(request.protocol, _Connection):
            request.protocol.is_client = True
        if request.transport is None:  # it hung up meanwhile
            return ws
        transport = AiohttpTransport(request, ws)
        port = self._site.connected(transport, request)
        task = asyncio.current_task()
        assert task is not None
        self._sockets.add(task)
        task.add_done_callback(self._sockets.discard)
        try:
            await ws.receive_into(port)
        finally:
            self._site.disconnected(port)
            transport.finished()
        return ws

    async def _index(self, request: web.Request) -> web.Response:
        """302, with the query, relative: the server may lie under any prefix of a proxy."""
        if not self._site.settings.http:
            return _refusal(404)
        query = request.rel_url.raw_query_string
        if not self._site.may_read(query, request.headers.get(hdrs.COOKIE, "")):
            return _refusal(403, FORBIDDEN)
        location = f"index.html?{query}" if query else "index.html"
        headers = CIMultiDict({hdrs.LOCATION: location})
        self._add_cookies(headers, request, "")
        return web.Response(status=302, headers=headers)

    def _add_cookies(self, headers: CIMultiDict[str], request: web.Request, path: str) -> None:
        """Those for a page with the secret in its address."""
        query = request.rel_url.raw_query_string
        for cookie in self._site.cookies(path, query, request.headers.get(hdrs.X_FORWARDED_PROTO, "")):
            headers.add(hdrs.SET_COOKIE, cookie)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if not self._site.may_read(request.rel_url.raw_query_string, request.headers.get(hdrs.COOKIE, "")):
            return _refusal(403, FORBIDDEN)
        host, forwarded = request.headers.get(hdrs.HOST), request.headers.get("X-Forwarded-Host")
        found = self._site.find(path, host, forwarded)
        if isinstance(found, int):
            return _refusal(found)
        headers = CIMultiDict(found.headers)
        self._add_cookies(headers, request, path)
        try:
            status = found.path.stat()
            if status.st_size > _AT_ONCE or hdrs.RANGE in request.headers:
                if _aiohttp_private.watched:
                    return _aiohttp_private.WatchedFile(found.path, headers=headers)
                return _whole_file(request, _pieces(found.path), status, headers)
            return _whole_file(request, found.path.read_bytes(), status, headers)
        except FileNotFoundError:
            return _refusal(404)
        except PermissionError:
            return _refusal(403)


class _Connection(web.RequestHandler):
    """One connection of aiohttp's, that counts what comes."""

    heard = 0
    is_client = False
    """Whether it is the websocket of a client."""
    request: web.BaseRequest | None = None
    """What is being answered."""

    def data_received(self, data: bytes) -> None:
        self.heard += len(data)
        super().data_received(data)

    async def finish_response(self, *args: Any, **kwargs: Any) -> tuple[web.StreamResponse, bool]:
        """See aiohttp: it sends the answer."""
        try:
            return await super().finish_response(*args, **kwargs)
        finally:
            self.request = None

    def handle_error(self, *args: Any, **kwargs: Any) -> web.StreamResponse:
        """As aiohttp logs and answers it, but without what was asked for or what raised."""
        response = super().handle_error(*args, **kwargs)
        if isinstance(response, web.Response):
            response.text = f"{response.status}: {response.reason}"
            response.headers.update(refusal_headers())
        return response


class _Guest(Guest):
    def __init__(self, manager: web.Server, sock: socket.socket, context: SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        self._connection = _Connection(manager, loop=loop, **_OPTIONS)
        self._opening = loop.create_task(self._open(sock, context))

    async def _open(self, sock: socket.socket, context: SSLContext | None) -> None:
        """With TLS this takes until the handshake is done."""
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: self._connection, sock, ssl=context
            )

    @property
    def _transport(self) -> asyncio.Transport | None:
        return self._connection.transport

    @property
    def gone(self) -> bool:
        # What is closed has its descriptor for as long as the client does not take what it is still to be sent.
        ended = self._opening.done() and self._transport is None
        return ended or self._connection.is_client

    @property
    def idle(self) -> bool:
        return self._connection.request is None

    @property
    def owes(self) -> bool:
        request, transport = self._connection.request, self._transport
        rest = request is not None and not request.content.is_eof()
        return rest or transport is None or transport.get_write_buffer_size() > 0

    @property
    def moved(self) -> int:
        transport = self._transport
        return self._connection.heard - (0 if transport is None else transport.get_write_buffer_size())

    def abort(self) -> None:
        self._opening.cancel()
        if self._transport is not None:
            self._transport.abort()


def _note_requests(manager: web.Server) -> None:
    """Have the connections of `manager` know what they are asked."""
    make = manager.request_factory

    def noted(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        request = make(message, payload, protocol, writer, task)
        if isinstance(protocol, _Connection):
            protocol.request = request
        return request

    manager.request_factory = noted


def _whole_file(
    request: web.Request,
    body: bytes | AsyncIterator[bytes],
    status: os.stat_result,
    headers: CIMultiDict[str],
) -> web.Response:
    """200 with the file, or 304 as in RFC 9110, 13.1; with the tags that `FileResponse` gives."""
    etag, modified = entity_tag(status.st_mtime_ns, status.st_size).strip('"'), int(status.st_mtime)
    if request.if_none_match is not None:
        known = any(tag.value in {etag, "*"} for tag in request.if_none_match)
    else:
        since = request.if_modified_since
        known = since is not None and modified <= since.timestamp()
    if known:
        del headers[hdrs.CONTENT_TYPE]
        response = web.Response(status=304, headers=headers)
    else:
        headers[hdrs.CONTENT_LENGTH] = str(status.st_size)
        response = web.Response(body=body, headers=headers)
    response.etag = etag
    response.last_modified = modified
    response.headers[hdrs.ACCEPT_RANGES] = "bytes" if _aiohttp_private.watched else "none"
    return response


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _AT_ONCE):
            yield piece


def _refusal(status: int, text: str = "", headers: Mapping[str, str] | None = None) -> web.Response:
    text = text or f"{status}: {HTTPStatus(status).phrase}"
    return web.Response(status=status, body=text.encode(), headers={**(headers or {}), **refusal_headers()})


def _names_of(site: Site) -> Middleware:
    """Refuses requests for names that are not the server's, also those for the routes of the app."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get(hdrs.HOST, "")
        if not site.knows_host(host):
            return _refusal(403, refusal(host))
        error = request.match_info.http_exception
        if error is None:
            return await handler(request)
        allowed = error.headers.getall(hdrs.ALLOW, [])  # no route has this address, or none this method
        return _refusal(error.status, headers={hdrs.ALLOW: ", ".join(allowed)} if allowed else None)

    return check


async def _no_launcher(_: web.Request) -> web.Response:
    return _refusal(405, NO_LAUNCHER)
