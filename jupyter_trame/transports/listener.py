"""Sockets for links: who listens, and who connects. Unix domain where there is one, else loopback TCP."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from pathlib import Path

from jupyter_trame.errors import LinkError
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.system.ownership import NotOursError, is_own_peer, remove_own
from jupyter_trame.transports.readiness import selector_of

__all__ = ["LinkListener", "connect"]

_logger = logging.getLogger(__name__)


class LinkListener:
    """Listens at one of the places of `places.listen`; connections of other users are refused."""

    def __init__(self, address: str, *, accept_again: float = 1.0) -> None:
        """Any thread. Raises `OSError`.

        `accept_again`: seconds until the next try when no connection can be accepted.
        """
        self._accept_again = accept_again
        self._loop: asyncio.AbstractEventLoop | None = None
        self._warned = False
        self._complaints = Complaints(_logger)
        kind, target = _parse(address)
        self._path: Path | None = None
        if kind == "unix":
            self._path = Path(target)
            self._sock = socket.socket(socket.AF_UNIX)
            self._bind_unix(self._path)
        else:
            self._sock = socket.create_server(_host_port(target))
            address = f"tcp:127.0.0.1:{self._sock.getsockname()[1]}"
        self.address = address
        """Where it listens; the port is the real one."""
        self._sock.listen()
        self._sock.setblocking(False)

    def _bind_unix(self, path: Path) -> None:
        remove_own(path, socket_file=True)
        try:
            self._sock.bind(str(path))
            path.chmod(0o600)
        except OSError:
            self._sock.close()
            remove_own(path, socket_file=True)
            raise

    def start(self, loop: asyncio.AbstractEventLoop, on_socket: Callable[[socket.socket], object]) -> None:
        """Accept on `loop`, on whose thread this is called. `on_socket` owns the socket that it gets."""
        self._loop = loop
        selector_of(loop).add_reader(self._sock.fileno(), self._accept, on_socket)

    def _accept(self, on_socket: Callable[[socket.socket], object]) -> None:
        try:
            sock, _ = self._sock.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as error:
            # No descriptor is left: the socket stays readable, and asking at once would keep the loop busy.
            self._complaints.warn("a link waits, since it cannot be accepted: %s", error)
            self._pause(on_socket)
            return
        if self._is_refused(sock):
            sock.close()
            return
        on_socket(sock)

    def _pause(self, on_socket: Callable[[socket.socket], object]) -> None:
        loop = self._loop
        assert loop is not None
        selector = selector_of(loop)

        def go_on() -> None:
            if self._loop is not None:
                selector.add_reader(self._sock.fileno(), self._accept, on_socket)

        selector.remove_reader(self._sock.fileno())
        loop.call_later(self._accept_again, go_on)

    def _is_refused(self, sock: socket.socket) -> bool:
        """Another user may connect as often as they like: the log hears of it once."""
        try:
            if is_own_peer(sock):
                return False
        except (OSError, LinkError):  # it hung up meanwhile, or the system does not say whose it is
            return True
        if not self._warned:
            self._warned = True
            _logger.warning("a connection of another user was refused; further ones are not reported")
        return True

    def close(self) -> None:
        """Stop listening, remove the socket's file. On the loop's thread; more than once is harmless."""
        if self._loop is not None and not self._loop.is_closed():
            selector_of(self._loop).remove_reader(self._sock.fileno())
        self._loop = None
        self._sock.close()
        path, self._path = self._path, None
        if path is not None:
            with contextlib.suppress(OSError):
                path.unlink()
                if path.parent.name.startswith("jupyter-trame-"):
                    path.parent.rmdir()


async def connect(address: str) -> socket.socket:
    """A connected socket for `StreamLink`. Raises `LinkError` when nobody listens, or another user does."""
    loop = asyncio.get_running_loop()
    kind, target = _parse(address)
    try:
        family = socket.AF_UNIX if kind == "unix" else socket.AF_INET
    except AttributeError:
        raise LinkError("this system has no Unix sockets") from None
    sock = socket.socket(family)
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, target if kind == "unix" else _host_port(target))
        if not is_own_peer(sock):
            raise NotOursError(f"another user listens at {address}")
    except OSError as error:
        sock.close()
        raise LinkError(f"nobody listens at {address}: {error}") from error
    except BaseException:
        sock.close()
        raise
    return sock


def _parse(address: str) -> tuple[str, str]:
    kind, _, target = address.partition(":")
    if kind not in {"unix", "tcp"} or not target:
        raise LinkError(f"{address!r} is no address of a link")
    return kind, target


def _host_port(target: str) -> tuple[str, int]:
    host, _, port = target.rpartition(":")
    if host != "127.0.0.1" or not port.isascii() or not port.isdigit():
        raise LinkError(f"{target!r} is no loopback address")
    return host, int(port)
