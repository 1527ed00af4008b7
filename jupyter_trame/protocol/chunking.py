"""Messages as chunks: 12 bytes of header, then a slice of the payload.

The header is three little-endian ``uint32``: message id, byte offset of the slice, total bytes of the message
(PROTOCOL.md, section 1).
"""

import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from jupyter_trame.errors import MalformedFrameError, OversizeError
from jupyter_trame.types import Packed

__all__ = ["HEADER", "MESSAGE_LIMIT", "Assembler", "Frame", "Gathered", "gather", "join_small", "split"]

HEADER = struct.Struct("<III")
MESSAGE_LIMIT = (1 << 32) - 1
"""Bytes of a message that its header can say."""

_GATHER = 1 << 16
"""Bytes of a message from which its frames are not joined."""
_SMALL = 1 << 14
"""Bytes of a part up to which it is cheaper to copy it than to name it."""

_AHEAD = 4096
"""Chunks of a message that may come before their turn."""
_OVERHEAD = 128
"""Bytes that a message, and a chunk that came before its turn, take beside their own."""


def split(parts: Sequence[Packed], message_id: int, limit: int) -> list[bytes]:
    """Frames of at most `limit` bytes that carry the joined `parts` under `message_id`.

    A message that fits one frame is copied once. An empty message gives no frame, as in stock servers. Raises
    `OversizeError` for more than the header can say, 4 GiB.
    """
    total = sum(map(len, parts))
    if total > MESSAGE_LIMIT:
        raise OversizeError("a message", total, MESSAGE_LIMIT)
    if total == 0:
        return []
    if total + HEADER.size <= limit:
        return [b"".join((HEADER.pack(message_id, 0, total), *parts))]
    payload = memoryview(b"".join(parts))
    step = max(limit - HEADER.size, 1)
    return [
        b"".join((HEADER.pack(message_id, offset, total), payload[offset : offset + step]))
        for offset in range(0, total, step)
    ]


class Gathered:
    """A frame whose bytes lie in several places; ``bytes(frame)`` joins them, ``len(frame)`` is how many they are."""

    __slots__ = ("_size", "parts")

    def __init__(self, parts: Sequence[Packed]) -> None:
        self.parts = parts
        self._size = sum(map(len, parts))

    def __len__(self) -> int:
        return self._size

    def __bytes__(self) -> bytes:
        return b"".join(self.parts)


Frame: TypeAlias = bytes | Gathered
"""One websocket frame's payload."""


def gather(parts: Sequence[Packed], message_id: int, limit: int) -> list[Frame]:
    """What `split` gives, without a copy of what is large: its frames refer to `parts`, which may not change."""
    total = sum(map(len, parts))
    if total < _GATHER:
        return [*split(parts, message_id, limit)]
    if total > MESSAGE_LIMIT:
        raise OversizeError("a message", total, MESSAGE_LIMIT)
    step = max(limit - HEADER.size, 1)
    pieces = _cut(join_small(parts), step)
    return [
        Gathered((HEADER.pack(message_id, offset, total), *next(pieces))) for offset in range(0, total, step)
    ]


def join_small(parts: Sequence[Packed]) -> list[Packed]:
    """`parts`, in which each run of small ones is joined."""
    joined: list[Packed] = []
    small: list[Packed] = []
    for part in parts:
        if len(part) < _SMALL:
            small.append(part)
            continue
        if small:
            joined.append(b"".join(small))
            small.clear()
        joined.append(part)
    if small:
        joined.append(b"".join(small))
    return joined


def _cut(parts: Sequence[Packed], step: int) -> Iterator[list[Packed]]:
    """`parts` in runs of `step` bytes, the last one shorter."""
    run: list[Packed] = []
    room = step
    for part in parts:
        at = 0
        while len(part) - at >= room:
            run.append(memoryview(part)[at : at + room])
            yield run
            at, run, room = at + room, [], step
        if at < len(part):
            run.append(memoryview(part)[at:] if at else part)
            room -= len(part) - at
    if run:
        yield run


