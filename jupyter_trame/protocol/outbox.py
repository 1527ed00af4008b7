"""What waits for one reader: state keys conflate, messages do not.

A key that is already waiting is not queued again: its value is looked up when it leaves, so the latest one
wins. A message keeps its place behind the keys that were queued before it.
"""

from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

from jupyter_trame.types import StateKey

__all__ = ["Outbox"]

M = TypeVar("M")


class Outbox(Generic[M]):
    """A queue bounded in the bytes of its messages; the keys are bounded by the state itself."""

    __slots__ = ("_items", "_keys", "limit", "messages", "size", "urgent")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        """Bytes of messages that may wait."""
        self.size = 0
        """Bytes of messages that wait."""
        self.messages = 0
        """How many they are."""
        self.urgent = 0
        """How many of them somebody waits for."""
        self._items: deque[dict[StateKey, None] | tuple[M, int, bool]] = deque()
        self._keys: set[StateKey] = set()

    def __bool__(self) -> bool:
        return bool(self._items)

    @property
    def holds_keys(self) -> bool:
        """Whether any key waits."""
        return bool(self._keys)

    @property
    def starts_with_keys(self) -> bool:
        """Whether `pop` would give keys."""
        return bool(self._items) and isinstance(self._items[0], dict)

    def add_keys(self, keys: Iterable[StateKey]) -> None:
        """Queue `keys` that do not wait already."""
        waiting = self._keys
        new = dict.fromkeys([key for key in keys if key not in waiting] if waiting else keys)
        if not new:
            return
        waiting.update(new)
        if self._items and isinstance(self._items[-1], dict):
            self._items[-1].update(new)
        else:
            self._items.append(new)

    def discard_keys(self, keys: Iterable[StateKey]) -> None:
        """Take `keys` out of the queue."""
        gone = self._keys.intersection(keys)
        if not gone:
            return
        self._keys -= gone
        for item in self._items:
            if isinstance(item, dict):
                for key in gone:
                    item.pop(key, None)

    def add_message(self, message: M, size: int, *, urgent: bool = False) -> bool:
        """Queue `message` of `size` bytes; False when the queue is over its limit with it.

        One alone is never too large: whoever waits for nothing else is not slow. `urgent`: somebody waits for it.
        """
        self._items.append((message, size, urgent))
        self.size += size
        self.messages += 1
        self.urgent += urgent
        return self.size <= self.limit or self.messages == 1

    def pop(self) -> dict[StateKey, None] | M | None:
        """The next batch of keys or message; None when nothing waits."""
        if not self._items:
            return None
        item = self._items.popleft()
        if isinstance(item, dict):
            self._keys.difference_update(item)
            return item
        self.size -= item[1]
        self.messages -= 1
        self.urgent -= item[2]
        return item[0]

    def drain(self) -> tuple[dict[StateKey, None], list[tuple[M, int]]]:
        """Take everything out: the keys, and the messages with their sizes."""
        keys: dict[StateKey, None] = {}
        messages: list[tuple[M, int]] = []
        for item in self._items:
            if isinstance(item, dict):
                keys.update(item)
            else:
                messages.append(item[:2])
        self.clear()
        return keys, messages

    def clear(self) -> None:
        """Forget everything that waits."""
        self._items.clear()
        self._keys.clear()
        self.size = self.messages = self.urgent = 0
