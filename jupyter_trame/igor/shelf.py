"""The folder of a file server: which file an address means, and how one is written so that no half of it is seen."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from jupyter_trame.errors import TrameError
from jupyter_trame.files.file_names import is_taken_apart

__all__ = ["GivenUpError", "NoFileError", "Shelf", "Upload", "too_large"]


class NoFileError(TrameError):
    """An address is refused; `status` is that of HTTP."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


def _not_here() -> NoFileError:
    return NoFileError(HTTPStatus.NOT_FOUND, "there is no such file")


def _leads_out() -> NoFileError:
    return NoFileError(HTTPStatus.FORBIDDEN, "the address leads out of the folder")


def _is_name(part: str) -> bool:
    """Whether `part` is the name of an entry of its folder on every system; a colon is one of POSIX alone."""
    return part not in {".", ".."} and {"\0", "\\"}.isdisjoint(part) and not is_taken_apart(part)


class Shelf:
    """Finds and writes the files of one folder. Any thread."""

    def __init__(self, root: Path) -> None:
        """`root` is resolved, and is there."""
        self.root = root

    def find(self, address: str) -> Path:
        """The file at `address`, percent-decoded and without a first slash. Raises `NoFileError`, for a folder too."""
        real = self._resolve(self._path(address))
        try:
            mode = real.stat().st_mode
        except OSError:
            raise _not_here() from None
        if not stat.S_ISREG(mode):
            raise _not_here()
        return real

    def place(self, address: str) -> Path:
        """Where a file for `address` is put; its folder is there. Raises `NoFileError`."""
        path = self._path(address)
        folder = self._resolve(path.parent)
        target = folder / path.name
        if not folder.is_dir() or path == self.root:
            raise _not_here()
        # A link would be followed to a place that its target's folder was not asked about.
        if target.is_symlink() or (target.exists() and not target.is_file()):
            raise NoFileError(HTTPStatus.FORBIDDEN, "only a file can be replaced")
        return target

    def _path(self, address: str) -> Path:
        parts = self._below_root(address).split("/")
        if not all(parts):
            raise _not_here()
        if not all(map(_is_name, parts)):
            raise _leads_out()
        return self.root.joinpath(*parts)

    def _below_root(self, address: str) -> str:
        """`address` without the root's own path in front, with which the original was asked for files."""
        root = self.root.as_posix().removeprefix("/")
        if address.startswith(f"{root}/") and not (self.root / address.partition("/")[0]).exists():
            return address[len(root) + 1 :]
        return address

    def _resolve(self, path: Path) -> Path:
        try:
            real = path.resolve(strict=True)
        # It is not there, may not be read, is too long; links in a circle; or has characters that no name has.
        except (OSError, RuntimeError, ValueError):
            raise _not_here() from None
        if not real.is_relative_to(self.root):
            raise _leads_out()
        return real


class GivenUpError(TrameError):
    """An upload goes on that was given up."""


class Upload:
    """A file that comes in pieces: it is at its place when all have come, and nowhere before.

    One thread writes and commits; `abort` may be called on another one meanwhile, and does not wait for it.
    """

    def __init__(self, target: Path, limit: int) -> None:
        """At most `limit` bytes. Raises `OSError`."""
        self._target = target
        self._limit = limit
        self._size = 0
        self._lock = threading.Lock()
        self._at_work = False
        """Whether a thread writes or commits now: what is given up meanwhile it takes away itself."""
        self._is_committed = False
        self._given_up = threading.Event()
        descriptor, name = tempfile.mkstemp(prefix=".upload-", suffix=".part", dir=target.parent)
        self._part = Path(name)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, data: bytes) -> None:
        """One more piece. Raises `NoFileError` (413) when it is too much, `GivenUpError` and `OSError`."""
        self._size += len(data)
        if self._size > self._limit:
            raise too_large(self._limit)
        with self._work():
            self._file.write(data)

    def commit(self) -> None:
        """Put the file at its place, where it replaces another in one step. Raises `GivenUpError` and `OSError`."""
        with self._work():
            self._file.close()
            with contextlib.suppress(OSError):  # there is none yet
                self._part.chmod(stat.S_IMODE(self._target.stat().st_mode))
            with self._lock:
                if self._given_up.is_set():
                    raise GivenUpError("the upload was given up")
                self._part.replace(self._target)
                self._is_committed = True

    def abort(self) -> None:
        """Nothing of it stays. Again, and after `commit`, is harmless."""
        with self._lock:
            if self._is_committed or self._given_up.is_set():
                return
            self._given_up.set()
            if self._at_work:
                return
        self._take_away()

    @contextlib.contextmanager
    def _work(self) -> Iterator[None]:
        with self._lock:
            if self._given_up.is_set():
                raise GivenUpError("the upload was given up")
            self._at_work = True
        try:
            yield
        finally:
            with self._lock:
                self._at_work = False
            if self._given_up.is_set():
                self._take_away()

    def _take_away(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._part.unlink()


def too_large(limit: int) -> NoFileError:
    """What is answered to an upload over `limit` bytes."""
    return NoFileError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a file has at most {limit} bytes")
