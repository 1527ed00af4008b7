"""tornado's handlers of the local host: they carry what a `Front` answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPServerRequest
from tornado.web import Application, HTTPError, StaticFileHandler, stream_request_body

from jupyter_trame.files.headers import HeaderPolicy, entity_tag, file_headers, page_headers, refusal_headers
from jupyter_trame.files.page_policy import POLICY_HEADER, PagePolicy, combine, document_policy
from jupyter_trame.narvi.local_gate import LocalGate
from jupyter_trame.narvi.local_shared import LocalShared
from jupyter_trame.narvi.local_socket import NarviSocket, OpenSockets
from jupyter_trame.narvi.local_trame_socket import TrameAppSocket
from jupyter_trame.services.addresses import TRAME_SOCKET, Redirect, Refusal, ServiceAddress
from jupyter_trame.services.front import FileAnswer, Front, WebRequest
from jupyter_trame.services.service_messages import ServiceAnswer
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.transports.tornado_answer import ReadableAnswer
from jupyter_trame.transports.tornado_log import LogsNoQuery
from jupyter_trame.web.hosts import refusal

__all__ = ["LocalApplication", "LocalRoutes", "NarviHandler"]

_POLICY = HeaderPolicy(policy=PagePolicy(connect_src=("*",)))
"""A page is its developer's, who may have it talk to whom they like."""
_ADVICE = 'make the NarviServer with allowed_hosts=("{}",)'
_ENDLESS = 1 << 40
"""Bytes; the handler counts, and says what is too much."""


@dataclass(frozen=True, slots=True)
class LocalRoutes:
    """What the handlers of a host share."""

    front: Front
    gate: LocalGate
    shared: LocalShared
    sockets: OpenSockets
    complaints: Complaints
    message_limit: int
    """Bytes of a message of a page, and of the body of a request."""
    ping: float
    """Seconds between the pings of a websocket."""


