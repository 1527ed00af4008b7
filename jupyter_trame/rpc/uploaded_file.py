"""What Python gets for a file that a user chose in a page."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Self

from jupyter_trame.protocol.plain import ForClients
from jupyter_trame.rpc.upload_folder import StoredFile, UploadError, UploadFolder

__all__ = ["UploadedFile"]

_CONTENT = "content"


class UploadedFile(ForClients, Mapping[str, Any]):
    """A file from a page, on disk. Any thread.

    The file is removed when nobody holds this object any more, with `close` or at the end of a ``with`` block, and at
    the end of the process. As a mapping it has what trame's dict has: ``file["content"]`` reads all of it. Two files
    are equal if they are the same object.
    """

    def __init__(
        self, members: Mapping[str, Any], content: bytes | StoredFile | None, folder: UploadFolder
    ) -> None:
        """`members` are what the page says of it. `content` None: the browser could not read it."""
        self._members = {key: value for key, value in members.items() if key != _CONTENT}
        self._content = content
        self._folder = folder
        self._lock = threading.Lock()
        self._size = 0
        if content is not None:
            self._size = content.size if isinstance(content, StoredFile) else len(content)
        if content is not None and "size" in members:
            self._members["size"] = self._size

    @property
    def name(self) -> str:
        """What the file is called at the user's, without folders, whatever a client says; it may be empty."""
        name = re.split(r"[\\/]", str(self._members.get("name", "")))[-1]
        return "" if name in {".", ".."} else name

    @property
    def size(self) -> int:
        """Bytes; 0 where the browser could not read the file."""
        return self._size

    @property
    def type(self) -> str:
        """The media type as the browser takes it from the name, ``"text/csv"`` for example; may be empty."""
        return str(self._members.get("type", ""))

    @property
    def error(self) -> str | None:
        """Why the browser could not read the file; None when it could."""
        error = self._members.get("error")
        return error if isinstance(error, str) else None

    @property
    def path(self) -> Path:
        """Where the file lies, for this user alone to read. Its name there is no part of its name at the user's.

        It may be moved away, to be kept. Raises ValueError when the file is closed, and `OSError` and `UploadError`
        where a small one, which has been in memory, finds no room.
        """
        content = self._opened()
        if isinstance(content, StoredFile):
            return content.path
        with self._lock:
            if isinstance(self._content, bytes):
                stored = self._folder.create("a file", len(self._content))
                try:
                    stored.append(memoryview(self._content))
                except OSError:
                    stored.remove()
                    raise
                self._content = stored
        return self.path

    def open(self) -> BinaryIO:
        """The bytes as a file to be read. Raises ValueError when the file is closed."""
        content = self._opened()
        return BytesIO(content) if isinstance(content, bytes) else content.path.open("rb")

    def read(self) -> bytes:
        """All bytes. Raises ValueError when the file is closed."""
        content = self._opened()
        return content if isinstance(content, bytes) else content.path.read_bytes()

    def close(self) -> None:
        """Remove the file. More than once is harmless. What `open` gave can still be read, but on Windows it should be
        closed before.
        """
        with self._lock:
            content, self._content = self._content, None
        if isinstance(content, StoredFile):
            content.remove()

    @property
    def closed(self) -> bool:
        """Whether there is nothing to be read any more, or never was."""
        return self._content is None

    def for_clients(self) -> dict[str, Any]:
        """See `ForClients`: all but the content."""
        return self._members

    def _opened(self) -> bytes | StoredFile:
        content = self._content
        if content is None:
            if self.error is not None:
                raise UploadError(f"{self.name!r:.200} could not be read in the browser: {self.error:.200}")
            raise ValueError("the file is closed")
        return content

    def __bytes__(self) -> bytes:
        return self.read()

    def __getitem__(self, key: str) -> Any:
        if key == _CONTENT:
            return None if self.error is not None else self.read()
        return self._members[key]

    def __iter__(self) -> Iterator[str]:
        yield from self._members
        yield _CONTENT

    def __len__(self) -> int:
        return len(self._members) + 1

    def __contains__(self, key: object) -> bool:
        return key == _CONTENT or key in self._members

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "an uploaded file cannot be pickled: it is removed with this object; read() gives its bytes"
        )

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"{self.size} bytes"
        return f"<UploadedFile {self.name!r:.200}, {state}>"
