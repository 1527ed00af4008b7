"""What belongs to the process and not to a server: the names of its servers, and what carries them.

`get_server` and a cell that runs again need to find the server that an earlier line made. Nothing else that changes is
shared by the servers of a process, but for the time of a loop that they share (`transports/turns.py`).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable
from typing import Any

from jupyter_trame.runtime.backend import ServerHost
from jupyter_trame.types import ClientType

__all__ = ["Process", "begin_session", "current", "process", "slug_of"]


def slug_of(name: str) -> str:
    """`name` as it stands in an address: lower-case ASCII letters, digits and single dashes, never empty."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-") or "app"


class Process:
    """The composition root of a process, or of a session that has a thread of it to itself. Any thread."""

    def __init__(self) -> None:
        self.servers: dict[str, Any] = {}
        """The current server of each name."""
        self.clients: dict[str | None, Any] = {}
        """The `Client` of each address."""
        self.cells: dict[str, str | None] = {}
        """In which cell of a notebook the current server of each name was made or started last, where that is known."""
        self.making = threading.Lock()
        """Held by who looks for a server and makes it where there is none."""
        self.host: ServerHost | None = None
        """The kernel or the prompt that carries the servers; None where each carries itself."""
        self.looks_for_host = True
        """Whether the next server looks for a `host`: the first does, unless ``%unload_ext`` was before it."""
        self.client_type: ClientType = "vue3"
        """What a server is that was given no client type."""
        self._slugs: dict[str, str] = {}
        self._leaving: dict[str, Callable[[], object]] = {}
        """How the current server of each name makes room for the next."""
        self._lock = threading.Lock()

    @property
    def in_kernel(self) -> bool:
        """Whether a kernel carries the servers: those of one name have one address then."""
        return self.host is not None and self.host.is_kernel

    def slug(self, name: str) -> str:
        """The address of servers called `name`."""
        with self._lock:
            return self._slug(name)

    def register(self, name: str, server: object, leave: Callable[[], object]) -> Callable[[], object] | None:
        """Make `server` the one called `name`, which makes room for the next by `leave`.

        The result is how the one before makes room; None where there is none, or it was `server` itself.
        """
        with self._lock:
            known, before = self.servers.get(name), self._leaving.get(name)
            self.servers[name], self._leaving[name] = server, leave
            return None if known is None or known is server else before

    def forget(self, name: str, server: object) -> None:
        """`server` will not be needed by its name again; harmless where the name is another one's."""
        with self._lock:
            if self.servers.get(name) is server:
                for entries in (self.servers, self.cells, self._leaving, self._slugs):
                    entries.pop(name, None)

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


class _Session(threading.local):
    process: Process | None = None


_session = _Session()


def current() -> Process:
    """The one of the session whose thread this is; on all other threads that of the process."""
    return _session.process or process


def begin_session() -> Process:
    """A session has the calling thread to itself, until that ends: it shares no server with the rest of the process."""
    _session.process = Process()
    return _session.process
