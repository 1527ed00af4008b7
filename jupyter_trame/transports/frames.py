"""Websocket frames as a server sends them (RFC 6455, section 5.2), for transports that write them themselves."""

import struct
from collections.abc import Iterable

from jupyter_trame.protocol.chunking import Frame, Gathered, join_small
from jupyter_trame.types import Packed

__all__ = ["FRAME_OVERHEAD", "HIGH_WATER", "control_frame", "frame_header", "frame_parts"]

FRAME_OVERHEAD = 4096
"""Bytes by which a frame of a client may be larger than the frame limit it is told."""

HIGH_WATER = 1 << 20
"""Bytes that may wait in the process for one client's socket."""

_FEW = 64
"""Buffers that a system call takes well."""
_FINAL = 0x80
_FINAL_BINARY = 0x82


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
