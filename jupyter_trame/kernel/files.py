"""The files that pages of a server ask for, read by the kernel: for replicas that do not see its disk, and for pages
that have nothing but their widget's comm.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jupyter_trame.files.folders import STATIC
from jupyter_trame.files.media_types import content_type
from jupyter_trame.files.shared import PART, describe, folders_of, look_up, read_part
from jupyter_trame.log_text import foreign
from jupyter_trame.protocol.link import Fetch, File, PageFiles
from jupyter_trame.runtime.page_folder import page_folder
from jupyter_trame.transports.comm_bytes import carry
from jupyter_trame.transports.pace import MessageRate
from jupyter_trame.types import Packed

if TYPE_CHECKING:
    from jupyter_trame.runtime.app import App

__all__ = ["AssetDesk", "ServedFiles"]

_logger = logging.getLogger(__name__)
_MESSAGE = 4 << 20
"""Bytes of a file in one message of a comm; the smallest socket on the way, a gateway's, takes 10 MiB."""

Post = Callable[[Mapping[str, Any], Sequence[Packed]], None]


class ServedFiles:
    """The folders of one server, as they are at each moment. Any thread; but for `changed` calls read the disk."""

    def __init__(self, app: App, *, follow_symlinks: bool = False) -> None:
        self._app = app
        self._follow_symlinks = follow_symlinks
        self._seen: object = None

    def changed(self) -> bool:
        """Whether modules or the app have added something since the last call."""
        app = self._app
        seen = (dict(app.serve), app.www, dict(app.http_headers.headers))
        changed, self._seen = seen != self._seen, seen
        return changed

    def page_files(self) -> PageFiles:
        """What replicas are told."""
        page = page_folder(self._app)
        return describe(
            self._app.serve,
            None if page == STATIC else page,
            self._app.http_headers.headers,
            follow_symlinks=self._follow_symlinks,
            policy=self._app.page_policy,
        )

    def answer(self, op: Fetch, page_files: PageFiles) -> File:
        """The part of a file of `page_files` that a replica asks for."""
        found = look_up(folders_of(page_files), op.path)
        if found.path is None:
            return File(op.request, found.status)
        try:
            data = read_part(found.path, op.offset, min(op.length, PART))
        except OSError:
            return File(op.request, 404)
        return File(op.request, found.status, found.size, found.modified, data)


class AssetDesk:
    """Sends files as messages of a comm (PROTOCOL.md, section 4). It lives on the I/O thread and reads on others."""

    def __init__(self, loop: asyncio.AbstractEventLoop, rate: MessageRate) -> None:
        self._loop = loop
        self._rate = rate
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(self, files: ServedFiles | None, post: Post, content: Mapping[str, Any]) -> None:
        """Answer the message `content` of a page; `files` is None where no server runs."""
        task = self._loop.create_task(self._answer(files, post, content))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Answer nobody any more."""
        for task in list(self._tasks):
            task.cancel()

    async def _answer(self, files: ServedFiles | None, post: Post, content: Mapping[str, Any]) -> None:
        head = {"jt": "asset", "view": content["view"], "id": content.get("id")}
        path = str(content.get("path", ""))
        try:
            async for status, data, more in _pieces(files, path):
                await self._turn()
                if status == 200:
                    text, buffers = carry([data], as_text=content.get("as_text") is True)
                    post({**head, "status": 200, "type": content_type(path), "more": more, **text}, buffers)
                else:
                    post({**head, "status": status, "type": ""}, ())
        except Exception:  # the comm was closed under us, or the kernel is on its way out
            _logger.debug("%s was not sent to a page", foreign(path), exc_info=True)

    async def _turn(self) -> None:
        """Wait until one more message may leave."""
        turn = asyncio.Event()
        if not self._rate.take(turn.set):
            await turn.wait()


async def _pieces(files: ServedFiles | None, path: str) -> AsyncIterator[tuple[int, bytes, bool]]:
    """Status, bytes and whether more follow: the file at `path`, a message at a time."""
    if files is None:
        yield 404, b"", False
        return
    found = await asyncio.to_thread(lambda: look_up(folders_of(files.page_files()), path))
    if found.path is None:
        yield found.status, b"", False
        return
    offset, more = 0, True
    while more:
        try:
            data = await asyncio.to_thread(read_part, found.path, offset, _MESSAGE)
        except OSError:
            yield 404, b"", False
            return
        offset += len(data)
        more = bool(data) and offset < found.size
        yield 200, data, more