@stream_request_body
class NarviHandler(ReadableAnswer, LogsNoQuery, StaticFileHandler):
    """Every address that is asked for without a websocket."""

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")

    def initialize(self, *, routes: LocalRoutes) -> None:  # type: ignore[override]
        """See `LocalRoutes`."""
        super().initialize("")
        self._routes = routes
        self._body = bytearray()
        self._is_too_large = False
        self._found: FileAnswer | None = None

    def prepare(self) -> None:
        """Refuse who may not ask, before a body comes."""
        request, gate = self.request, self._routes.gate
        headers = request.headers
        host = headers.get("Host", "")
        if not gate.knows_host(host):
            self._say(HTTPStatus.FORBIDDEN, refusal(host, _ADVICE))
        elif request.method not in {"GET", "HEAD"} and not gate.knows_origin(
            headers.get("Origin"), host, headers.get("X-Forwarded-Host")
        ):
            self._say(HTTPStatus.FORBIDDEN, "403: a page of another origin may not change anything here")

    def data_received(self, chunk: bytes) -> None:
        """A piece of the body; what is too much is read and dropped, so that the client reads the refusal."""
        self._is_too_large |= len(self._body) + len(chunk) > self._routes.message_limit
        if self._is_too_large:
            self._body.clear()
        else:
            self._body += chunk

    async def get(self, path: str = "", include_body: bool = True) -> None:  # noqa: ARG002 - the raw one counts
        """Answer, whatever the method."""
        if self._is_too_large:
            limit = self._routes.message_limit
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"413: a request has at most {limit} bytes")
            return
        request = self.request
        asked = WebRequest(
            str(request.method),
            request.path,
            request.query,
            list(request.headers.get_all()),
            bytes(self._body),
            self._routes.gate.may_administer(request.query, request.headers.get("Authorization", "")),
        )
        answer = await self._routes.front.answer(asked)
        if isinstance(answer, FileAnswer):
            self._found = answer
            self.root = str(answer.path.parent)
            await super().get(answer.path.name, include_body)
        elif isinstance(answer, ServiceAnswer):
            self._pass_on(answer)
        elif isinstance(answer, Redirect):
            self._say(HTTPStatus.TEMPORARY_REDIRECT, "", {"Location": answer.location})
        else:
            self._refuse(answer)

    async def head(self, path: str = "") -> None:
        """The headers of `get`."""
        await self.get(path, include_body=False)

    async def post(self) -> None:
        """See `get`."""
        await self.get()

    put = delete = patch = options = post

    def _pass_on(self, answer: ServiceAnswer) -> None:
        headers = self.request.headers
        own = page_headers(_POLICY, answer.headers, headers.get("Host"), headers.get("X-Forwarded-Host"))
        own[POLICY_HEADER] = combine(own[POLICY_HEADER], document_policy(answer.media_type) or "")
        self.set_status(answer.status)
        for name, value in {**own, "Content-Type": answer.media_type}.items():
            self.set_header(name, value)
        if answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            self.clear_header("Content-Type")
            self.finish()
        else:
            self.finish(answer.body)

    def _refuse(self, answer: Refusal) -> None:
        wait = answer.retry_after
        self._say(answer.status, answer.text, None if wait is None else {"Retry-After": str(wait)})

    def _say(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        self.set_status(status)
        for name, value in {**(headers or {}), **refusal_headers()}.items():
            self.set_header(name, value)
        self.finish(text)

    # -- tornado's StaticFileHandler, and its errors

    def get_cache_time(self, *_: Any) -> int:
        """0: an address outlives its content."""
        return 0

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002 - tornado's signature
        """Those of files, unless tornado has set them."""
        present = {name.lower() for name in self.answer_headers}
        for name, value in self._file_headers().items():
            if name.lower() not in present:
                self.set_header(name, value)

    def get_content_type(self) -> str:
        """By the name that was asked for."""
        return self._file_headers()["Content-Type"]

    def compute_etag(self) -> str | None:
        """Changes with the file."""
        if self._found is None:
            return None
        status = self._found.path.stat()
        return entity_tag(status.st_mtime_ns, status.st_size)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Status and reason."""
        self.clear_header("ETag")
        self._say(status_code, f"{status_code}: {self.answer_reason}")

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        """What is the client's fault is no matter for the log, which anybody could fill."""
        if not isinstance(value, HTTPError) or value.status_code >= 500:
            super().log_exception(typ, value, tb)

    def _file_headers(self) -> dict[str, str]:
        assert self._found is not None
        headers = self.request.headers
        host, forwarded = headers.get("Host"), headers.get("X-Forwarded-Host")
        return file_headers(self._found.address, _POLICY, {}, host, forwarded, is_page=self._found.is_page)


class LocalApplication(Application):
    """Websockets, and all the rest."""

    def __init__(self, routes: LocalRoutes) -> None:
        super().__init__([(r".*", NarviHandler, {"routes": routes})], log_function=lambda _: None)
        self._routes = routes

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        """tornado would refuse a large body on its own, and end the connection before the client reads why."""
        upgrades = request.headers.get("Upgrade", "").strip().lower() == "websocket"
        if isinstance(request.connection, HTTP1Connection):
            request.connection.set_max_body_size(0 if upgrades else _ENDLESS)
        routes = self._routes
        if upgrades and request.method == "GET" and routes.gate.knows_host(request.headers.get("Host", "")):
            kind = TrameAppSocket if self._is_trame(request.path) else NarviSocket
            given = {
                "front": routes.front,
                "gate": routes.gate,
                "shared": routes.shared,
                "sockets": routes.sockets,
                "complaints": routes.complaints,
                "message_limit": routes.message_limit,
                "ping": routes.ping,
            }
            return self.get_handler_delegate(request, kind, given)
        return super().find_handler(request, **kwargs)

    def _is_trame(self, path: str) -> bool:
        found = self._routes.front.find(path)
        return isinstance(found, ServiceAddress) and found.is_trame_app and found.rest == TRAME_SOCKET
