"""How a replica finds a kernel's servers: a record beside the connection file (PROTOCOL.md, section 3).

Records and sockets outlive a killed kernel: whoever reads a record must expect that nobody listens any more. Others may
write into the directory where it lies, so a record that is not our user's own is as none.
"""

import contextlib
import json
import logging
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from jupyter_trame.protocol.package_version import read_package
from jupyter_trame.system.ownership import read_own_file, remove_own
from jupyter_trame.system.private_files import patiently, write_private
from jupyter_trame.types import Epoch

__all__ = [
    "END_OF_TIME",
    "MESSAGES",
    "PREFIX",
    "RECORD_VERSION",
    "Record",
    "ServerEntry",
    "clear_stale",
    "kernel_name",
    "kernel_of",
    "read_document",
    "read_record",
    "record_path",
    "remove_record",
    "service_record_path",
    "write_record",
]

RECORD_VERSION = 1

_logger = logging.getLogger(__name__)

T = TypeVar("T")

PREFIX = "jupyter-trame-"
"""Of the names of records, and of folders that are made for one socket."""
MESSAGES = "messages:"
"""The address of a kernel that is reached over its messages alone."""
END_OF_TIME = 1e11
"""Seconds since 1970 that a calendar still has; what a kernel says of time lies before it."""
_SIZE_LIMIT = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """One running server of a kernel."""

    slug: str
    name: str
    title: str
    epoch: Epoch
    started: float = 0.0
    """When it was started, in seconds since 1970 of the kernel's clock; 0 where the kernel does not say so."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a kernel tells of itself."""

    pid: int
    address: str
    """``unix:<path>`` or ``tcp:127.0.0.1:<port>``."""
    secret: str = field(repr=False)
    servers: tuple[ServerEntry, ...] = ()
    services: tuple[str, ...] = ()
    """Slugs of what else answers links there; see `Parcel`."""
    package: str = ""
    """The version of jupyter_trame there; empty where it does not say so."""

    def find(self, slug: str) -> ServerEntry | None:
        """The server `slug`, None when it does not run."""
        return next((entry for entry in self.servers if entry.slug == slug), None)


def record_path(connection_file: str | Path) -> Path:
    """Where the record of the kernel with this connection file lies; both processes know that file."""
    path = Path(connection_file)
    return path.with_name(f"{PREFIX}{kernel_name(path)}.json")


def service_record_path(connection_file: str | Path, service: str, name: str) -> Path:
    """The same of one server that speaks another wire, such as ``igor``. Raises `ValueError` for what is no name."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"a name is letters, digits and - _ . and does not begin with a dot, not {name!r}")
    path = Path(connection_file)
    return path.with_name(f"{PREFIX}{kernel_name(path)}.{service}.{name}.json")


def kernel_of(record: Path) -> str:
    """Which kernel the record at this path is of: what `kernel_name` makes of its connection file."""
    return record.stem.removeprefix(PREFIX)


def kernel_name(connection_file: Path) -> str:
    """What the kernel with this connection file calls itself: its id, where jupyter-server named the file."""
    return connection_file.stem.removeprefix("kernel-")


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
        return read_document(document)
    except PermissionError as error:
        on_refused(str(error))
        return None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def read_document(document: Mapping[str, Any]) -> Record:
    """The record that was written as this JSON object. Raises `LookupError` or `TypeError` where it is none."""
    return Record(
        pid=_typed(document["pid"], int),
        address=_typed(document["address"], str),
        secret=_typed(document["secret"], str),
        servers=tuple(_read_entries(document["servers"])),
        services=tuple(_typed(slug, str) for slug in document.get("services", ())),
        package=read_package(document.get("package")),
    )


def _read_entries(documents: Iterable[Any]) -> Iterable[ServerEntry]:
    for document in documents:
        slug, name, title, epoch = (_typed(document[key], str) for key in ("slug", "name", "title", "epoch"))
        yield ServerEntry(slug, name, title, Epoch(epoch), _time(document.get("started", 0.0)))


def _typed(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
    return value


def _time(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < END_OF_TIME:
        raise TypeError(f"expected seconds since 1970, got {value!r}")
    return float(value)


def remove_record(path: Path) -> None:
    """Withdraw the record at `path`; harmless when there is none, or what lies there is not ours."""
    remove_own(path, socket_file=False)


def clear_stale(record: Record) -> None:
    """Remove the socket of the process that wrote `record` and was killed; harmless when it is gone.

    Only a socket of ours goes, and only from a directory of ours: a record is a file, and may say anything.
    """
    kind, _, name = record.address.partition(":")
    stale = Path(name)
    if kind != "unix" or not stale.is_absolute() or "\0" in name:
        return
    if remove_own(stale, socket_file=True) and stale.parent.name.startswith(PREFIX):
        with contextlib.suppress(OSError):
            stale.parent.rmdir()
