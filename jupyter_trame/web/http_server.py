"""What the kinds of web server have to offer for `StandAlone` to run a server behind them."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any, Protocol

from jupyter_trame.web.site import Site

__all__ = ["HttpServer", "HttpServerFactory", "ListenAddress", "bind"]


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where to listen."""

    host: str
    port: int
    """0 takes any free port."""
    ssl: SSLContext | None = None


class HttpServer(Protocol):
    """Sockets and pages of one life of a server; everything runs on the thread of its loop."""

    web: Any
    """What apps add routes to, from `on_server_bind`; they come before the site's own files."""

    async def listen(self, address: ListenAddress) -> int:
        """Let clients in; the port, 0 where there is none. Raises `OSError` when the address cannot be had."""

    def close(self) -> None:
        """Listen no more. `Site.close` has said goodbye to the clients."""

    async def closed(self) -> None:
        """Return when everything that `close` left behind has ended."""


class HttpServerFactory(Protocol):
    """Makes the front of a life. Raises `ServerError` where it cannot work."""

    def __call__(self, site: Site) -> HttpServer: ...


def bind(address: ListenAddress) -> socket.socket:
    """A listening socket; of ``localhost`` the IPv4 one, which has one port and not two. Raises `OSError`."""
    host = "127.0.0.1" if address.host == "localhost" else address.host
    found = socket.getaddrinfo(host or None, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family = found[0][0]
    try:
        sock = socket.create_server((host, address.port), family=family, backlog=128)
    except OSError as error:  # in the words of asyncio, which programs look for
        place, reason = (host, address.port), os.strerror(error.errno or 0).lower()
        message = f"error while attempting to bind on address {place!r}: {reason}"
        raise OSError(error.errno, message) from error
    sock.setblocking(False)
    return sock
