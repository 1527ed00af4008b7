"""What waits for the pages of one host together: each may be behind, but not all of them as far as one may."""

from __future__ import annotations

from typing import Protocol

__all__ = ["LaggingPage", "TotalBacklog"]

_MOST = 256 << 20
"""Bytes that may wait for all pages of a host."""


class LaggingPage(Protocol):
    """A page, as the host's backlog sees it."""

    def unsent(self) -> int:
        """Bytes that wait for it."""

    def give_up(self, why: str) -> None:
        """Cut it off."""


class TotalBacklog:
    """On the loop of a host. Who is furthest behind is cut off where too much waits in all."""

    def __init__(self, most: int = _MOST) -> None:
        """`most`: bytes; an eighth more may wait for a moment."""
        self._most = most
        self._readers: set[LaggingPage] = set()
        self._grown = 0
        """Bytes that began to wait since all was counted."""

    def add(self, reader: LaggingPage) -> None:
        """A page has come."""
        self._readers.add(reader)

    def discard(self, reader: LaggingPage) -> None:
        """It has gone; again is harmless."""
        self._readers.discard(reader)

    def grows(self, size: int) -> None:
        """`size` bytes more wait for one of them. Counting them all takes long, so it is done once in a while."""
        self._grown += size
        if self._grown <= self._most // 8:
            return
        self._grown = 0
        waiting = {reader: reader.unsent() for reader in self._readers}
        total = sum(waiting.values())
        for reader, unsent in sorted(waiting.items(), key=lambda one: -one[1]):
            if total <= self._most:
                return
            total -= unsent
            reader.give_up("is furthest behind, and too much waits for all pages together")
