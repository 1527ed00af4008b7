"""Who looks at a server through one relay."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from jupyter_trame.types import ClientId

__all__ = ["Viewer", "ViewerChange", "Viewers"]

ViewerChange = Literal["joined", "left"]


class _ViewerSocket(Protocol):
    """The connection of a viewer."""

    @property
    def client_id(self) -> ClientId | None:
        """Which client it is of; None before that is let in."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A client that is connected at this moment."""

    id: ClientId
    since: float
    """When its connection began, in seconds since 1970."""
    user: str
    """What jupyter-server calls its user."""


class Viewers:
    """Keeps them. On the thread of the relay's loop.

    `on_changed(change, viewer)` is called when one has been let in, and when its connection has ended.
    """

    def __init__(self, on_changed: Callable[[ViewerChange, Viewer], object] = lambda *_: None) -> None:
        self._on_changed = on_changed
        self._connected: dict[_ViewerSocket, tuple[float, str]] = {}
        self._let_in: dict[_ViewerSocket, Viewer] = {}

    def __len__(self) -> int:
        """How many have been let in."""
        return len(self._let_in)

    @property
    def connected(self) -> int:
        """How many are connected, those included that are not let in yet."""
        return len(self._connected)

    @property
    def all(self) -> list[Viewer]:
        """Those that have been let in, the first one first."""
        return list(self._let_in.values())

    def opened(self, socket: _ViewerSocket, user: str) -> None:
        """Somebody has connected."""
        self._connected[socket] = (time.time(), user)

    def look(self) -> None:
        """Somebody may have been let in."""
        for socket, (since, user) in self._connected.items():
            client_id = socket.client_id
            if client_id is not None and socket not in self._let_in:
                viewer = self._let_in[socket] = Viewer(client_id, since, user)
                self._on_changed("joined", viewer)

    def closed(self, socket: _ViewerSocket) -> None:
        """The connection has ended."""
        self._connected.pop(socket, None)
        viewer = self._let_in.pop(socket, None)
        if viewer is not None:
            self._on_changed("left", viewer)
