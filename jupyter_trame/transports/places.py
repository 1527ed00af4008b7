"""Where a kernel listens: the first place at which a Unix socket can be made, else a loopback port.

Places fail for reasons that are nobody's fault: a path that a socket's address has no room for, a disk that is full or
only to be read, a file where a folder should be. The next one is as good, so only the last one says what was wrong
with those before it.
"""

import contextlib
import errno
import logging
import os
import secrets
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from jupyter_trame.log_text import foreign
from jupyter_trame.system.ownership import directory_objection, user_id
from jupyter_trame.transports.listener import LinkListener
from jupyter_trame.transports.rendezvous import PREFIX, clear_stale, kernel_of, read_record

__all__ = ["listen"]

_logger = logging.getLogger(__name__)

_PATH_LIMIT = 103
"""Bytes of a path in macOS's ``sockaddr_un``, without its closing zero; Linux takes four more."""
_LOOPBACK = "127.0.0.1"
_TEXT = 1000
"""Characters of a place and what was wrong with it."""


def listen(
    record_path: Path, on_loopback: Callable[[str], object] = _logger.warning, *, short: str = "/tmp"
) -> LinkListener:
    """Listen for the kernel whose record is `record_path`; clears what a dead process of it left.

    A Unix socket beside the record, where nobody else may enter; else in a new private folder in ``TMPDIR``, then in
    `short`, whose path leaves room for names; else a port of the loopback interface. `on_loopback(sentence)` is told of
    that, and of what was wrong with each place before, unless the system has no Unix sockets. Raises `OSError`, which
    names all places as well.
    """
    record = read_record(record_path)
    if record is not None and record.pid != os.getpid():
        clear_stale(record)
    refused: list[str] = []
    for place, attempt in _attempts(record_path, short):
        try:
            listener = attempt()
        except OSError as error:
            refused.append(foreign(f"{place()}: {error.strerror or error}", _TEXT))
            continue
        if refused and listener.address.startswith("tcp:"):
            on_loopback(
                f"no Unix socket can be made, so the apps of this kernel are reached at {listener.address}, where "
                f"both ends prove a secret: {'; '.join(refused)}"
            )
        return listener
    raise OSError(errno.EADDRNOTAVAIL, "; ".join(refused))


def _attempts(
    record_path: Path, short: str
) -> Iterator[tuple[Callable[[], object], Callable[[], LinkListener]]]:
    """The places in their order, and what listens there; what a place is called is known once it was tried."""
    if hasattr(socket, "AF_UNIX"):
        yield lambda: record_path.parent, lambda: _listen_beside(record_path)
        yield lambda: tempfile.tempdir or "TMPDIR", lambda: _listen_in(tempfile.gettempdir())
        if tempfile.tempdir != short:
            yield lambda: short, lambda: _listen_in(short)
    yield lambda: _LOOPBACK, lambda: LinkListener(f"tcp:{_LOOPBACK}:0")


def _listen_beside(record_path: Path) -> LinkListener:
    name = f"jt-{kernel_of(record_path)[:8]}-{os.getpid()}-{secrets.token_hex(2)}"
    _check_private(record_path.parent)
    return _listen_at(record_path.with_name(name))


def _listen_in(folder: str) -> LinkListener:
    # mkdtemp makes it 0700. A socket's own mode is not looked at everywhere: the folder protects.
    made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
    try:
        return _listen_at(made / "link")
    except OSError:
        with contextlib.suppress(OSError):
            made.rmdir()
        raise


def _listen_at(path: Path) -> LinkListener:
    _check_length(path)
    return LinkListener(f"unix:{path}")


def _check_length(path: Path) -> None:
    size = len(os.fsencode(path))
    if size > _PATH_LIMIT:
        raise OSError(errno.ENAMETOOLONG, f"a socket's path has at most {_PATH_LIMIT} bytes, not {size}")


def _check_private(folder: Path) -> None:
    status = folder.stat()
    objection = directory_objection(status, user_id())
    if objection is None and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        objection = f"others may enter it (mode {stat.S_IMODE(status.st_mode):o})"
    if objection is not None:
        raise PermissionError(errno.EACCES, objection)
