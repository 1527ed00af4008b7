"""Websocket frames as a server sends them (RFC 6455, section 5.2), for transports that write them themselves."""

import struct
from collections.abc import Callable, Iterable

from jupyter_trame.types import Packed

__all__ = ["FRAME_OVERHEAD", "HIGH_WATER", "control_frame", "frame_header", "write_frames"]

FRAME_OVERHEAD = 4096
"""Bytes by which a frame of a client may be larger than the frame limit it is told."""

HIGH_WATER = 1 << 20
"""Bytes that may wait in the process for one client's socket."""

_JOIN_BELOW = 1 << 16
_FINAL = 0x80
_FINAL_BINARY = 0x82


def write_frames(write: Callable[[Packed], object], payloads: Iterable[Packed]) -> None:
    """Hand final, unmasked, binary frames to `write`; small ones are joined, a large payload is not copied."""
    joined: list[Packed] = []
    for payload in payloads:
        joined.append(frame_header(len(payload)))
        if len(payload) < _JOIN_BELOW:
            joined.append(payload)
        else:
            write(b"".join(joined))
            write(payload if isinstance(payload, bytes) else memoryview(payload))
            joined.clear()
    if joined:
        write(b"".join(joined))


def frame_header(size: int) -> bytes:
    """The header of one final, unmasked, binary frame with `size` bytes of payload."""
    if size < 126:
        return struct.pack("BB", _FINAL_BINARY, size)
    if size < 1 << 16:
        return struct.pack("!BBH", _FINAL_BINARY, 126, size)
    return struct.pack("!BBQ", _FINAL_BINARY, 127, size)


def control_frame(opcode: int, payload: bytes) -> bytes:
    """A ping, a pong or a close frame; `payload` has at most 125 bytes."""
    return struct.pack("BB", _FINAL | opcode, len(payload)) + payload
