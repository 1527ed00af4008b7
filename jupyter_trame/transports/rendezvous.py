"""How a replica finds a kernel's servers: a record beside the connection file (PROTOCOL.md, section 3).

Records and sockets outlive a killed kernel: whoever reads a record must expect that nobody listens any more. Others may
write into the directory where it lies, so a record that is not our user's own is as none.
"""

import contextlib
import json
import logging
import os
import secrets
import socket
import stat
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from jupyter_trame.transports.ownership import directory_objection, read_own_file, remove_own, user_id
from jupyter_trame.transports.shared_files import patiently, write_private
from jupyter_trame.types import Epoch

__all__ = [
    "RECORD_VERSION",
    "Record",
    "ServerEntry",
    "choose_address",
    "clear_stale",
    "read_record",
    "record_path",
    "remove_record",
    "write_record",
]

RECORD_VERSION = 1

_logger = logging.getLogger(__name__)

T = TypeVar("T")

_PREFIX = "jupyter-trame-"
_SOCKET_PATH_LIMIT = 107
"""Bytes of a path in ``sockaddr_un``, without its closing zero."""
_SIZE_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """One running server of a kernel."""

    slug: str
    name: str
    title: str
    epoch: Epoch


@dataclass(frozen=True, slots=True)
class Record:
    """What a kernel tells of itself."""

    pid: int
    address: str
    """``unix:<path>`` or ``tcp:127.0.0.1:<port>``."""
    secret: str = field(repr=False)
    servers: tuple[ServerEntry, ...] = ()

    def find(self, slug: str) -> ServerEntry | None:
        """The server `slug`, None when it does not run."""
        return next((entry for entry in self.servers if entry.slug == slug), None)


def record_path(connection_file: str | Path) -> Path:
    """Where the record of the kernel with this connection file lies; both processes know that file."""
    path = Path(connection_file)
    kernel_id = path.stem.removeprefix("kernel-")
    return path.with_name(f"{_PREFIX}{kernel_id}.json")


def write_record(path: Path, record: Record) -> None:
    """Replace the record at `path`, mode 0600. A reader sees the old one or the new one. Raises `OSError`."""
    document = {"version": RECORD_VERSION, **asdict(record)}
    # mkstemp creates with 0600; the name is new, so nobody can have opened it before.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        write_private(descriptor, temporary, json.dumps(document).encode())
        patiently(lambda: temporary.replace(path))
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def read_record(path: Path, on_refused: Callable[[str], object] = _logger.warning) -> Record | None:
    """The record at `path`; None when there is none, or none that this version understands, or that is not ours.

    `on_refused(sentence)` is told of one that is not ours. Never waits: what lies there may be a FIFO.
    """
    try:
        document = json.loads(read_own_file(path, _SIZE_LIMIT))
        if document["version"] != RECORD_VERSION:
            return None
        return Record(
            pid=_typed(document["pid"], int),
            address=_typed(document["address"], str),
            secret=_typed(document["secret"], str),
            servers=tuple(_read_entries(document["servers"])),
        )
    except PermissionError as error:
        on_refused(str(error))
        return None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _read_entries(documents: Iterable[Any]) -> Iterable[ServerEntry]:
    for document in documents:
        slug, name, title, epoch = (_typed(document[key], str) for key in ("slug", "name", "title", "epoch"))
        yield ServerEntry(slug, name, title, Epoch(epoch))


def _typed(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
    return value


def remove_record(path: Path) -> None:
    """Withdraw the record at `path`; harmless when there is none, or what lies there is not ours."""
    remove_own(path, socket_file=False)


def choose_address(path: Path) -> str:
    """An address to listen on for the kernel whose record is `path`; clears what a dead process of it left.

    A Unix socket beside the record; in a new directory where the path would be too long or where other users
    may enter; a loopback port where there are no Unix sockets. Raises `OSError`.
    """
    record = read_record(path)
    if record is not None and record.pid != os.getpid():
        clear_stale(record)
    if not hasattr(socket, "AF_UNIX"):
        return "tcp:127.0.0.1:0"
    kernel_id = path.stem.removeprefix(_PREFIX)
    name = f"jt-{kernel_id[:8]}-{os.getpid()}-{secrets.token_hex(2)}"
    beside = path.with_name(name)
    if len(os.fsencode(beside)) > _SOCKET_PATH_LIMIT or not _is_private(path.parent):
        # mkdtemp makes it 0700. A socket's own mode is not looked at everywhere: the directory protects.
        beside = Path(tempfile.mkdtemp(prefix=_PREFIX)) / "link"
    return f"unix:{beside}"


def _is_private(directory: Path) -> bool:
    status = directory.stat()
    return directory_objection(status, user_id()) is None and not status.st_mode & (
        stat.S_IRWXG | stat.S_IRWXO
    )


def clear_stale(record: Record) -> None:
    """Remove the socket of the process that wrote `record` and was killed; harmless when it is gone.

    Only a socket of ours goes, and only from a directory of ours: a record is a file, and may say anything.
    """
    kind, _, name = record.address.partition(":")
    stale = Path(name)
    if kind != "unix" or not stale.is_absolute() or "\0" in name:
        return
    if remove_own(stale, socket_file=True) and stale.parent.name.startswith(_PREFIX):
        with contextlib.suppress(OSError):
            stale.parent.rmdir()
