"""How far pages are behind with what services send them, so that a service is held up by its fastest reader."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from jupyter_trame.services.words import WINDOW

__all__ = ["Backlogs", "Going", "Reader"]

_HIGH_WATER = 1 << 20
"""Bytes that wait for the socket of a page that does not keep up."""
_NEWS = WINDOW // 16
"""Bytes that have gone before the kernel is told."""


class Reader(Protocol):
    """The socket of a page."""

    def unsent(self) -> int:
        """Bytes that it has not taken."""

    def when_sent(self) -> asyncio.Future[None]:
        """Done when it has taken all of them, or has ended."""


class Backlogs:
    """The sockets of all pages, by session. On the thread of their loop."""

    def __init__(self) -> None:
        self._readers: dict[str, Reader] = {}

    def add(self, session_id: str, reader: Reader) -> None:
        """A page is there."""
        self._readers[session_id] = reader

    def discard(self, session_id: str) -> None:
        """It has gone."""
        self._readers.pop(session_id, None)

    def of(self, session_ids: Iterable[str]) -> list[Reader]:
        """Those of `session_ids` that are there; none of them where one keeps up."""
        readers = [self._readers[one] for one in session_ids if one in self._readers]
        return [] if any(reader.unsent() <= _HIGH_WATER for reader in readers) else readers


class Going:
    """What an instance has sent to pages, until one of those that a message is for keeps up."""

    def __init__(self, backlogs: Backlogs, tell: Callable[[int], object]) -> None:
        """`tell(bytes)`: so many have gone."""
        self._backlogs = backlogs
        self._tell = tell
        self._waiting: deque[tuple[int, set[str]]] = deque()
        self._gone = 0
        self._task: asyncio.Task[None] | None = None

    def sent(self, size: int, session_ids: set[str]) -> None:
        """A message of `size` was handed to the sockets of these sessions."""
        if self._task is None and not self._backlogs.of(session_ids):
            self._went(size)
            return
        self._waiting.append((size, session_ids))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._wait())

    def close(self) -> None:
        """Nobody waits any more."""
        if self._task is not None:
            self._task.cancel()

    async def _wait(self) -> None:
        while self._waiting:
            size, session_ids = self._waiting[0]
            behind = self._backlogs.of(session_ids)
            if behind:
                waits = [reader.when_sent() for reader in behind]
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                continue
            self._waiting.popleft()
            self._went(size)
        self._task = None

    def _went(self, size: int) -> None:
        self._gone += size
        if self._gone >= _NEWS:
            gone, self._gone = self._gone, 0
            self._tell(gone)
