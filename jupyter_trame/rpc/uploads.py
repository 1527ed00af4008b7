"""Files that come from clients in pieces, so that everything else of theirs goes on in between.

A client opens an upload, which says at once whether it is too large, and sends the pieces in their order, each a call
that is answered. What it then writes, or gives to a trigger, holds a reference in place of the bytes.

Apps get an `UploadedFile`, also for a small file that came as a part of its message; with trame's manners they get the
bytes, which grow in memory.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import Any

import msgpack

from jupyter_trame.execution.workers import Workers
from jupyter_trame.names import UPLOAD_CANCEL, UPLOAD_OPEN, UPLOAD_PIECE
from jupyter_trame.protocol import CallEvent, Limits, WriteEvent
from jupyter_trame.rpc.upload_folder import StoredFile, UploadError, UploadFolder, human
from jupyter_trame.rpc.uploaded_file import UploadedFile
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.types import ClientId

__all__ = ["REFERENCE_TYPE", "Uploads"]

_logger = logging.getLogger(__name__)

REFERENCE_TYPE = 85
"""Extension type of a reference: the letter U; the payload is the id of the upload, ASCII."""

_ID, _NAME = 200, 200
"""Characters of an upload's id, and of its name in a message."""
_MOST = 64
"""Uploads of one client that nothing refers to yet."""
_NEAR = 4
"""How deep in the arguments of a call files are looked for that are a part of their message. Pages put them as deep as
in ``trigger("load", [{"x": [file]}])``.
"""
_SILENCE = Limits().silence
_COMPLETE_FACTOR = 10
"""How many times as long a file waits that is there as a whole."""
_PROGRESS = 1 << 12
"""Bytes of a piece that shows that an upload goes on."""
_DEEP = 64
"""How deep files are looked for in what a client writes, or calls with while it has files on their way."""


