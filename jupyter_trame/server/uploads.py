"""Files that come from clients in pieces, so that everything else of theirs goes on in between.

A client opens an upload, which says at once whether it is too large, and sends the pieces in their order, each a call
that is answered. What it then writes, or gives to a trigger, holds a reference in place of the bytes.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, ClassVar

import msgpack

from jupyter_trame.errors import TrameError
from jupyter_trame.protocol import CallEvent, WriteEvent
from jupyter_trame.types import ClientId

__all__ = ["REFERENCE_TYPE", "UploadError", "Uploads"]

REFERENCE_TYPE = 85
"""Extension type of a reference: the letter U; the payload is the id of the upload, ASCII."""

_ID, _NAME = 200, 200
"""Characters of an upload's id, and of its name in a message."""
_MOST = 64
"""Uploads of one client that nothing refers to yet."""


class UploadError(TrameError):
    """A file is too large, or pieces of it are missing."""

    code: ClassVar[int] = -32008


@dataclass(slots=True, eq=False)
class _Upload:
    size: int
    content: BytesIO = field(default_factory=BytesIO)


class Uploads:
    """One a server. Any thread."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        """Bytes that all uploads of one client may have together, until they are used."""
        self._lock = threading.Lock()
        self._clients: dict[ClientId, dict[str, _Upload]] = {}
        self._methods: dict[str, Callable[..., None]] = {
            "jupyter_trame.upload.open": self.open,
            "jupyter_trame.upload.piece": self.add,
            "jupyter_trame.upload.cancel": self.cancel,
        }

    def answers(self, event: CallEvent) -> bool:
        """Whether the call is one of an upload."""
        return event.method in self._methods

    def call(self, event: CallEvent) -> None:
        """Do what the client asks. Raises `UploadError`, also for a call that makes no sense."""
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
        with self._lock:
            mine = self._clients.setdefault(client, {})
            waiting = sum(known.size for known in mine.values())
            if size > self.limit:
                raise UploadError(f"{name} has {_human(size)}: a file may have up to {_human(self.limit)}")
            if waiting + size > self.limit or len(mine) >= _MOST:
                raise UploadError(f"{name} has to wait: {_human(waiting)} are on their way already")
            mine[upload] = _Upload(size)

    def add(self, client: ClientId, upload: str, offset: int, data: bytes) -> None:
        """The bytes from `offset` on: each piece begins where the one before it ended."""
        content = _content(data)
        with self._lock:
            known = self._known(client, upload)
            end = known.content.tell()
            if offset != end or end + len(content) > known.size:
                del self._clients[client][upload]
                raise UploadError(
                    f"{len(content)} bytes at {offset!r:.40} do not go on at {end} of {known.size}"
                )
            known.content.write(content)

    def cancel(self, client: ClientId, upload: str) -> None:
        """The rest will not come; what came is forgotten."""
        with self._lock:
            self._clients.get(client, {}).pop(upload, None)

    def drop(self, client: ClientId) -> None:
        """The client has left."""
        with self._lock:
            self._clients.pop(client, None)

    def resolve_call(self, event: CallEvent) -> CallEvent:
        """`event` with the bytes in place of references. Raises `UploadError` for one to nothing."""
        if event.client not in self._clients:
            return event
        args = [self._resolve(event.client, value) for value in event.args]
        kwargs = {name: self._resolve(event.client, value) for name, value in event.kwargs.items()}
        return CallEvent(event.client, event.request_id, event.method, args, kwargs)

    def resolve_write(self, event: WriteEvent) -> list[str]:
        """Put the bytes in place of references; the keys that referred to nothing, which are taken out."""
        lost = []
        for key, value in list(event.values.items()):
            if key in event.packed:  # only what is filtered can be the value of a file
                continue
            try:
                event.values[key] = self._resolve(event.client, value)
            except UploadError:
                # It was sent twice, and the first time is on its way to the state.
                lost.append(key)
                del event.values[key]
        return lost

    def _resolve(self, client: ClientId, value: Any) -> Any:
        if isinstance(value, msgpack.ExtType) and value.code == REFERENCE_TYPE:
            return self._take(client, value.data.decode("ascii", "replace"))
        if isinstance(value, list):
            return [self._resolve(client, item) for item in value]
        if isinstance(value, dict):
            return {key: self._resolve(client, item) for key, item in value.items()}
        return value

    def _take(self, client: ClientId, upload: str) -> bytes:
        with self._lock:
            known = self._known(client, upload)
            del self._clients[client][upload]
            if known.content.tell() != known.size:
                raise UploadError(f"{known.content.tell()} of {known.size} bytes have come")
            return known.content.getvalue()

    def _known(self, client: ClientId, upload: str) -> _Upload:
        known = self._clients.get(client, {}).get(upload)
        if known is None:
            raise UploadError("this upload is not known: it was cancelled, or the server was started again")
        return known


def _content(data: object) -> memoryview:
    """The bytes of a piece. Raises `UploadError` for what is none: the length of an array is not its size."""
    try:
        view = memoryview(data)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        view = None
    if view is None or view.ndim != 1 or view.format != "B" or not view.c_contiguous:
        raise UploadError(f"a piece is bytes, or one row of them; {type(data).__name__} came")
    return view


def _human(size: float) -> str:
    for unit in ("bytes", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
