"""What waits for all pages of one host together, or of all of them: each may have much of it, but not all as much."""

from __future__ import annotations

from typing import Protocol

__all__ = ["LaggingPage", "TotalBacklog"]

_MOST = 256 << 20
"""Bytes that may wait on all pages of a host."""


class LaggingPage(Protocol):
    """A page on which something may wait."""

    def waiting(self) -> int:
        """How many bytes do."""

    def give_up(self, why: str) -> None:
        """Cut it off."""


class TotalBacklog:
    """On the loop of a host. The page on which most waits is cut off where too much waits in all."""

    def __init__(self, why: str, most: int = _MOST) -> None:
        """`why` a page is cut off, for the log: what it does. `most`: bytes; an eighth more may wait for a moment."""
        self._why = why
        self._most = most
        self._pages: set[LaggingPage] = set()
        self._grown = 0
        """Bytes that began to wait since all was counted."""

    def add(self, page: LaggingPage) -> None:
        """A page has come."""
        self._pages.add(page)

    def discard(self, page: LaggingPage) -> None:
        """It has gone; again is harmless."""
        self._pages.discard(page)

    def grows(self, size: int) -> None:
        """`size` bytes more wait on one of them. Counting them all takes long, so it is done once in a while."""
        self._grown += size
        if self._grown <= self._most // 8:
            return
        self._grown = 0
        waiting = {page: page.waiting() for page in self._pages}
        total = sum(waiting.values())
        for page, most in sorted(waiting.items(), key=lambda one: -one[1]):
            if total <= self._most:
                return
            total -= most
            page.give_up(self._why)
