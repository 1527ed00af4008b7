"""What a server that carries itself offers, whatever kind of web server it is seen through."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jupyter_trame._version import __version__
from jupyter_trame.files.headers import HeaderPolicy, file_headers
from jupyter_trame.files.shared import look_up
from jupyter_trame.protocol import Hello, Limits, Replica
from jupyter_trame.protocol.access import is_secret
from jupyter_trame.runtime.page_folder import make_folders
from jupyter_trame.runtime.runtime import Runtime
from jupyter_trame.runtime.settings import DEFAULT_SECRET, Settings
from jupyter_trame.transports.base import ClientPort, ClientTransport
from jupyter_trame.transports.incoming import FRAME_OVERHEAD
from jupyter_trame.transports.inprocess import InProcessLink
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.web.cookie import holds_cookie, make_cookie, shows_secret
from jupyter_trame.web.door import max_strangers
from jupyter_trame.web.hosts import is_known_host
from jupyter_trame.web.origin import is_own_page

__all__ = ["FOREIGN_PAGE", "LAUNCHER", "NO_LAUNCHER", "Found", "Site"]

LAUNCHER = "paraview"
NO_LAUNCHER = "405: there is no launcher here"
"""Stock clients ask for a launcher first, and take anything but JSON as "there is none"."""

FOREIGN_PAGE = "403: a page of another origin may not connect"

_PAGE = "index.html"
"""Where the root leads to."""


_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to send."""

    path: Path
    headers: Mapping[str, str]
    """All that the file itself decides, its type among them."""


