"""What a server listens on: addresses of a host, a socket that is there already, a Unix socket."""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path

import trio

from jupyter_trame.trio.kernel_or_program import in_kernel

__all__ = ["UnixListener", "listen_on_host", "listen_on_socket"]

_TRIES = 10


async def listen_on_host(host: str | None, port: int | None) -> list[trio.SocketListener]:
    """A listener for each address of `host`; all have the same port, a free one for 0 or None.

    None stands for all interfaces, in a kernel for 127.0.0.1 alone: a cell is seldom meant for the whole network.
    Raises OSError where it cannot listen. Cancelled, nothing listens.
    """
    if host is None and in_kernel():
        host = "127.0.0.1"
    for _ in range(_TRIES):
        listeners = await trio.open_tcp_listeners(port or 0, host=host or None)
        ports = {listener.socket.getsockname()[1] for listener in listeners}
        if len(ports) == 1:
            return listeners
        # The system gives each address a free port of its own. One of them may be free on all.
        for listener in listeners:
            listener.socket.close()  # which waits for nothing, so a cancellation leaves none open
        try:
            return await trio.open_tcp_listeners(ports.pop(), host=host or None)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, f"no port was free on all addresses of {host or 'this machine'}")


def listen_on_socket(sock: socket.socket) -> list[trio.SocketListener]:
    """A listener for `sock`, which is bound; it belongs to the listener from now on.

    Raises ValueError where it is closed.
    """
    if sock.fileno() == -1:
        raise ValueError("the socket to listen on is closed: another server may have had it")
    sock.listen()
    return [trio.SocketListener(trio.socket.from_stdlib_socket(sock))]


class UnixListener:
    """A Unix socket at `path`, for its owner alone."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._own: tuple[int, int, int] | None = None

    def listen(self) -> list[trio.SocketListener]:
        """Raises OSError where `path` is something else, or a socket on which somebody listens."""
        self._remove_stale()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.bind(str(self._path))
            # Nobody can connect before it listens.
            self._path.chmod(0o600)
            self._own = _identity(self._path.lstat())
            sock.listen()
            return [trio.SocketListener(trio.socket.from_stdlib_socket(sock))]
        except BaseException:
            sock.close()
            self.remove()
            raise

    def remove(self) -> None:
        """Remove the file, unless it is another server's by now. More than once is harmless."""
        own, self._own = self._own, None
        try:
            found = self._path.lstat()
        except OSError:
            return
        if own == _identity(found):
            self._path.unlink()

    def _remove_stale(self) -> None:
        """Remove a socket that a process of this user left behind."""
        try:
            found = self._path.lstat()
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.geteuid():
            return  # `bind` says that the place is taken
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.setblocking(False)  # where many wait for somebody who listens, it would wait with them
            try:
                probe.connect(str(self._path))
            except ConnectionRefusedError:
                self._path.unlink()
            except BlockingIOError:
                pass  # somebody listens, and `bind` says so


def _identity(found: os.stat_result) -> tuple[int, int, int]:
    """The time as well: the next file gets the number of one that was removed."""
    return found.st_dev, found.st_ino, found.st_mtime_ns
