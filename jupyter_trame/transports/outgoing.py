"""Bytes on their way to one socket, in order. Nothing large is copied: many clients wait for the same bytes."""

from collections import deque
from collections.abc import Iterable

from jupyter_trame.types import Packed

__all__ = ["Outgoing"]

_PARTS = 512
"""Buffers that one system call takes for sure; POSIX asks for 16, the systems that we run on take 1024."""


class Outgoing:
    """A queue of buffers, of which any number of bytes can be taken."""

    __slots__ = ("_parts", "size")

    def __init__(self) -> None:
        self.size = 0
        """Bytes that wait."""
        self._parts: deque[Packed] = deque()

    def __bool__(self) -> bool:
        return self.size > 0

    def add(self, parts: Iterable[Packed]) -> None:
        """Queue `parts`, none of which changes until it has left."""
        for part in parts:
            if part:
                self._parts.append(part)
                self.size += len(part)

    def peek(self, limit: int) -> list[Packed]:
        """The next buffers, together at most `limit` bytes; for one system call."""
        found: list[Packed] = []
        for part in self._parts:
            if len(part) > limit:
                if limit:
                    found.append(memoryview(part)[:limit])
                break
            found.append(part)
            limit -= len(part)
            if len(found) == _PARTS:
                break
        return found

    def advance(self, size: int) -> None:
        """`size` bytes have left."""
        self.size -= size
        parts = self._parts
        while size:
            part = parts[0]
            if size < len(part):
                parts[0] = memoryview(part)[size:]
                return
            size -= len(part)
            parts.popleft()

    def take(self, limit: int) -> bytes | memoryview:
        """Take out at most `limit` bytes, in one piece."""
        parts = self.peek(limit)
        piece = memoryview(parts[0]) if len(parts) == 1 else b"".join(parts)
        self.advance(len(piece))
        return piece

    def clear(self) -> None:
        """Drop what waits."""
        self._parts.clear()
        self.size = 0
