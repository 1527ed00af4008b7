"""Whether a file or the other end of a socket is our user's: on a shared machine, others write and listen too.

The decisions take a `stat` result and a user's number, so that they can be asked about any user and system. Root is no
exception, in neither direction: what root serves to a browser must not come from a user's file, and a kernel of another
user has no link. Windows has no numbers of users: there the access list of the user's profile protects, which is where
Jupyter's runtime directory lies, and only the kind of a file is looked at.
"""

import errno
import os
import socket
import stat
import struct
import sys
from pathlib import Path
from typing import Protocol

from jupyter_trame.errors import LinkError
from jupyter_trame.system.private_files import patiently

__all__ = [
    "NotOursError",
    "Status",
    "directory_objection",
    "file_objection",
    "is_own_peer",
    "peer_user",
    "read_own_file",
    "remove_own",
    "user_id",
]

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OPEN = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)  # a link leads to a file that somebody else chose
    | getattr(os, "O_NONBLOCK", 0)  # the open of a FIFO waits for a writer
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)

_LINUX_CREDENTIALS = struct.Struct("3i")
"""`struct ucred`: process, user, group."""
_SOL_LOCAL, _LOCAL_PEERCRED = 0, 1
_BSD_CREDENTIALS = struct.Struct("=2I")
"""The head of `struct xucred` of macOS and FreeBSD: version (0), user."""
_BSD_SIZE = 128


class NotOursError(LinkError):
    """Somebody else is where our user's kernel should be; the log should say so, once."""


class Status(Protocol):
    """What the decisions read of `os.stat_result`."""

    @property
    def st_mode(self) -> int: ...

    @property
    def st_uid(self) -> int: ...

    @property
    def st_nlink(self) -> int: ...


def user_id() -> int | None:
    """The user whose rights this process has; None where users have no numbers."""
    return os.geteuid() if hasattr(os, "geteuid") else None


def file_objection(status: Status, user: int | None) -> str | None:
    """Why what a file of this `status` says is not believed by `user`; None when it is."""
    if not stat.S_ISREG(status.st_mode):
        return "it is no regular file"
    objection = _user_objection(status, user)
    if objection is None and user is not None and status.st_nlink > 1:
        # Of any file of ours somebody may make a hard link, where the system allows it.
        return "it has a second name"
    return objection


def directory_objection(status: Status, user: int | None) -> str | None:
    """Why `user` removes nothing in a directory of this `status`; None when nobody else may put things there."""
    if not stat.S_ISDIR(status.st_mode):
        return "it is no directory"
    return _user_objection(status, user)


def _user_objection(status: Status, user: int | None) -> str | None:
    if user is None:
        return None
    if status.st_uid != user:
        return f"it belongs to user {status.st_uid}, not to {user}"
    if status.st_mode & _OTHERS_WRITE:
        return f"others may write it (mode {stat.S_IMODE(status.st_mode):o})"
    return None


def read_own_file(path: Path, limit: int) -> bytes:
    """What the file at `path` holds, `limit` bytes at most. Never waits, follows no link at the end of `path`.

    Raises `FileNotFoundError` when there is none, and `PermissionError` with the reason for one that is not to be
    believed: whoever may write into its directory may have put it there.
    """
    try:
        descriptor = patiently(lambda: os.open(path, _OPEN))
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = "it is a link" if error.errno in {errno.ELOOP, errno.EMLINK} else error.strerror
        raise PermissionError(f"{path} is not read: {reason}") from error
    try:
        objection = file_objection(os.fstat(descriptor), user_id())
        if objection is not None:
            raise PermissionError(f"{path} is not read: {objection}")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(limit + 1)
    finally:
        os.close(descriptor)
    if len(content) > limit:
        raise PermissionError(f"{path} is not read: it holds more than {limit} bytes")
    return content


def remove_own(path: Path, *, socket_file: bool) -> bool:
    """Remove the regular file, or the socket, at `path` if it is ours; whether it was removed.

    A link is neither followed nor removed. A socket goes only from a directory into which nobody else may write, since
    that is where `places.listen` puts ours. Raises neither `OSError` nor `ValueError`.
    """
    is_kind = stat.S_ISSOCK if socket_file else stat.S_ISREG
    user = user_id()
    try:
        if user is None:
            if is_kind(path.lstat().st_mode):
                patiently(path.unlink)
                return True
            return False
        # The directory is held open, so that nobody exchanges it between the look and the removal.
        flags = os.O_RDONLY | os.O_DIRECTORY | (os.O_NOFOLLOW if socket_file else 0) | os.O_CLOEXEC
        directory = os.open(path.parent, flags)
        try:
            if socket_file and directory_objection(os.fstat(directory), user) is not None:
                return False
            status = os.stat(path.name, dir_fd=directory, follow_symlinks=False)
            if not is_kind(status.st_mode) or status.st_uid != user:
                return False
            os.unlink(path.name, dir_fd=directory)
        finally:
            os.close(directory)
    except (OSError, ValueError):  # a name that no file has, such as a lone surrogate, is a `ValueError`
        return False
    return True


def peer_user(sock: socket.socket, platform: str = sys.platform) -> int | None:
    """The user at the other end of a connected Unix socket; None where the system does not tell."""
    if platform.startswith("linux"):
        size = _LINUX_CREDENTIALS.size
        # 17 is its number on nearly all of Linux, for the builds of Python that do not name it.
        option = getattr(socket, "SO_PEERCRED", 17)
        return int(_LINUX_CREDENTIALS.unpack(sock.getsockopt(socket.SOL_SOCKET, option, size))[1])
    if platform == "darwin" or platform.startswith("freebsd"):
        answer = sock.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _BSD_SIZE)
        version, user = _BSD_CREDENTIALS.unpack_from(answer)
        if version != 0:
            raise LinkError(f"the system names its users in form {version}, which is not known here")
        return int(user)
    return None


def is_own_peer(sock: socket.socket) -> bool:
    """Whether the other end of a Unix socket is our user's.

    True for sockets that cannot tell, such as TCP's: there only the proofs of `joining` count, and everywhere they are
    asked for as well. Raises `OSError` for a connection that is gone.
    """
    if sock.family != getattr(socket, "AF_UNIX", None):
        return True
    peer = peer_user(sock)
    return peer is None or peer == user_id()
