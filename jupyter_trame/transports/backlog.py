"""How much waits for one slow reader, and whether its sender is to wait as well: the same count for all that send."""

__all__ = ["HIGH_WATER", "Backlog"]

HIGH_WATER = 1 << 20
"""Bytes that may wait in the process for one reader, unless somebody says otherwise."""


class Backlog:
    """Bytes that wait, counted by whoever has them. It is full from `limit` on.

    A sender that was told so goes on when `low` or less are left, so that it is not woken for each frame: a quarter of
    `limit`, unless another number is given.
    """

    __slots__ = ("_full", "_low", "limit", "size")

    def __init__(self, limit: int = HIGH_WATER, *, low: int | None = None) -> None:
        self.limit = limit
        self.size = 0
        """Bytes that wait; the owner changes it."""
        self._low = limit // 4 if low is None else low
        self._full = False
        """Whether a sender was told that there is no room, and not yet that there is again."""

    def room(self) -> int:
        """Bytes that a sender may add; with 0 or less it has been told to wait for `relieved`."""
        room = self.limit - self.size
        if room <= 0:
            self._full = True
        return room

    def is_full(self) -> bool:
        """Whether a sender is to wait for `relieved`. One that was told so once is told so until then."""
        return self._full or self.room() <= 0

    def relieved(self) -> bool:
        """After bytes have left: whether senders wait and may go on. It says so once."""
        if self._full and self.size <= self._low:
            self._full = False
            return True
        return False
