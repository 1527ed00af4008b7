"""Websocket frames of a client, read strictly (RFC 6455, section 5), for whichever web server owns the socket."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_trame.transports.masking import mask

__all__ = ["BINARY", "CLOSE", "FRAME_OVERHEAD", "PING", "PONG", "TEXT", "FrameReader", "FrameViolation"]

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA

FRAME_OVERHEAD = 4096
"""Bytes by which a frame of a client may be larger than the frame limit it is told."""

_CONTINUATION = 0x0
_OPCODES = frozenset({_CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})
_FINAL = 0x80
_RESERVED = 0x70
_CONTROL = 0x08
_MASKED = 0x80
_CONTROL_LIMIT = 125
_CLOSE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})
_LARGE = 1 << 16
"""Bytes of a frame from which it is not collected in a buffer, which would be copied as it grows."""
_SMALL = 1 << 12
_MALFORMED, _NOT_UTF8, _TOO_LARGE = 1002, 1007, 1009


class FrameViolation(Exception):  # noqa: N818 - it is the client's, not ours
    """A client broke the rules; its connection ends with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class FrameReader:
    """Bytes of one connection in, messages out. After a violation or a close frame everything is dropped.

    `limit` may be set at any time: bytes of a message, all its frames together.
    """

    __slots__ = (
        "_buffer",
        "_large",
        "_message",
        "_missing",
        "_opcode",
        "_uncounted",
        "ended",
        "limit",
        "received",
    )

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.ended = False
        self.received = 0
        """Bytes that came, without whole control frames: a browser answers pings also for a page that is stuck."""
        self._buffer = bytearray()
        self._missing = 0
        """Bytes that the frame in the buffer lacks at least; 0 without one."""
        self._large: _LargeFrame | None = None
        """The frame that comes, where it is large; nothing is in the buffer then."""
        self._message: bytearray | None = None
        self._opcode = BINARY
        self._uncounted = 0
        """Bytes in the buffer that `received` does not have."""

    @property
    def held(self) -> int:
        """Bytes of a message that is not complete."""
        held = len(self._buffer) if self._large is None else self._large.held
        return held + (len(self._message) if self._message is not None else 0)

    @property
    def missing(self) -> int:
        """Bytes that the frame that has begun, or will begin, lacks at least."""
        return self._missing

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Opcode and payload of each message that `data` completes. Raises `FrameViolation`.

        What is not taken from the iterator is lost.
        """
        if self.ended:
            return
        self.received += len(data) + self._uncounted
        self._uncounted = 0
        if self._missing > len(data):
            self._missing -= len(data)
            if self._large is not None:
                self._large.add(data)
            else:
                self._keep(data)
            return
        at, self._missing, due = 0, 0, self._missing
        try:
            if self._large is not None:
                at, large, self._large = due, self._large, None
                large.add(data[:at])
                message = self._take(large.first, large.payload())
                if message is not None:
                    yield message
            elif self._buffer:
                self._buffer += data
                data = bytes(self._buffer)
                self._buffer.clear()
            yield from self._frames(data, at)
        except FrameViolation:
            self._drop()
            raise

    def _frames(self, data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
        """The messages of the frames from `at` on; what is left is kept."""
        while not self.ended:
            end, start = self._measure(data, at)
            if end > len(data):
                self._missing = end - len(data)
                if end - start >= _LARGE and start <= len(data):
                    self._large = _LargeFrame(data[at:start])
                    self._large.add(data[start:])
                else:
                    self._keep(memoryview(data)[at:])
                return
            message = self._take(data[at], mask(data[start - 4 : start], data[start:end]))
            if data[at] & _CONTROL:
                self.received -= end - at
            at = end
            if message is not None:
                yield message

    def _keep(self, data: bytes | memoryview) -> None:
        """Of a frame that is not whole; half a control frame counts as little as a whole one."""
        self._buffer += data
        if self._buffer and self._buffer[0] & _CONTROL:
            self._uncounted = len(self._buffer)
            self.received -= self._uncounted

    def _measure(self, data: bytes, at: int) -> tuple[int, int]:
        """Where the frame at `at` ends and where its payload begins, as far as its header is there."""
        if len(data) - at < 2:
            return at + 2, at
        first, second = data[at], data[at + 1]
        self._check(first, second)
        size, mask = second & ~_MASKED, at + 2
        if size > _CONTROL_LIMIT:
            mask += 2 if size == 126 else 8
            if len(data) < mask:
                return mask, mask
            size = int.from_bytes(data[at + 2 : mask])
        if not first & _CONTROL:
            whole = size + (len(self._message) if self._message is not None else 0)
            if whole > self.limit:
                raise FrameViolation(
                    _TOO_LARGE, f"a frame of {whole} bytes is over the limit of {self.limit} bytes"
                )
        return mask + 4 + size, mask + 4

    def _check(self, first: int, second: int) -> None:
        """The first two bytes of a frame."""
        opcode = first & 0x0F
        if opcode not in _OPCODES:
            raise FrameViolation(_MALFORMED, f"no frame has opcode {opcode:#x}")
        if first & _RESERVED:
            bits = f"{(first & _RESERVED) >> 4:03b}"
            raise FrameViolation(_MALFORMED, f"no extension was agreed on that uses the reserved bits {bits}")
        if not second & _MASKED:
            raise FrameViolation(_MALFORMED, "a client masks its frames, and this one has no mask")
        if opcode & _CONTROL:
            if not first & _FINAL:
                raise FrameViolation(_MALFORMED, "a control frame is whole, and this one is a part")
            if second & ~_MASKED > _CONTROL_LIMIT:
                raise FrameViolation(
                    _MALFORMED, f"a control frame has {_CONTROL_LIMIT} bytes at most, not more"
                )
        elif opcode == _CONTINUATION and self._message is None:
            raise FrameViolation(_MALFORMED, "a frame continues a message, and none was begun")
        elif opcode != _CONTINUATION and self._message is not None:
            raise FrameViolation(_MALFORMED, "a frame begins a message, and the one before is not whole")

    def _take(self, first: int, payload: bytes) -> tuple[int, bytes] | None:
        opcode = first & 0x0F
        if opcode & _CONTROL:
            if opcode == CLOSE:
                _check_close(payload)
                self._drop()
            return opcode, payload
        if self._message is None:
            if not first & _FINAL:
                self._opcode, self._message = opcode, bytearray(payload)
                return None
        else:
            self._message += payload
            if not first & _FINAL:
                return None
            opcode, payload = self._opcode, bytes(self._message)
            self._message = None
        if opcode == TEXT:
            _check_text(payload)
        return opcode, payload

    def _drop(self) -> None:
        self.ended = True
        self._buffer.clear()
        self._large = self._message = None


class _LargeFrame:
    """A frame that comes in many reads: each is unmasked as it comes, and joined once."""

    __slots__ = ("_mask", "_parts", "_size", "_tail", "first", "held")

    def __init__(self, header: bytes) -> None:
        self.first = header[0]
        self.held = len(header)
        self._size = 0
        self._mask = header[-4:]
        self._parts: list[bytes | bytearray] = []
        self._tail = bytearray()
        """Of reads so small that to keep each by itself would take more memory than what it brought."""

    def add(self, data: bytes) -> None:
        turn = self._size % 4
        part = mask(self._mask[turn:] + self._mask[:turn], data)
        self._size += len(data)
        self.held += len(data)
        if len(part) < _SMALL:
            self._tail += part
            return
        self._flush()
        self._parts.append(part)

    def payload(self) -> bytes:
        self._flush()
        return b"".join(self._parts)

    def _flush(self) -> None:
        if self._tail:
            self._parts.append(self._tail)
            self._tail = bytearray()


def _check_close(payload: bytes) -> None:
    if not payload:
        return
    if len(payload) == 1:
        raise FrameViolation(_MALFORMED, "a close frame carries a code of two bytes or nothing, not one byte")
    code = int.from_bytes(payload[:2])
    if code not in _CLOSE_CODES:
        raise FrameViolation(_MALFORMED, f"no client sends the close code {code}")
    _check_text(payload[2:])


def _check_text(text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        found = f"byte {text[error.start]:#04x} at {error.start}"
        raise FrameViolation(_NOT_UTF8, f"text is UTF-8, and this has {found}") from None
