"""The files of one server: from this machine's disk where it is the kernel's too, else out of the kernel itself."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from jupyter_trame.errors import LinkError, TrameError
from jupyter_trame.files.folders import Folders
from jupyter_trame.files.shared import PART, FileInfo, folders_of, is_here, look_up, read_part
from jupyter_trame.protocol import LinkOp
from jupyter_trame.protocol.link import Fetch, File, PageFiles
from jupyter_trame.types import Packed

__all__ = ["FileChangedError", "Files", "FoundFile", "RelayFiles"]

_SHORT_TIMEOUT = 2.0
"""Seconds that files which are being sent may take."""
_ANNOUNCED = 10.0
"""Seconds that the first announcement may take: a gateway may be slow."""
_AT_ONCE = 8
"""Parts that are asked of a kernel at the same time."""


class FileChangedError(TrameError):
    """A file is another one than when it was found, so its parts do not belong together."""


class Files(Protocol):
    """What files can be sent from."""

    @property
    def page_files(self) -> PageFiles:
        """What their owner wants of the answers."""

    async def find(self, path: str) -> FoundFile:
        """What is at `path`. Raises `LinkError` if only the kernel knows and is silent."""

    async def fetch(self, path: str, offset: int, length: int) -> File:
        """A part of a file, from the kernel. Raises `LinkError`."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """The answer to a request for a file; `read` gives its bytes if the status is 200."""

    status: int
    """200, 403 for a directory, 404."""
    size: int
    modified: int
    """Nanoseconds since the epoch."""
    _files: Files
    _address: str
    _path: Path | None

    async def read(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`, which is below the size; at least one.

        Raises `LinkError` when the kernel does not answer, `FileChangedError` when the file is another one by now,
        `OSError`.
        """
        length = min(length, PART)
        data: Packed
        if self._path is not None:
            data = await asyncio.to_thread(read_part, self._path, offset, length)
        else:
            answer = await self._files.fetch(self._address, offset, length)
            data = answer.data if (answer.size, answer.modified) == (self.size, self.modified) else b""
        if not data:
            raise FileChangedError(f"{self._address} was changed while it was sent")
        return bytes(data)


@dataclass(slots=True)
class _Local:
    """What the kernel has announced, and which of its folders this process sees."""

    page_files: PageFiles = field(default_factory=PageFiles)
    folders: Folders = field(default_factory=lambda: Folders({}))
    here: frozenset[str] = frozenset()
    """Their prefixes."""


class RelayFiles:
    """Finds and reads the files of one server, on jupyter-server's loop; `send` reaches the kernel.

    The disk is read on other threads.
    """

    def __init__(self, send: Callable[[LinkOp], object], *, timeout: float = 30.0) -> None:
        """`timeout`: seconds that a kernel may take to read a part of a file."""
        self._send = send
        self._timeout = timeout
        self._local = _Local()
        self._known = asyncio.Event()
        self._numbers = itertools.count(1)
        self._requests: dict[int, asyncio.Future[File]] = {}
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._sending: set[asyncio.Future[None]] = set()

    @property
    def page_files(self) -> PageFiles:
        """What the kernel said last; empty until it did."""
        return self._local.page_files

    async def known_page_files(self) -> PageFiles:
        """What the kernel has announced, once it has, as it does at the begin of a link; after a moment without."""
        if not self._known.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ANNOUNCED):
                    await self._known.wait()
        return self.page_files

    def announced(self, page_files: PageFiles) -> None:
        """The kernel said what it serves."""
        here = frozenset(prefix for prefix, folder in page_files.folders.items() if is_here(folder))
        self._local = _Local(page_files, folders_of(page_files), here)
        self._known.set()

    def answered(self, op: File) -> None:
        """The kernel answered a request."""
        request = self._requests.pop(op.request, None)
        if request is not None and not request.done():
            request.set_result(op)

    def link_lost(self, reason: str) -> None:
        """No answers come any more. Files that lie here are still found."""
        requests, self._requests = self._requests, {}
        for request in requests.values():
            if not request.done():
                request.set_exception(LinkError(reason))

    @contextlib.contextmanager
    def sending(self) -> Iterator[None]:
        """The block answers a request for a file; see `sent`."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sending.add(done)
        try:
            yield
        finally:
            self._sending.discard(done)
            done.set_result(None)

    async def sent(self) -> None:
        """Wait until the requests that are being answered at this moment are, for a moment at most."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=_SHORT_TIMEOUT)

    async def find(self, path: str) -> FoundFile:
        """What is at `path`, below the server's address. Raises `LinkError` if only the kernel knows and is silent."""
        prefix = _prefix_of(await self.known_page_files(), path)
        if prefix in self._local.here:
            found = await asyncio.to_thread(look_up, self._local.folders, path)
            if prefix or found.status == 200:
                return self._found(path, found)
        # A folder that lies elsewhere, or a module that was enabled a moment ago: with its answer the kernel tells.
        answer = await self.fetch(path, 0, 0)
        prefix = _prefix_of(self.page_files, path)
        if prefix in self._local.here:
            return self._found(path, await asyncio.to_thread(look_up, self._local.folders, path))
        return FoundFile(answer.status, answer.size, answer.modified, self, path, None)

    async def fetch(self, path: str, offset: int, length: int) -> File:
        """A part of a file, from the kernel. Raises `LinkError`."""
        async with self._room:
            number = next(self._numbers)
            request: asyncio.Future[File] = asyncio.get_running_loop().create_future()
            self._requests[number] = request
            try:
                self._send(Fetch(number, path, offset, length))
                async with asyncio.timeout(self._timeout):
                    return await request
            except TimeoutError:
                raise LinkError("the kernel does not send the file") from None
            finally:
                self._requests.pop(number, None)

    def _found(self, path: str, found: FileInfo) -> FoundFile:
        return FoundFile(found.status, found.size, found.modified, self, path, found.path)


def _prefix_of(page_files: PageFiles, path: str) -> str | None:
    """The prefix of the folder that answers `path`; None where there is none for it."""
    fitting = [p for p in page_files.folders if not p or path == p or path.startswith(f"{p}/")]
    return max(fitting, key=len, default=None)