class Site:
    """One life of a server as its clients see it: a replica, its connections, and files. The loop's thread only."""

    def __init__(
        self,
        runtime: Runtime,
        settings: Settings,
        loop: asyncio.AbstractEventLoop,
        on_count: Callable[[int], object] = lambda _: None,
    ) -> None:
        """`on_count` is told the number of clients at each change."""
        options = runtime.app.options
        self.runtime = runtime
        self.settings = settings
        self.frame_limit = int(options["ws_max_msg_size"]) + FRAME_OVERHEAD
        """Bytes; a larger frame ends its connection with 1009."""
        self.heart_beat = float(options["ws_heart_beat"])
        """Seconds between pings; below 1 there are none."""
        self.open_to_all = False
        """Whether a client needs no secret: who connects decided already."""
        defaults = Limits()
        limits = self.limits = Limits(
            frame=min(defaults.frame, int(options["ws_max_msg_size"])),
            hello=settings.hello_size,
            strangers=max_strangers(defaults),
        )
        """Of its clients, and of connections that are not clients yet."""
        self.pump = ReplicaPump(Replica(limits=limits, validate=self._validate, package=__version__), loop)
        self.pump.on_idle = runtime.network.changed
        self.pump.on_clients = on_count
        self._link = InProcessLink(self.pump, loop)
        self._policy = replace(runtime.app.page_policy, framed_by_all=runtime.manners.framed_by_all)
        self.closed = False
        """Whether this life is over."""
        self._connections: set[ClientPort] = set()
        self._decisions: set[asyncio.Task[None]] = set()

    # -- life

    def publish(self) -> None:
        """Let clients in."""
        self._link.attach(self.runtime.primary)

    def close(self) -> None:
        """Say goodbye to every client and leave the server."""
        self.closed = True
        self.pump.close()
        self._link.end()
        for decision in self._decisions:
            decision.cancel()
        for port in list(self._connections):
            self.disconnected(port)

    def pending(self) -> int:
        """See `Backend.pending`."""
        return self._link.waiting + self.pump.pending()

    # -- connections

    @property
    def clients(self) -> int:
        """How many connections have been let in. Who only connects does not keep a server from stopping."""
        return self.pump.clients

    def knows_host(self, host: str) -> bool:
        """Whether a request may name the server `host`; see `is_known_host`."""
        return is_known_host(host, self.settings.host, self.settings.allowed_hosts)

    def may_connect(self, origin: str | None, host: str, forwarded: str | None) -> bool:
        """Whether a page of `origin` may open a websocket; see `is_own_page`."""
        guessable = self.runtime.secret == DEFAULT_SECRET
        return is_own_page(origin, host, forwarded, local_only=guessable, names=self.settings.allowed_hosts)

    def connected(self, transport: ClientTransport, request: object) -> ClientPort:
        """Make `transport` a client; protocols hear of it with `request`, what it came with."""
        port = transport.port = self.pump.connect(transport)
        self._connections.add(port)
        protocol = self.runtime.protocol
        if protocol is not None:
            protocol.client_connected(request, port.channel.client)
        return port

    def disconnected(self, port: ClientPort) -> None:
        """The connection is gone. More than once is harmless."""
        if port not in self._connections:
            return
        self._connections.remove(port)
        port.closed()
        protocol = self.runtime.protocol
        if protocol is not None:
            protocol.client_closed(port.channel.client)

    def _validate(self, hello: Hello) -> bool | None:
        protocol = self.runtime.protocol
        if protocol is None or not protocol.has_validators:
            return self.open_to_all or is_secret(hello.secret, self.runtime.secret)
        decision = asyncio.ensure_future(self._decide(hello))
        self._decisions.add(decision)
        decision.add_done_callback(self._decisions.discard)
        return None

    async def _decide(self, hello: Hello) -> None:
        protocol = self.runtime.protocol
        accepted = protocol is not None and await protocol.validate(hello.secret, hello.client)
        self.pump.admit(hello, accepted)

    # -- files

    @property
    def has_public_files(self) -> bool:
        """Whether anybody may read files: where all know the secret, or the app itself decides who is a client."""
        protocol = self.runtime.protocol
        decides = protocol is not None and protocol.has_validators
        return decides or self.open_to_all or self.runtime.secret == DEFAULT_SECRET

    def may_read(self, query: str, cookies: str) -> bool:
        """Whether a request may have files: its address holds the secret, or it has the cookie of such an address."""
        runtime = self.runtime
        return (
            self.has_public_files
            or holds_cookie(cookies, runtime.secret, runtime.port)
            or shows_secret(query, runtime.secret)
        )

    def cookies(self, path: str, query: str, forwarded: str) -> list[str]:
        """Each ``Set-Cookie`` of the answer to a page whose address holds the secret; none for all others.

        `forwarded` is the request's X-Forwarded-Proto.
        """
        runtime = self.runtime
        if self.has_public_files or "/" in path or not shows_secret(query, runtime.secret):
            return []
        secure = self.settings.ssl is not None or forwarded.partition(",")[0].strip().lower() == "https"
        cookies = [make_cookie(runtime.secret, runtime.port, secure=secure)]
        if self._policy.framed_by_all or self._policy.frame_ancestors:
            cookies.append(make_cookie(runtime.secret, runtime.port, framed=True))
        return cookies

    def find(self, path: str, host: str | None, forwarded: str | None = None) -> Found | int:
        """The file at `path` (percent-decoded), or the status of a refusal: 403 for a directory, else 404.

        `host` and `forwarded` are the request's Host and X-Forwarded-Host.
        """
        settings = self.settings
        if not settings.http:
            return 404
        folders = make_folders(
            self.runtime.app,
            content=settings.content,
            folders=settings.folders,
            follow_symlinks=settings.follow_symlinks,
        )
        found = look_up(folders, path)
        if found.path is None:
            return found.status
        apps = self.runtime.app.http_headers.headers
        is_page = path == _PAGE
        headers = file_headers(path, self._sender(), apps, host, forwarded, is_page=is_page)
        return Found(found.path, headers)

    def _sender(self) -> HeaderPolicy:
        return HeaderPolicy(
            policy=self._policy,
            secret_in_address=True,
            needs_cookie=not self.has_public_files,
            sandboxes_documents=self.runtime.manners.sandboxes_documents,
        )
