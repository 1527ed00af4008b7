"""Whose callback runs, and who has caused it."""

from __future__ import annotations

from jupyter_trame.execution.user_code import calling
from jupyter_trame.runtime import registry
from jupyter_trame.server import Server, runtime_of

__all__ = ["calling_client", "calling_server"]


def calling_server() -> Server | None:
    """The server whose callback runs here; None in cells, in threads and where none does."""
    guard = calling.get()
    for server in list(registry.current().servers.values()):
        if isinstance(server, Server) and runtime_of(server).user_code is guard:
            return server
    return None


def calling_client(server: Server) -> str | None:
    """The client of `server` whose call or write has caused the callback that runs here; None where none has."""
    protocol = server.protocol
    return None if protocol is None else protocol.current.get()
