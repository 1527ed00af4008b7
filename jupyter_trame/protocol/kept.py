"""The newest messages of a server, for clients whose replica died before they read them."""

from collections import deque

from jupyter_trame.protocol.link import Message
from jupyter_trame.types import ClientId

__all__ = ["TICKS", "Kept"]

TICKS = 4
"""A message is dropped with the next `Kept.tick` but so many."""
_ENTRY = 256
"""Bytes of memory that a message takes beside its envelope, about."""


class Kept:
    """Messages by number, the oldest first, bounded in bytes and in time. Not thread-safe."""

    __slots__ = ("_floor", "_floor_of", "_limit", "_messages", "_now", "_other_floor", "_size")

    def __init__(self, limit: int) -> None:
        """`limit` in bytes."""
        self._limit = limit
        self._now = 0
        self._messages: deque[tuple[Message, int]] = deque()
        self._size = 0
        self._floor = 0
        """Number of the newest message that was dropped."""
        self._floor_of: ClientId | None = None
        """The one client for which it was not."""
        self._other_floor = 0
        """Number of the newest dropped message that was for that client too."""

    def add(self, message: Message) -> None:
        """Keep `message`, which has a number, for as long as it may be."""
        self._messages.append((message, self._now))
        self._size += _ENTRY + len(message.envelope)
        self._drop()

    def tick(self) -> None:
        """Time goes by."""
        self._now += 1
        self._drop()

    def _drop(self) -> None:
        while self._messages and (self._size > self._limit or self._messages[0][1] < self._now - TICKS):
            message, _ = self._messages.popleft()
            self._size -= _ENTRY + len(message.envelope)
            if message.skip != self._floor_of:
                self._other_floor, self._floor_of = self._floor, message.skip
            self._floor = message.number

    def floor(self, client: ClientId) -> int:
        """Number of the newest message for `client` that was dropped."""
        return self._other_floor if client == self._floor_of else self._floor

    def after(self, number: int, client: ClientId) -> list[Message]:
        """The messages for `client` that are newer than `number`."""
        return [m for m, _ in self._messages if m.number > number and m.skip != client]
