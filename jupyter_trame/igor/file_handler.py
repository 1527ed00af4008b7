"""Files over HTTP: GET reads one, POST writes one, OPTIONS says which pages may. What is sent runs nowhere."""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPServerRequest
from tornado.web import Application, HTTPError, StaticFileHandler, stream_request_body

from jupyter_trame.files.headers import entity_tag
from jupyter_trame.files.media_types import content_type
from jupyter_trame.igor.configuration import FileOptions
from jupyter_trame.igor.shelf import GivenUpError, NoFileError, Shelf, Upload, too_large
from jupyter_trame.log_text import foreign
from jupyter_trame.transports.tornado_log import LogsNoQuery
from jupyter_trame.web.hosts import is_known_host

__all__ = ["FileAccess", "FileApplication", "ShelfHandler"]

_METHODS = "GET, POST, OPTIONS"
_HEADERS = "X-Requested-With, Content-Type"
_SIMPLE = frozenset({"", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
"""Media types that any page may send anywhere without being asked (Fetch standard, "CORS-safelisted")."""
_LINGER = 5.0
"""Seconds in which a client that sends too much may read the refusal."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_BODY = 1 << 16
_ENDLESS = 1 << 62
"""Bytes; the handler counts."""


@dataclass(frozen=True, slots=True)
class FileAccess:
    """Whose requests are answered."""

    options: FileOptions
    bound: str | None
    """The host on which the server listens; None under Jupyter, where jupyter-server has decided before."""

    def refusal(self, request: HTTPServerRequest) -> str | None:
        """Why `request` is not answered; None: it is."""
        host = request.headers.get("Host", "")
        if self.bound is not None and not is_known_host(host, self.bound, self.options.allowed_hosts):
            return f"the server does not go by the name {foreign(host)}"
        return None

    def write_refusal(self, request: HTTPServerRequest) -> tuple[HTTPStatus, str] | None:
        """Why an upload is not taken; None: it is."""
        if not self.options.writable:
            return HTTPStatus.FORBIDDEN, "this server only reads files"
        origin = request.headers.get("Origin")
        if self.bound is None:
            return None
        if origin is not None and origin not in self.options.origins and not _is_own(origin, request):
            return (
                HTTPStatus.FORBIDDEN,
                f"pages of {foreign(origin)} may not write here; `origins` of the files may have it",
            )
        kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind in _SIMPLE:
            text = "an upload says its Content-Type, and not that of a form: application/octet-stream always fits"
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, text
        return None


def _announced(request: HTTPServerRequest) -> int:
    """Bytes that a body is said to have. Where that is no number, tornado refuses the request when it reads on."""
    try:
        return int(request.headers.get("Content-Length", "0"))
    except ValueError:
        return 0


def _is_own(origin: str, request: HTTPServerRequest) -> bool:
    return origin == f"{request.protocol}://{request.host}"


@stream_request_body
class ShelfHandler(LogsNoQuery, StaticFileHandler):
    """One file of a `Shelf`. Bodies go to the disk piece by piece, on another thread."""

    def initialize(self, *, access: FileAccess, shelf: Shelf) -> None:  # type: ignore[override]
        """See `FileAccess`."""
        super().initialize(str(shelf.root))
        self._access = access
        self._shelf = shelf
        self._upload: Upload | None = None
        self._address = ""
        self._answered = False
        self._is_gone = False
        self._linger: asyncio.TimerHandle | None = None
        self.set_default_headers()  # tornado called it before anything was known

    async def prepare(self) -> None:
        """Refuse what can be refused before the body comes."""
        self._address = self.path_args[0] if self.path_args else ""
        refusal = self._access.refusal(self.request)
        if refusal is not None:
            self._refuse(HTTPStatus.FORBIDDEN, refusal)
        elif self.request.method == "POST":
            await self._prepare_upload()

    def options(self, path: str) -> None:  # noqa: ARG002 - tornado's signature
        """Which pages may read and write; the headers say it."""
        self.finish()

    async def post(self, path: str) -> None:  # noqa: ARG002 - `prepare` has it
        """The body has come: put the file at its place."""
        upload = self._upload
        if upload is None:  # it was refused, and that was sent
            self._end()
            return
        try:
            await asyncio.to_thread(upload.commit)
        except GivenUpError:  # the client is gone
            return
        except OSError as error:
            self._fail(error)
            self._end()
            return
        self.finish(json.dumps({"message": "the file was written"}))

    async def data_received(self, chunk: bytes) -> None:
        """A piece of the body."""
        upload = self._upload
        if upload is None:
            return
        try:
            await asyncio.to_thread(upload.write, chunk)
        except GivenUpError:  # the client is gone
            pass
        except NoFileError as error:
            self._drop()
            self._refuse(error.status, str(error))
        except OSError as error:
            self._fail(error)

    def on_connection_close(self) -> None:
        """The client is gone: what came of its file goes."""
        super().on_connection_close()
        self._is_gone = True
        if self._linger is not None:
            self._linger.cancel()
        self._drop()

    def on_finish(self) -> None:
        """Answered, whatever the answer was."""
        self._answered = True
        self._drop()

    # -- tornado's StaticFileHandler

    @classmethod
    def get_absolute_path(cls, root: str, path: str) -> str:
        """See `Shelf.find`. Raises `HTTPError`."""
        try:
            return str(Shelf(Path(root)).find(path))
        except NoFileError as error:
            raise HTTPError(error.status, reason=error.status.phrase) from None

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:  # noqa: ARG002 - tornado's
        """`get_absolute_path` did."""
        return absolute_path

    def parse_url_path(self, url_path: str) -> str:
        """As it is: a path is taken apart at slashes on every system."""
        return url_path

    def get_content_type(self) -> str:
        """By the name alone."""
        return content_type(self._address)

    def compute_etag(self) -> str | None:
        """Changes with the file; tornado's own is a hash of all of it."""
        if self.absolute_path is None:
            return None
        status = Path(self.absolute_path).stat()
        return entity_tag(status.st_mtime_ns, status.st_size)

    def set_default_headers(self) -> None:
        """Of every answer, refusals too."""
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'self'")
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("Referrer-Policy", "no-referrer")
        access: FileAccess | None = getattr(self, "_access", None)
        origins = access.options.origins if access is not None else ()
        self.set_header("Cross-Origin-Resource-Policy", "cross-origin" if origins else "same-site")
        self.set_header("Vary", "Origin")
        origin = self.request.headers.get("Origin")
        if origin is not None and origin in origins:
            self.set_header("Access-Control-Allow-Origin", origin)
            self.set_header("Access-Control-Allow-Methods", _METHODS)
            self.set_header("Access-Control-Allow-Headers", _HEADERS)

    def write_error(self, status_code: int, **_: Any) -> None:
        """The phrase of the status: nothing of the machine, and nothing that was asked for."""
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"message": HTTPStatus(status_code).phrase}))

    # --

    async def _prepare_upload(self) -> None:
        refused = self._access.write_refusal(self.request)
        if refused is not None:
            self._refuse(*refused)
            return
        limit = self._access.options.max_size
        try:
            if _announced(self.request) > limit:
                raise too_large(limit)
            await asyncio.to_thread(self._begin, limit)
        except NoFileError as error:
            self._refuse(error.status, str(error))
        except OSError as error:
            self._fail(error)

    def _begin(self, limit: int) -> None:
        """On a thread. When the client has left meanwhile, or the server ends, nobody else drops what is made here."""
        upload = self._upload = Upload(self._shelf.place(self._address), limit)
        if self._is_gone:
            upload.abort()

    def _drop(self) -> None:
        upload, self._upload = self._upload, None
        if upload is not None:
            upload.abort()

    def _fail(self, error: OSError) -> None:
        self._drop()
        status = HTTPStatus.INSUFFICIENT_STORAGE if error.errno in _FULL else HTTPStatus.FORBIDDEN
        self._refuse(status, error.strerror or "the file cannot be written")

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        """Answer now. What still comes of a body is read and dropped for a while: tornado ends the connection with the
        answer, and what was not read would reset it and take the answer with it.
        """
        body = json.dumps({"message": text}).encode()
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.set_header("Content-Length", len(body))
        if self.request.method != "POST":
            self.finish(body)
            return
        self.set_header("Connection", "close")
        self.write(body)
        self.flush()
        self._linger = asyncio.get_running_loop().call_later(_LINGER, self._end)

    def _end(self) -> None:
        """The refusal has been there long enough, or the body has come."""
        if self._linger is not None:
            self._linger.cancel()
        if not self._answered:
            self.finish()


class FileApplication(Application):
    """All addresses below `prefix`, an expression, are files; `others` are routes that come before."""

    def __init__(self, access: FileAccess | None, prefix: str = "/", others: Sequence[Any] = ()) -> None:
        routes = list(others)
        if access is not None:
            handler = {"access": access, "shelf": Shelf(access.options.root)}
            routes.append((rf"{prefix}(.*)", ShelfHandler, handler))
        super().__init__(routes, log_function=lambda _: None)

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        """tornado would refuse a large file on its own, and end the connection before the client reads why. What else
        comes has no body.
        """
        found = super().find_handler(request, **kwargs)
        takes_files = getattr(found, "handler_class", None) is ShelfHandler
        if isinstance(request.connection, HTTP1Connection):
            request.connection.set_max_body_size(_ENDLESS if takes_files else _BODY)
        return found
