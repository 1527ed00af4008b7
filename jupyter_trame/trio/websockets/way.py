"""The way of a client to its server."""

from __future__ import annotations

import re
import socket
import ssl as ssl_module
from dataclasses import dataclass, field
from typing import Any

import trio
import websockets.exceptions as library
import websockets.trio.client as library_client
import websockets.uri as library_uri

from jupyter_trame.trio.websockets.exceptions import InvalidURI
from jupyter_trame.trio.websockets.uri import WebSocketURI, parse_uri

__all__ = ["Way"]


@dataclass
class Way:
    """Where the server of `uri` is, and how to get there."""

    uri: str
    context: ssl_module.SSLContext | None
    server_hostname: str | None
    host: str | None
    """To connect to in place of the host of `uri`."""
    port: int | None
    path: str | None
    """Of a Unix socket, in place of host and port."""
    sock: socket.socket | None
    """Connected already: it serves one connection."""
    parsed: WebSocketURI = field(init=False)
    _used: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Raises `InvalidURI`."""
        self.parsed = parse_uri(self.uri)
        try:
            library_uri.parse_uri(self.uri)
        except library.InvalidURI as error:
            raise InvalidURI(f"the address isn't a valid URI: {error.msg}") from None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the server, as the program names them."""
        host, port = self.host, self.port
        return self.parsed.host if host is None else host, self.parsed.port if port is None else port

    @property
    def shown(self) -> str:
        """Where it leads, as messages name it."""
        return self.path or "{}:{}".format(*self.address)

    def opener(self, headers: list[tuple[str, str]], **options: Any) -> library_client.connect:
        """The library's, for one connection. Raises RuntimeError where its socket has served one."""
        stream = None
        if self.sock is not None:
            if self._used:
                raise RuntimeError("the socket was given to a connection before: connect another one")
            self._used = True
            stream = trio.SocketStream(trio.socket.from_stdlib_socket(self.sock))
        uri = self.uri
        if any(name.lower() == "authorization" for name, _ in headers):
            uri = re.sub(r"//[^/?#]*@", "//", uri, count=1)  # the program's own word counts
        return library_client.connect(
            uri,
            stream=stream,
            ssl=self.context,
            server_hostname=self.server_hostname,
            additional_headers=headers,
            proxy=None,
            **self._target(),
            **options,
        )

    def _target(self) -> dict[str, Any]:
        if self.path is not None:
            return {"unix": True, "path": self.path}
        named = {"host": self.host, "port": self.port}
        return {name: value for name, value in named.items() if value is not None}
