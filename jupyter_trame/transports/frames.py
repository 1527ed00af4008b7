"""Websocket frames as a server sends them (RFC 6455, section 5.2), for transports that write them themselves."""

import struct
from collections.abc import Callable

from jupyter_trame.types import Packed

__all__ = ["FRAME_OVERHEAD", "HIGH_WATER", "write_frame"]

FRAME_OVERHEAD = 4096
"""Bytes by which a frame of a client may be larger than the frame limit it is told."""

HIGH_WATER = 1 << 20
"""Bytes that may wait in the process for one client's socket."""

_JOIN_BELOW = 1 << 16
_FINAL_BINARY = 0x82


def write_frame(write: Callable[[Packed], object], payload: Packed) -> None:
    """Hand one final, unmasked, binary frame to `write`; a large payload is not copied into the frame."""
    header = _header(len(payload))
    if len(payload) < _JOIN_BELOW:
        write(header + payload)
    else:
        write(header)
        write(payload if isinstance(payload, bytes) else memoryview(payload))


def _header(size: int) -> bytes:
    if size < 126:
        return struct.pack("BB", _FINAL_BINARY, size)
    if size < 1 << 16:
        return struct.pack("!BBH", _FINAL_BINARY, 126, size)
    return struct.pack("!BBQ", _FINAL_BINARY, 127, size)
