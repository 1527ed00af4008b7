"""Memory that many owners hold together, within one bound."""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["MemoryBudget"]

Owner = TypeVar("Owner")


class MemoryBudget(Generic[Owner]):
    """Who holds how many bytes, in the order in which they were last heard of."""

    __slots__ = ("_held", "limit", "total")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.total = 0
        """Bytes of all owners; at most `limit` once those that `hold` names are forgotten."""
        self._held: dict[Owner, int] = {}

    def __contains__(self, owner: object) -> bool:
        return owner in self._held

    @property
    def owners(self) -> list[Owner]:
        """Who holds anything, those first that have been silent longest."""
        return list(self._held)

    def hold(self, owner: Owner, size: int) -> list[Owner]:
        """`owner` was heard, and holds `size` bytes now. The result: who has to be given up, and is forgotten."""
        self.forget(owner)
        if size > 0:
            self._held[owner] = size
            self.total += size
        given_up = []
        while self.total > self.limit:
            oldest = next(iter(self._held))
            self.forget(oldest)
            given_up.append(oldest)
        return given_up

    def forget(self, owner: Owner) -> None:
        """`owner` holds nothing any more."""
        self.total -= self._held.pop(owner, 0)
