"""No network at all: the program around the server connects clients itself, for example those of its own web server."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from jupyter_trame.errors import ServerError
from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.runtime.page_folder import make_folders
from jupyter_trame.transports.backlog import Backlog
from jupyter_trame.transports.base import ClientTransport
from jupyter_trame.web.http_server import ListenAddress
from jupyter_trame.web.site import Site

__all__ = [
    "Endpoint",
    "GenericConnection",
    "GenericHttpServer",
    "GenericServer",
    "IncomingMessage",
    "Receiver",
]

_logger = logging.getLogger(__name__)

Receiver = Callable[[bool, bytes], Awaitable[object]]
"""``await receiver(is_binary, content)`` gets one frame of the server; it is awaited before the next one."""


class IncomingMessage(Protocol):
    """A message of a websocket, of aiohttp's for example."""

    data: Any


class GenericConnection:
    """One client, as the program around the server sees it. Everything on the server's loop."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._transport = _Transport()
        self._port = site.connected(self._transport, {"type": "generic", "connection": self})
        self._transport.on_broken = lambda: site.disconnected(self._port)

    @property
    def client_id(self) -> str:
        """The client's identifier, 32 hexadecimal digits."""
        port = self._transport.port
        assert port is not None
        return port.channel.client.removeprefix("c")

    @property
    def closed(self) -> bool:
        """Whether it has ended, from whichever side."""
        return self._transport.closed

    def on_message(self, callback: Receiver) -> None:
        """Hand frames of the server to `callback`; those that came before wait for it."""
        self._transport.receiver = callback
        self._transport.wake()

    async def send(self, is_binary: bool, msg: IncomingMessage) -> None:
        """Take a frame of the client, ``msg.data``. Text is ignored, and so is what comes after the end."""
        if not is_binary:
            self._port.ignored_text()
        elif not self.closed:
            self._port.receive(msg.data)

    async def close(self) -> None:
        """The connection has ended; a client that says so by itself has left. More than once is harmless."""
        self._transport.end()
        self._site.disconnected(self._port)


class Endpoint:
    """Where clients connect."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def connect(self) -> GenericConnection:
        """A new client. Raises `ServerError` once the server has stopped."""
        if self._site.closed:
            raise ServerError("the server has stopped, so nobody can connect to it")
        return GenericConnection(self._site)


class GenericServer:
    """What `on_server_bind` gets and `server._server` is: endpoints by name, as attributes or items."""

    def __init__(self, site: Site) -> None:
        self._site = site
        name = site.settings.endpoint
        self._endpoints = {} if name is None else {name: Endpoint(site)}

    @property
    def port(self) -> int:
        """0: there is no network."""
        return 0

    def __getitem__(self, name: str) -> Endpoint | None:
        return self._endpoints.get(name)

    def __getattr__(self, name: str) -> Endpoint | None:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._endpoints.get(name)

    def write_static_content(self, directory: str | Path) -> None:
        """Copy the page and the folders of the app to `directory`, for any web server to serve."""
        settings = self._site.settings
        folders = make_folders(self._site.runtime.app, content=settings.content, folders=settings.folders)
        target = Path(directory)
        target.mkdir(parents=True, exist_ok=True)
        for prefix, folder in [("", folders.root), *folders.directories()]:
            if folder is not None:
                shutil.copytree(folder, target / prefix, dirs_exist_ok=True)


class GenericHttpServer:
    """See `HttpServer`."""

    def __init__(self, site: Site) -> None:
        site.open_to_all = True
        self.web = GenericServer(site)

    async def listen(self, address: ListenAddress) -> int:  # noqa: ARG002 - there is nothing to listen at
        """See `HttpServer`; 0."""
        return 0

    def close(self) -> None:
        """`Site.close` has ended the connections."""

    async def closed(self) -> None:
        """Nothing is left."""


class _Transport(ClientTransport):
    kind = "generic"

    def __init__(self) -> None:
        self.closed = False
        self.receiver: Receiver | None = None
        self.on_broken: Callable[[], object] = lambda: None
        self._frames: deque[bytes] = deque()
        self._backlog = Backlog()
        self._sender: asyncio.Task[None] | None = None

    def room(self) -> int:
        return self._backlog.room()

    def send(self, frame: Frame) -> None:
        if not self.closed:
            self._frames.append(bytes(frame))
            self._backlog.size += len(frame)
            self.wake()

    def close(self, code: int, reason: str) -> None:  # noqa: ARG002 - there is no way to say it
        """What was sent before is still delivered."""
        self.closed = True

    def end(self) -> None:
        """Drop what waits."""
        self.closed = True
        self._frames.clear()
        self._backlog.size = 0
        if self._sender is not None and self._sender is not asyncio.current_task():
            self._sender.cancel()

    def wake(self) -> None:
        if self._sender is None and self.receiver is not None and self._frames:
            self._sender = asyncio.ensure_future(self._deliver(self.receiver))

    async def _deliver(self, receiver: Receiver) -> None:
        try:
            while self._frames:
                frame = self._frames.popleft()
                await receiver(True, frame)
                self._backlog.size = max(0, self._backlog.size - len(frame))
                if self._backlog.relieved() and self.port is not None:
                    self.port.writable()
        except Exception:
            _logger.exception("a connection is closed: its receiver failed")
            self.end()
            self.on_broken()
        finally:
            self._sender = None