class Assembler:
    """Joins the chunks of one connection; they may come in any order and interleave.

    `limit` bounds the bytes of all incomplete messages together and of each message. What was only announced takes no
    memory.
    """

    __slots__ = ("_partial", "_pending", "held", "limit", "partial_messages")

    def __init__(self, limit: int, partial_messages: int) -> None:
        self.limit = limit
        self.partial_messages = partial_messages
        self._partial: dict[int, _Partial] = {}
        self._pending = 0
        self.held = 0
        """Bytes of memory that the incomplete messages take."""

    def feed(self, frame: Packed) -> Packed | None:
        """The payload that `frame` completes, else None.

        Raises `OversizeError` over the limit and `MalformedFrameError` for a header that cannot be true.
        The payload of a single-chunk message is a view on `frame`, not a copy.
        """
        size = len(frame) - HEADER.size
        if size < 0:
            raise MalformedFrameError(
                f"a frame has a header of {HEADER.size} bytes, this one has {len(frame)} bytes"
            )
        message_id, offset, total = HEADER.unpack_from(frame)
        if total > self.limit:
            raise OversizeError("a message", total, self.limit)
        if size == total and offset == 0 and message_id not in self._partial:
            return memoryview(frame)[HEADER.size :]
        return self._join(frame, message_id, offset, total, size)

    def _join(self, frame: Packed, message_id: int, offset: int, total: int, size: int) -> Packed | None:
        if offset + size > total:
            raise MalformedFrameError(f"a chunk ends at byte {offset + size} of a message of {total} bytes")
        if size == 0:
            raise MalformedFrameError("a chunk carries no byte of its message")
        partial = self._partial.get(message_id)
        if partial is None:
            if self._pending + total > self.limit:
                raise OversizeError("all incomplete messages together", self._pending + total, self.limit)
            if len(self._partial) >= self.partial_messages:
                raise MalformedFrameError(
                    f"more than {self.partial_messages} messages are incomplete at once"
                )
            partial = self._partial[message_id] = _Partial(total)
            self._pending += total
            self.held += _OVERHEAD
        self.held += partial.add(memoryview(frame)[HEADER.size :], offset, total)
        if len(partial.buffer) < total:
            return None
        del self._partial[message_id]
        self._pending -= total
        self.held -= _OVERHEAD + total
        return memoryview(partial.buffer)


class _Partial:
    """A message of which chunks have come."""

    __slots__ = ("ahead", "buffer", "total")

    def __init__(self, total: int) -> None:
        self.total = total
        self.buffer = bytearray()
        """Its beginning."""
        self.ahead: list[tuple[int, bytes]] = []
        """Offset and bytes of chunks behind a gap, sorted."""

    def add(self, data: memoryview, offset: int, total: int) -> int:
        """Bytes of memory that this took. Raises `MalformedFrameError` for what contradicts the rest."""
        if self.total != total:
            raise MalformedFrameError(f"a message of {self.total} bytes became one of {total} bytes")
        ahead, end = self.ahead, offset + len(data)
        at = bisect_left(ahead, (offset,))
        before = offset < len(self.buffer) or (
            at > 0 and sum((ahead[at - 1][0], len(ahead[at - 1][1]))) > offset
        )
        if before or (at < len(ahead) and ahead[at][0] < end):
            raise MalformedFrameError(f"bytes {offset} to {end} of a message came twice")
        if offset > len(self.buffer):
            if len(ahead) >= _AHEAD:
                raise MalformedFrameError(f"more than {_AHEAD} chunks of a message came before their turn")
            ahead.insert(at, (offset, bytes(data)))
            return len(data) + _OVERHEAD
        self.buffer += data
        joined = 0
        while joined < len(ahead) and ahead[joined][0] == len(self.buffer):
            self.buffer += ahead[joined][1]
            joined += 1
        del ahead[:joined]
        return len(data) - joined * _OVERHEAD
