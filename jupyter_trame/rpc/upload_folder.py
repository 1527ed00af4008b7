"""Where uploaded files lie: a private folder of this process, within a quota, gone when nobody needs it any more."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import sys
import tempfile
import threading
import time
import weakref
from pathlib import Path
from typing import ClassVar

from jupyter_trame.errors import TrameError
from jupyter_trame.system.ownership import directory_objection, user_id

__all__ = ["PREFIX", "StoredFile", "UploadError", "UploadFolder", "human"]

PREFIX = "jupyter-trame-uploads-"
"""Of the names of such folders."""

_APPEND = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
"""Without O_CREAT: a file that was removed meanwhile stays removed."""
_CREATE = _APPEND | os.O_CREAT | os.O_EXCL


class UploadError(TrameError):
    """A file is too large, has no place, or pieces of it are missing."""

    code: ClassVar[int] = -32008


class StoredFile:
    """A file that grows up to `size` bytes; its place is given back with `remove`, or when nobody holds this object."""

    def __init__(self, folder: UploadFolder, path: Path, size: int) -> None:
        self.folder = folder
        self.path = path
        self.size = size
        self._end = weakref.finalize(self, _remove_file, os.getpid(), folder, path)

    @property
    def removed(self) -> bool:
        """Whether it is gone."""
        return not self._end.alive

    def append(self, data: memoryview) -> None:
        """Write `data` behind what is there. Raises `OSError`."""
        # Opened each time: clients may have thousands of files under way, a process has few descriptors.
        with os.fdopen(os.open(self.path, _APPEND), "ab", buffering=0) as file:
            while data:
                data = data[file.write(data) :]

    def remove(self) -> None:
        """Remove the file. More than once is harmless."""
        self._end()


class UploadFolder:
    """The files of one server; the folder is made with the first one. Any thread."""

    def __init__(self, quota: int, *, young: float = 60.0) -> None:
        """`young`: seconds in which the folder of another process may be there and not be locked yet."""
        self._young = young
        self.quota = quota
        """Bytes that all files may have together, those that are still growing as what they will have."""
        self._lock = threading.Lock()
        # A file may end in the garbage collector, in the middle of anything: there a lock may be taken already.
        self._sizes: dict[Path, int] = {}
        self._path: Path | None = None
        self._identity = (0, 0)
        """Device and inode of the folder."""

    @property
    def used(self) -> int:
        """Bytes of the quota that are taken."""
        return sum(list(self._sizes.values()))

    def create(self, name: str, size: int) -> StoredFile:
        """An empty file for what a client calls `name`; the name is for errors, no path is made of it.

        Raises `UploadError` for what is beyond the quota, and `OSError`.
        """
        with self._lock:
            used = self.used
            if used + size > self.quota:
                raise UploadError(
                    f"{name} has {human(size)}: the server keeps files of {human(used)} already, "
                    f"and {human(self.quota)} is the most"
                )
            path = self._made() / secrets.token_hex(8)
            self._sizes[path] = size
        try:
            # Others fill the disk as well: it may be full in the end all the same.
            if shutil.disk_usage(path.parent).free < size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.close(os.open(path, _CREATE, 0o600))
        except OSError:
            self.give_back(path)
            raise
        return StoredFile(self, path, size)

    def give_back(self, path: Path) -> None:
        """The file at `path` does not count any more."""
        self._sizes.pop(path, None)

    def _made(self) -> Path:
        if self._path is None or not self._is_same(self._path):
            parent = Path(tempfile.gettempdir())
            _clear_abandoned(parent, self._young)
            path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))  # with mode 0700
            # After the files, which are made later; each of those holds this object.
            weakref.finalize(self, _remove_folder, os.getpid(), path, _lock_folder(path))
            self._path, self._identity = path, _identity(path.lstat())
        return self._path

    def _is_same(self, path: Path) -> bool:
        """Whether our folder is still there: once a cleaner has removed it, anybody may make one of its name."""
        try:
            status = path.lstat()
        except OSError:
            return False
        return _identity(status) == self._identity and directory_objection(status, user_id()) is None


def human(size: float) -> str:
    """`size` bytes as people say it."""
    for unit in ("bytes", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _remove_file(pid: int, folder: UploadFolder, path: Path) -> None:
    if os.getpid() != pid:  # a fork has its copy of everything but the disk
        return
    folder.give_back(path)
    # The app may have moved it, or Windows have it open: the folder goes later.
    with contextlib.suppress(OSError):
        path.unlink()


def _remove_folder(pid: int, path: Path, lock: int | None) -> None:
    if os.getpid() == pid:
        shutil.rmtree(path, ignore_errors=True)
    if lock is not None:
        os.close(lock)


def _lock_folder(path: Path) -> int | None:
    """Lock the folder as long as this process lives; None where that cannot be done, or somebody else has done it."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _clear_abandoned(parent: Path, young: float) -> None:
    """Remove the folders of processes that were killed: nobody has locked those that are `young` seconds old."""
    user = user_id()
    if user is None:
        return
    with contextlib.suppress(OSError):
        for entry in os.scandir(parent):
            if not entry.name.startswith(PREFIX):
                continue
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                if directory_objection(status, user) is not None or time.time() - status.st_mtime < young:
                    continue
                lock = _lock_folder(Path(entry.path))
                if lock is not None:
                    shutil.rmtree(entry.path, ignore_errors=True)
                    os.close(lock)
