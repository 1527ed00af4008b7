"""What belongs to the process and not to a server: the names of its servers, and what carries them.

This is the only mutable state of a module in the package: `get_server` and a cell that runs again need to find the
server that an earlier line made.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jupyter_trame.program import choice

if TYPE_CHECKING:
    from jupyter_trame.runtime.backend import Backend
    from jupyter_trame.server.server import ClientType, Server

__all__ = ["Process", "make_default_backend", "process", "slug_of"]


def slug_of(name: str) -> str:
    """`name` as it stands in an address: lower-case ASCII letters, digits and single dashes, never empty."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-") or "app"


def make_default_backend(server: Server) -> Backend:
    """What carries ``python app.py``: it listens on a port of its own."""
    return process.make_named_backend(server, choice.default_name(compat=server.compat is not None))


class Process:
    """The composition root of a process. Any thread."""

    def __init__(self) -> None:
        self.servers: dict[str, Server] = {}
        """The current server of each name."""
        self.clients: dict[str | None, Any] = {}
        """The `Client` of each address."""
        self.making = threading.Lock()
        """Held by who looks for a server and makes it where there is none."""
        self.make_backend: Callable[[Server], Backend] = make_default_backend
        """How a server that starts is carried; a kernel puts its own here."""
        self.make_named_backend: Callable[..., Backend] = choice.make_backend
        """How one is that has a port of its own; a prompt, which has to come back, puts its own here."""
        self.client_type: ClientType = "vue3"
        """What a server is that was given no client type."""
        self._slugs: dict[str, str] = {}
        self._lock = threading.Lock()

    def choose_backend(self, server: Server, name: str | None) -> Backend:
        """What carries `server`: the backend `name`, or the one that fits this process.

        Raises `ServerError` that lists the names where there is no such backend.
        """
        if name is None or (name == "jupyter" and self.in_kernel):
            return self.make_backend(server)
        return self.make_named_backend(server, name, hosted=self.in_kernel)

    @property
    def in_kernel(self) -> bool:
        """Whether a kernel carries the servers: those of one name have one address then."""
        return self.make_backend is not make_default_backend

    def register(self, server: Server) -> tuple[str, Server | None]:
        """Make `server` the one of its name; its slug, and the server that it replaces."""
        with self._lock:
            replaced = self.servers.get(server.name)
            self.servers[server.name] = server
            return self._slug(server.name), replaced

    def _slug(self, name: str) -> str:
        """The slug of `name`: the same for each life of a server, another for every other name."""
        if name in self._slugs:
            return self._slugs[name]
        wanted, number = slug_of(name), 1
        slug, taken = wanted, set(self._slugs.values())
        while slug in taken:
            number += 1
            slug = f"{wanted}-{number}"
        self._slugs[name] = slug
        return slug


process = Process()
"""The one of this process."""
