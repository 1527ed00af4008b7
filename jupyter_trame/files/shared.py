"""Files of a server that another process asks for: where they are, and their parts.

The kernel announces its folders as `PageFiles`. Whoever sees the same directories reads them itself; to anybody else
the kernel reads them out, part by part. The calls here may block for as long as the disk takes.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_trame.files.folders import Folders
from jupyter_trame.files.page_policy import PagePolicy
from jupyter_trame.protocol.link import Folder, PageFiles

__all__ = ["PART", "FileInfo", "describe", "folders_of", "identify", "is_here", "look_up", "read_part"]

PART = 1 << 20
"""Most bytes of a file that one answer of a link holds."""

_STRICT = PagePolicy()
_OK, _FORBIDDEN, _NOT_FOUND = 200, 403, 404


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What was found at an address."""

    status: int
    """200, 403 for a directory, 404."""
    path: Path | None = None
    size: int = 0
    """In bytes."""
    modified: int = 0
    """Nanoseconds since the epoch."""


def describe(
    folders: Mapping[str, Any],
    page: Path | None,
    headers: Mapping[str, str],
    *,
    follow_symlinks: bool = False,
    policy: PagePolicy = _STRICT,
) -> PageFiles:
    """What pages of a server may load and do: its folders that exist, `page` as the one without a prefix."""
    found: dict[str, Folder] = {}
    for prefix, folder in list(folders.items()):
        directory = identify(folder if isinstance(folder, str | os.PathLike) else folder[0])
        if directory is not None and prefix.strip("/"):
            found[prefix.strip("/")] = directory
    home = None if page is None else identify(page)
    if home is not None:
        found[""] = home
    return PageFiles(found, dict(headers), follow_symlinks, policy.connect_src, policy.frame_ancestors)


def identify(path: str | os.PathLike[str]) -> Folder | None:
    """The directory at `path` as another process can tell it from others; None where there is none."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return Folder(str(Path(path).absolute()), status.st_dev, status.st_ino)


def is_here(folder: Folder) -> bool:
    """Whether this process sees that very directory, and may read it."""
    return identify(folder.path) == folder and os.access(folder.path, os.R_OK | os.X_OK)


def folders_of(page_files: PageFiles) -> Folders:
    """What finds files in `page_files`."""
    return Folders(
        {p: f.path for p, f in page_files.folders.items()}, follow_symlinks=page_files.follow_symlinks
    )


def look_up(folders: Folders, path: str) -> FileInfo:
    """What is at `path`, an address below the server's."""
    found = folders.locate(path)
    if found is None:
        return FileInfo(_NOT_FOUND)
    try:
        status = found.stat()
    except OSError:
        return FileInfo(_NOT_FOUND)
    if not found.is_file():
        return FileInfo(_FORBIDDEN if found.is_dir() else _NOT_FOUND)
    return FileInfo(_OK, found, status.st_size, status.st_mtime_ns)


def read_part(path: Path, offset: int, length: int) -> bytes:
    """At most `length` bytes from `offset`; raises `OSError`."""
    with path.open("rb") as file:
        file.seek(max(offset, 0))
        return file.read(max(length, 0))
