"""What is sent to the clients of a websocket: frames (RFC 6455, section 5.2), and their bytes on the way to one socket.

They leave in slices, as the socket takes them. Nothing large is copied: many clients wait for the same bytes.
"""

from __future__ import annotations

import struct
from abc import abstractmethod
from collections import deque
from collections.abc import Iterable

from jupyter_trame.protocol.chunking import Frame, Gathered, join_small
from jupyter_trame.transports.backlog import HIGH_WATER, Backlog
from jupyter_trame.transports.base import LingeringTransport
from jupyter_trame.types import Packed

__all__ = [
    "FINAL_BINARY",
    "FINAL_TEXT",
    "Outgoing",
    "SlicedTransport",
    "control_frame",
    "frame_header",
    "frame_parts",
    "text_frame",
]

_FEW = 64
"""Buffers that a system call takes well."""
_PARTS = 512
"""Buffers that one system call takes for sure; POSIX asks for 16, the systems that we run on take 1024."""
_FINAL = 0x80
FINAL_TEXT = 0x81
FINAL_BINARY = 0x82
"""The first byte of a whole frame, of text and of bytes."""


def frame_parts(payloads: Iterable[Frame]) -> list[Packed]:
    """The buffers of final, unmasked, binary frames; nothing large is copied."""
    parts: list[Packed] = []
    for payload in payloads:
        parts.append(frame_header(len(payload)))
        if type(payload) is Gathered:
            parts += payload.parts
        else:
            parts.append(payload)  # type: ignore[arg-type] # no other class is a frame
    return parts if len(parts) <= _FEW else join_small(parts)


def frame_header(size: int, first: int = FINAL_BINARY) -> bytes:
    """The header of one final, unmasked frame with `size` bytes of payload; it is binary, unless `first` says more."""
    if size < 126:
        return struct.pack("BB", first, size)
    if size < 1 << 16:
        return struct.pack("!BBH", first, 126, size)
    return struct.pack("!BBQ", first, 127, size)


def text_frame(text: str) -> bytes:
    """One whole text frame."""
    payload = text.encode()
    return frame_header(len(payload), FINAL_TEXT) + payload


def control_frame(opcode: int, payload: bytes) -> bytes:
    """A ping, a pong or a close frame; `payload` has at most 125 bytes."""
    return struct.pack("BB", _FINAL | opcode, len(payload)) + payload


class Outgoing(Backlog):
    """A queue of buffers, of which any number of bytes can be taken."""

    __slots__ = ("_parts",)

    def __init__(self, limit: int = HIGH_WATER) -> None:
        """`limit` in bytes; who adds more is not stopped."""
        super().__init__(limit)
        self._parts: deque[Packed] = deque()

    @property
    def buffers(self) -> int:
        """How many buffers wait."""
        return len(self._parts)

    def __bool__(self) -> bool:
        return self.size > 0

    def add(self, parts: Iterable[Packed]) -> None:
        """Queue `parts`, none of which changes until it has left."""
        for part in parts:
            if part:
                self._parts.append(part)
                self.size += len(part)

    def peek(self, limit: int, most: int = _PARTS) -> list[Packed]:
        """The next buffers, at most `most`, together at most `limit` bytes; for one system call."""
        found: list[Packed] = []
        for part in self._parts:
            if len(part) > limit:
                if limit:
                    found.append(memoryview(part)[:limit])
                break
            found.append(part)
            limit -= len(part)
            if len(found) == most:
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


class SlicedTransport(LingeringTransport):
    """One websocket, to which frames are written in the call that sends them, as far as its socket takes them."""

    kind = "websocket"
    always_reads = True

    def __init__(self, outgoing: Outgoing) -> None:
        """`outgoing`: its limit is what is taken in one go, while nothing waits for this client's socket."""
        self._outgoing = outgoing
        self._blocked = False
        """Whether the server's stream has something to write; the rest waits until it is written."""

    def room(self) -> int:
        """Nothing while anything waits for the socket."""
        return 0 if self._outgoing or self._blocked else self._outgoing.limit

    def send(self, frame: Frame) -> None:
        """See `send_all`."""
        self.send_all((frame,))

    @property
    def holds_more(self) -> bool:  # type: ignore[override] # which is a constant where nothing is held
        """See the base."""
        return bool(self._outgoing) and not self._blocked

    def send_more(self) -> int:
        """See the base."""
        outgoing = self._outgoing
        if self._blocked or not outgoing:
            return 0
        before = outgoing.size
        self._write_slice(outgoing)
        return before - outgoing.size

    @abstractmethod
    def _write_slice(self, outgoing: Outgoing) -> None:
        """Write a slice of `outgoing`, or clear it if the connection has ended.

        What the stream could not write at once blocks until `_go_on`.
        """

    def _add(self, parts: Iterable[Packed]) -> None:
        """Take the buffers of frames, and write the first slice."""
        self._outgoing.add(parts)
        self.send_more()
        if self.holds_more and self.port is not None:
            self.port.writable()

    def _go_on(self) -> None:
        """What the stream had to write is written."""
        self._blocked = False
        if self.port is not None:
            self.port.writable()