class _InMemory:
    """The bytes, where apps want bytes."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._bytes = BytesIO()

    def append(self, data: memoryview) -> None:
        self._bytes.write(data)

    def remove(self) -> None:
        self._bytes = BytesIO()

    def value(self) -> bytes:
        return self._bytes.getvalue()


@dataclass(slots=True, eq=False)
class _Upload:
    name: str
    content: StoredFile | _InMemory
    heard: float
    """When it was opened, or its last piece came."""
    received: int = 0

    def gives_way(self, now: float, silence: float) -> bool:
        """Whether others may have its place. What refers to a file that is there may wait behind a long cell."""
        return now - self.heard >= (
            silence * _COMPLETE_FACTOR if self.received == self.content.size else silence
        )


class Uploads:
    """Holds the files that clients bring, until the app takes them; each server has one. Any thread."""

    def __init__(self, limit: int, folder: UploadFolder | None, *, silence: float = _SILENCE) -> None:
        """`folder` None: files are bytes in memory. `silence`: seconds after which an upload of which nothing comes
        makes room for others.
        """
        self.limit = limit
        """Bytes that all uploads of one client may have together, until they are used."""
        self.folder = folder
        self._silence = silence
        self._complaints = Complaints(_logger)
        self._lock = threading.Lock()
        self._clients: dict[ClientId, dict[str, _Upload]] = {}
        self._writer = Workers(limit=1)
        self._writes = False
        """Whether anybody has ever asked for something: else nobody's leaving is worth a thread."""
        self._methods: dict[str, Callable[..., None]] = {
            UPLOAD_OPEN: self.open,
            UPLOAD_PIECE: self.add,
            UPLOAD_CANCEL: self.cancel,
        }

    def answers(self, event: CallEvent) -> bool:
        """Whether the call is one of an upload."""
        return event.method in self._methods

    def run(self, work: Callable[[], object]) -> None:
        """Do `work` in the order of the calls, where it may wait for the disk: not on a loop, if there are files."""
        if self.folder is None:
            work()
        else:
            self._writes = True
            self._writer.submit(work)

    def call(self, event: CallEvent) -> None:
        """Do what the client asks, inside `run`. Raises `UploadError`, also for a call that makes no sense."""
        try:
            self._methods[event.method](event.client, *event.args)
        except (TypeError, ValueError) as error:
            raise UploadError(f"{event.method}: {str(error)[:200]}") from error

    def open(self, client: ClientId, upload: str, size: int, name: str = "a file") -> None:
        """`size` bytes will come under the id `upload`, which the client chooses."""
        if type(upload) is not str or len(upload) > _ID or type(name) is not str:
            raise UploadError(
                f"upload.open: the id of an upload is a text of at most {_ID} characters, its name a text"
            )
        name = name if len(name) <= _NAME else f"{name[:_NAME]}…"
        if type(size) is not int:
            raise UploadError(f"upload.open: {name} has a number of bytes, not {type(size).__name__}")
        if size < 0:
            raise UploadError(f"{name} cannot have {size} bytes")
        if size > self.limit:
            raise UploadError(f"{name} has {human(size)}: a file may have up to {human(self.limit)}")
        with self._lock:
            mine = self._clients.get(client, {})
            waiting = sum(known.content.size for known in mine.values())
            if waiting + size > self.limit or len(mine) >= _MOST:
                raise UploadError(f"{name} has to wait: {human(waiting)} are on their way already")
        content = _InMemory(size) if self.folder is None else self._create(self.folder, name, size)
        with self._lock:
            mine = self._clients.setdefault(client, {})
            old = mine.pop(upload, None)
            mine[upload] = _Upload(name, content, time.monotonic())
        if old is not None:
            old.content.remove()

    def _create(self, folder: UploadFolder, name: str, size: int) -> StoredFile:
        while True:
            try:
                return folder.create(name, size)
            except OSError as error:
                raise self._no_room(name, error) from error
            except UploadError:
                if not self._make_room(size - (folder.quota - folder.used)):
                    raise

    def _make_room(self, size: int) -> bool:
        """Forget the uploads of which nothing came for longest, if that is long, until `size` bytes are free; whether
        there were enough.
        """
        now = time.monotonic()
        with self._lock:
            silent = sorted(
                (known.heard, client, upload, known.content.size)
                for client, mine in self._clients.items()
                for upload, known in mine.items()
                if known.gives_way(now, self._silence)
            )
        if size <= 0 or sum(taken for *_, taken in silent) < size:
            return False
        for _, client, upload, taken in silent:
            if size > 0:
                self.cancel(client, upload)
                size -= taken
        return True

    def add(self, client: ClientId, upload: str, offset: int, data: bytes) -> None:
        """The bytes from `offset` on: each piece begins where the one before it ended.

        One that comes too early, since the one before it was refused, is refused as well; the upload goes on.
        """
        content = _content(data)
        with self._lock:
            known = self._known(client, upload)
            end, size = known.received, known.content.size
        if offset != end or end + len(content) > size:
            if not (type(offset) is int and end < offset and offset + len(content) <= size):
                self.cancel(client, upload)
            raise UploadError(f"{len(content)} bytes at {offset!r:.40} do not go on at {end} of {size}")
        try:
            known.content.append(content)
        except OSError as error:
            self.cancel(client, upload)
            raise self._no_room(known.name, error) from error
        known.received += len(content)
        if len(content) >= _PROGRESS:
            known.heard = time.monotonic()

    def cancel(self, client: ClientId, upload: str) -> None:
        """The rest will not come; what came is forgotten."""
        with self._lock:
            known = self._clients.get(client, {}).pop(upload, None)
        if known is not None:
            known.content.remove()

    def drop(self, client: ClientId) -> None:
        """The client has left: forget what it opened until now."""
        if self._writes or self.folder is None:
            self.run(partial(self._drop, client))

    def close(self) -> None:
        """All clients have left."""
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            self.drop(client)

    def _drop(self, client: ClientId) -> None:
        with self._lock:
            gone = self._clients.pop(client, {})
        for known in gone.values():
            known.content.remove()

    def resolve_call(self, event: CallEvent) -> CallEvent:
        """`event` with files in place of references. Raises `UploadError` for one to nothing."""
        depth = _DEEP if event.client in self._clients else 0 if self.folder is None else _NEAR
        if not depth:
            return event
        args = self._resolve(event.client, event.args, depth)
        kwargs = {name: self._resolve(event.client, value, depth) for name, value in event.kwargs.items()}
        return replace(event, args=args, kwargs=kwargs)

    def resolve_write(self, event: WriteEvent) -> list[str]:
        """Put files in place of references; the keys that referred to nothing, which are taken out."""
        lost = []
        for key, value in list(event.values.items()):
            if key in event.packed:  # only what is filtered can be the value of a file
                continue
            try:
                event.values[key] = self._resolve(event.client, value, _DEEP)
            except Exception as error:  # noqa: BLE001 - a defect of ours costs this key
                # An upload that is gone was sent twice, and the first time is on its way to the state.
                if not isinstance(error, UploadError):
                    self._complaints.warn("a file was not read", level=logging.ERROR, error=error)
                lost.append(key)
                del event.values[key]
        return lost

    def _resolve(self, client: ClientId, value: Any, depth: int) -> Any:
        kind = type(value)
        if _is_reference(value):
            return self._take(client, value, {})
        if kind is dict and self._is_file(value):
            return self._file(client, value)
        if not depth or kind not in (list, dict):
            return value
        # Most lists are long and hold numbers.
        if _HOLDERS.isdisjoint(map(type, value if kind is list else value.values())):
            return value
        if kind is list:
            return [self._resolve(client, item, depth - 1) for item in value]
        return {key: self._resolve(client, item, depth - 1) for key, item in value.items()}

    def _is_file(self, value: dict[Any, Any]) -> bool:
        """Whether a page's value of a file is to become an object."""
        hidden = value.get("_filter")
        return (
            self.folder is not None and isinstance(hidden, list) and hidden == ["content"] and "name" in value
        )

    def _file(self, client: ClientId, value: dict[str, Any]) -> Any:
        content = value.get("content")
        if _is_reference(content):
            return self._take(client, content, value)
        if self.folder is None or not (isinstance(content, bytes) or isinstance(value.get("error"), str)):
            return value
        return UploadedFile(value, content if isinstance(content, bytes) else None, self.folder)

    def _take(self, client: ClientId, reference: msgpack.ExtType, members: dict[str, Any]) -> Any:
        upload = reference.data.decode("ascii", "replace")
        with self._lock:
            known = self._known(client, upload)
            del self._clients[client][upload]
        size, received, content = known.content.size, known.received, known.content
        if received != size:
            self.run(content.remove)
            raise UploadError(f"{received} of {size} bytes have come")
        if isinstance(content, _InMemory):
            return content.value()
        return UploadedFile({"name": known.name, **members}, content, content.folder)

    def _known(self, client: ClientId, upload: str) -> _Upload:
        known = self._clients.get(client, {}).get(upload)
        if known is None:
            raise UploadError(
                "this upload is not known: it was cancelled, it paused while others needed its place, "
                "or the server was started again"
            )
        return known

    def _no_room(self, name: str, error: OSError) -> UploadError:
        """What the client hears; the log hears of the place as well."""
        self._complaints.warn("an uploaded file cannot be kept: %s", error)
        return UploadError(f"{name} cannot be kept: {error.strerror or 'the disk does not take it'}")


_HOLDERS = frozenset((list, dict, msgpack.ExtType))
"""Types of what may be a file, or hold one."""


def _is_reference(value: Any) -> bool:
    return type(value) is msgpack.ExtType and value.code == REFERENCE_TYPE


def _content(data: object) -> memoryview:
    """The bytes of a piece. Raises `UploadError` for what is none: the length of an array is not its size."""
    try:
        view = memoryview(data)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        view = None
    if view is None or view.ndim != 1 or view.format != "B" or not view.c_contiguous:
        raise UploadError(f"a piece is bytes, or one row of them; {type(data).__name__} came")
    return view
