"""tornado's handlers of a server that carries itself: its socket, its files."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from tornado.web import HTTPError, RequestHandler, StaticFileHandler

from jupyter_trame.files.headers import entity_tag, refusal_headers
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.transports.base import ClientPort, ClientTransport
from jupyter_trame.transports.tornado import ClientSocket
from jupyter_trame.transports.tornado_answer import ReadableAnswer
from jupyter_trame.transports.tornado_log import LogsNoQuery
from jupyter_trame.web.cookie import FORBIDDEN
from jupyter_trame.web.hosts import refusal
from jupyter_trame.web.site import (
    FOREIGN_PAGE,
    LAUNCHER,
    NO_LAUNCHER,
    Found,
    Site,
)
from jupyter_trame.web.upgrade import upgrade_objection

__all__ = [
    "WITHOUT_BODY",
    "FileHandler",
    "ForeignHostHandler",
    "IndexHandler",
    "LauncherHandler",
    "NoAddressHandler",
    "SocketHandler",
    "log_request",
    "logger",
    "routes",
]

logger = logging.getLogger("jupyter_trame.http")


def routes(site: Site) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
    """Everything the application answers."""
    endpoint = site.settings.endpoint
    found: list[tuple[str, type[RequestHandler], dict[str, Any]]] = []
    if endpoint is not None:
        found.append((rf"/{endpoint}", SocketHandler, {"site": site}))
    return [
        *found,
        (rf"/{LAUNCHER}/?", LauncherHandler, {}),
        (r"/", IndexHandler, {"site": site}),
        (r"/(.*)", FileHandler, {"site": site, "path": ""}),
    ]


class _PlainErrors(ReadableAnswer, LogsNoQuery):
    """Its errors are one line of text."""

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """What is the client's fault is no matter for the log, which anybody could fill."""
        if not isinstance(value, HTTPError) or value.status_code >= 500:
            super().log_exception(typ, value, tb)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Status and reason."""
        self.clear_header("ETag")
        _say(self, status_code, f"{status_code}: {self.answer_reason}")


class SocketHandler(_PlainErrors, ClientSocket):
    """A client's connection; the hello asks for the secret."""

    def initialize(self, site: Site) -> None:
        """See `routes`."""
        self._site = site
        self._connection: ClientPort | None = None

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """The upgrade; whoever wants a page here learns that there is none."""
        headers = self.request.headers
        objection = upgrade_objection(headers)
        if objection is not None:
            _say(self, *objection)
        elif "Origin" in headers and not self.check_origin(headers["Origin"]):
            _say(self, 403, FOREIGN_PAGE)
        else:
            await super().get(*args, **kwargs)

    def check_origin(self, origin: str) -> bool:
        """See `Site.may_connect`."""
        headers = self.request.headers
        return self._site.may_connect(origin, headers.get("Host", ""), headers.get("X-Forwarded-Host"))

    def open(self, *_: str, **__: str) -> None:
        """Make it a client."""
        assert self.ws_connection is not None
        stream: Any = self.ws_connection.stream  # as `TornadoHttpServer` accepts them
        stream.is_client = True
        self.serve_by(self._connect)

    def _connect(self, transport: ClientTransport) -> ClientPort:
        self._connection = self._site.connected(transport, self.request)
        return self._connection

    def on_close(self) -> None:
        """See `ClientSocket.on_close`."""
        super().on_close()
        port, self._connection = self._connection, None
        if port is not None:
            self._site.disconnected(port)


class LauncherHandler(_PlainErrors):
    """There is no launcher."""

    def post(self) -> None:
        """405, as text."""
        _say(self, 405, NO_LAUNCHER)

    get = post


class IndexHandler(_PlainErrors):
    """The root leads to the page."""

    def initialize(self, site: Site) -> None:
        """See `routes`."""
        self._site = site

    def get(self) -> None:
        """302, with the query, relative: the server may lie under any prefix of a proxy."""
        if not self._site.settings.http:
            raise HTTPError(404)
        if not _may_read(self, self._site, ""):
            return
        query = self.request.query
        self.set_status(302)
        self.set_header("Location", f"index.html?{query}" if query else "index.html")
        self.finish()

    head = get


class FileHandler(_PlainErrors, StaticFileHandler):
    """A file of the page, or of a folder that the app serves. Packages add folders while it runs."""

    _found: Found

    def initialize(self, site: Site, path: str) -> None:  # type: ignore[override]
        """See `routes`."""
        super().initialize(path)
        self._site = site

    async def get(self, path: str, include_body: bool = True) -> None:
        """The file, or 304; or a part of it."""
        if not _may_read(self, self._site, path):
            return
        headers = self.request.headers
        found = self._site.find(path, headers.get("Host"), headers.get("X-Forwarded-Host"))
        if isinstance(found, int):
            raise HTTPError(found)
        self._found = found
        self.root = str(found.path.parent)
        await super().get(found.path.name, include_body)

    def get_cache_time(self, *_: Any) -> int:
        """0: tornado would have browsers keep what is asked for with ``?v=`` for years; `Site` says how long."""
        return 0

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002 - tornado's signature
        """Those of the site, unless tornado has set them."""
        present = {name.lower() for name in self.answer_headers}
        for name, value in self._found.headers.items():
            if name.lower() not in present:
                self.set_header(name, value)

    def get_content_type(self) -> str:
        """By the file's name; some systems do not know what modules and wasm are."""
        return self._found.headers["Content-Type"]

    def compute_etag(self) -> str | None:
        """Changes with the file; tornado's own hash is taken once a process and misses a new build."""
        status = self._found.path.stat()
        return entity_tag(status.st_mtime_ns, status.st_size)


class NoAddressHandler(RequestHandler):
    """Answers what is no address of the server: ``*``, or one that names a host."""

    def prepare(self) -> None:
        """404, as text."""
        _say(self, 404, "404: Not Found")


class ForeignHostHandler(RequestHandler):
    """Answers every request for a name that is not the server's."""

    def prepare(self) -> None:
        """403, with what to do."""
        _say(self, 403, refusal(self.request.host))


WITHOUT_BODY = frozenset(
    {FileHandler, ForeignHostHandler, IndexHandler, LauncherHandler, NoAddressHandler, SocketHandler}
)
"""Those that read no body of a request."""


def _may_read(handler: RequestHandler, site: Site, path: str) -> bool:
    """Whether the request may have a file; a page with the secret in its address gets the cookie."""
    request = handler.request
    if not site.may_read(request.query, request.headers.get("Cookie", "")):
        _say(handler, 403, FORBIDDEN)
        return False
    for cookie in site.cookies(path, request.query, request.headers.get("X-Forwarded-Proto", "")):
        handler.add_header("Set-Cookie", cookie)
    return True


def _say(handler: RequestHandler, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
    handler.set_status(status)
    for name, value in {**(headers or {}), **refusal_headers()}.items():
        handler.set_header(name, value)
    handler.finish(text)


def log_request(complaints: Complaints, handler: RequestHandler) -> None:
    """Tell of what went wrong, without the query: it may hold the secret."""
    status = handler.get_status()
    if status >= 500:
        request = handler.request
        complaints.warn("%d %s %s", status, request.method, request.path, level=logging.ERROR)
