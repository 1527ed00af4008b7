"""Sends a file of a server as the answer to a request: validators, ranges, headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.files import FileChangedError, Files, FoundFile
from jupyter_trame.extension.refusals import PlainErrors
from jupyter_trame.files.headers import HeaderPolicy, entity_tag, file_headers, page_headers
from jupyter_trame.files.media_types import content_type
from jupyter_trame.files.page_policy import PagePolicy, choosing_parameter
from jupyter_trame.log_text import foreign
from jupyter_trame.protocol.link import PageFiles

__all__ = ["FileSender", "parse_range"]

_PAGES = ("text/html", "application/xhtml+xml")
_ELSEWHERE = (
    "400: this address names a server ({name}). A page under Jupyter talks to its own: open it without that."
)
_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]*)\s*-\s*([0-9]*)\s*\Z")
_DIGITS = 18
"""A number with more is behind the end of every file; Python refuses to read one with thousands."""


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one behind the last that a ``Range`` header asks of `size` bytes; None: send all.

    Several ranges, and what is no range, count as none. The range may begin behind the end.
    """
    match = _RANGE.match(header or "")
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        start, stop = max(size - _number(match[2]), 0), size
    else:
        start = _number(match[1])
        stop = min(_number(match[2]) + 1, size) if match[2] else size
        if match[2] and _number(match[2]) < start:
            return None
    return start, stop


def _number(digits: str) -> int:
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) <= _DIGITS else 10**_DIGITS


class FileSender(PlainErrors):
    """A handler that answers with files of a server."""

    _etag: str | None = None
    _policy: PagePolicy
    """What the deployment lets the pages of all apps do; set by `initialize`."""

    async def send_file(
        self,
        files: Files,
        path: str,
        *,
        include_body: bool,
        is_page: bool = False,
        finds_server: bool = True,
    ) -> None:
        """Answer with the file at `path`; `is_page` is the app's own, which runs on this origin. Raises `HTTPError`.

        `finds_server`: a page that comes with an app finds its server by its own script, so that an address that would
        lead it elsewhere is refused.
        """
        may_choose = finds_server and content_type(path).startswith(_PAGES)
        name = choosing_parameter(self.request.query) if may_choose else None
        if name is not None:
            self.set_status(400)
            self.refuse(_ELSEWHERE.format(name=name))
            return
        try:
            found = await files.find(path)
        except LinkError as error:
            raise HTTPError(503, "%s: %s", foreign(path), foreign(error)) from error
        if found.status != 200:
            raise HTTPError(found.status)
        self._set_headers(found, path, files.page_files, is_page=is_page)
        if self.check_etag_header() or self._is_known_by_date(found):
            self.set_status(304)
            return
        part = self._choose_range(found)
        if part is None:
            self.set_status(416)
            self.set_header("Content-Range", f"bytes */{found.size}")
            return
        start, stop = part
        self.set_header("Content-Length", stop - start)
        if include_body:
            await self._send_body(found, start, stop)

    def compute_etag(self) -> str | None:
        """Changes with the file; tornado's own is a hash of what was written at once."""
        return self._etag

    def add_page_headers(self, page_files: PageFiles) -> None:
        """What the app wants every successful response to have, and what its page may do.

        Content policies are combined: jupyter-server's or the deployment's, ours, and the app's.
        """
        self._set_all(page_headers(*self._asked(page_files)))

    def _set_headers(self, found: FoundFile, path: str, page_files: PageFiles, *, is_page: bool) -> None:
        self._etag = entity_tag(found.modified, found.size)
        self.set_etag_header()
        self.set_header("Accept-Ranges", "bytes")
        self.set_header("Last-Modified", _date(found))
        self._set_all(file_headers(path, *self._asked(page_files), is_page=is_page))

    def _asked(self, page_files: PageFiles) -> tuple[HeaderPolicy, Mapping[str, str], str | None, str | None]:
        policy = PagePolicy(
            (*self._policy.connect_src, *page_files.connect_src),
            (*self._policy.frame_ancestors, *page_files.frame_ancestors),
        )
        headers = self.request.headers
        sender = HeaderPolicy(policy=policy, private=True, given=self.answer_headers)
        return sender, page_files.headers, headers.get("Host"), headers.get("X-Forwarded-Host")

    def _set_all(self, headers: Mapping[str, str]) -> None:
        for name, value in headers.items():
            self.set_header(name, value)

    def _is_known_by_date(self, found: FoundFile) -> bool:
        since = self.request.headers.get("If-Modified-Since")
        if since is None or "If-None-Match" in self.request.headers:
            return False
        try:
            return parsedate_to_datetime(since).replace(tzinfo=UTC) >= _date(found)
        except (OverflowError, TypeError, ValueError):
            return False

    def _choose_range(self, found: FoundFile) -> tuple[int, int] | None:
        """What of the file is sent; None where the request asks for what lies behind its end."""
        condition = self.request.headers.get("If-Range")
        wanted = self.request.headers.get("Range") if condition in (None, self._etag) else None
        part = parse_range(wanted, found.size)
        if part is None:
            return 0, found.size
        start, stop = part
        if start >= found.size:
            return None
        self.set_status(206)
        self.set_header("Content-Range", f"bytes {start}-{stop - 1}/{found.size}")
        return part

    async def _send_body(self, found: FoundFile, start: int, stop: int) -> None:
        begun = False
        while start < stop:
            try:
                part = await found.read(start, stop - start)
            except (OSError, FileChangedError, LinkError) as error:
                if not begun:
                    raise HTTPError(503, "%s", foreign(error)) from error
                # The length was promised: only a broken connection tells that it is not kept.
                self.log.warning("a file was not sent to its end: %s", foreign(error))
                self.request.connection.stream.close()  # type: ignore[union-attr]
                return
            start += len(part)
            self.write(part)
            begun = True
            try:
                await self.flush()
            except StreamClosedError:
                return


def _date(found: FoundFile) -> datetime:
    """To the second, as the header says it."""
    return datetime.fromtimestamp(found.modified // 1_000_000_000, UTC)
