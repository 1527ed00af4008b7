"""The Igor servers of this process: one of a name, and all of them for a program that says ``igor.run_forever()``."""

from __future__ import annotations

import threading
from typing import Protocol

__all__ = ["Registry", "Runnable", "registry"]


_ANY_PORT = "0"
"""The name of servers that have none and take any port: there may be many."""


class Runnable(Protocol):
    """What a server is here."""

    @property
    def name(self) -> str:
        """One word of its address."""

    def stop(self) -> object:
        """Begin to end."""

    def wait(self, timeout: float | None = None) -> bool:
        """Block until it has ended."""


class Registry:
    """Knows the Igor servers of a process. Any thread."""

    def __init__(self) -> None:
        self.made: list[Runnable] = []
        """Servers that wait for somebody to run them, oldest first."""
        self._running: dict[str, Runnable] = {}
        self._lock = threading.Lock()

    def add(self, entry: Runnable) -> None:
        """A server was made. It takes the place of one of its name that nobody has run: a cell ran again."""
        with self._lock:
            self.made = [other for other in self.made if other.name != entry.name or entry.name == _ANY_PORT]
            self.made.append(entry)

    def take(self, entry: Runnable) -> None:
        """Somebody runs it."""
        with self._lock:
            if entry in self.made:
                self.made.remove(entry)

    def runs(self, entry: Runnable) -> Runnable | None:
        """`entry` is the server of its name from now on; the one before, if it is another."""
        with self._lock:
            before = self._running.get(entry.name)
            self._running[entry.name] = entry
            return None if before is entry else before

    def ended(self, entry: Runnable) -> None:
        """`entry` runs no more."""
        with self._lock:
            if self._running.get(entry.name) is entry:
                del self._running[entry.name]

    def take_all(self) -> list[Runnable]:
        """All that wait."""
        with self._lock:
            waiting, self.made = self.made, []
            return waiting


registry = Registry()
"""Of the process: a cell that runs again finds the server that it made before."""
