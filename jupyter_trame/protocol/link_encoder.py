"""Writes the operations of the Link to a byte stream (PROTOCOL.md, section 2); `link_decoder` reads them.

A frame is ``uint32`` size of the rest, ``uint32`` size of the header, a msgpack header, then raw segments:
values are neither packed again nor copied on their way to the socket.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from jupyter_trame.errors import OversizeError
from jupyter_trame.protocol.link import (
    Call,
    Challenge,
    ClientClosed,
    ClientOpened,
    CloseClient,
    Commit,
    Fetch,
    File,
    Join,
    LinkOp,
    Message,
    PageFiles,
    Parcel,
    Ping,
    Pong,
    Pressure,
    Proof,
    Resume,
    Resumed,
    Seen,
    Settle,
    Snapshot,
    Stopped,
    Taken,
    Vacant,
    Write,
)
from jupyter_trame.protocol.packing import pack
from jupyter_trame.types import Packed, StateKey

__all__ = ["encode_op"]

_SIZES = struct.Struct("<II")
_FRAME_LIMIT = (1 << 32) - 1


def encode_op(op: LinkOp) -> list[Packed]:
    """The buffers of one frame, to be sent one after the other. Any thread.

    Raises `OversizeError` for more than the frame's header can say, 4 GiB.
    """
    header, segments = _encoders[type(op)](op)
    packed = pack(header)
    size = _SIZES.size - 4 + len(packed) + sum(map(len, segments))
    if size > _FRAME_LIMIT:
        raise OversizeError(f"a link frame ({type(op).__name__})", size, _FRAME_LIMIT)
    return [_SIZES.pack(size, len(packed)) + packed, *segments]


def _sized(values: Sequence[tuple[StateKey, Packed | None]]) -> tuple[list[tuple[str, int]], list[Packed]]:
    return (
        [(key, -1 if packed is None else len(packed)) for key, packed in values],
        [packed for _, packed in values if packed is not None],
    )


def _encode_write(op: Write) -> tuple[list[Any], list[Packed]]:
    sizes, segments = _sized(op.values)
    return [4, op.client, op.number, op.request_id, sizes], segments


def _encode_snapshot(op: Snapshot) -> tuple[list[Any], list[Packed]]:
    table = [(key, seq, len(packed)) for key, seq, packed in op.values]
    return [16, op.version, op.epoch, op.seq, op.info, table], [packed for _, _, packed in op.values]


def _encode_commit(op: Commit) -> tuple[list[Any], list[Packed]]:
    sizes, segments = _sized(op.values)
    return [17, op.seq, op.force, op.origin, sizes], segments


def _encode_resumed(op: Resumed) -> tuple[list[Any], list[Packed]]:
    writes: list[Any] = []
    segments: list[Packed] = []
    for number, values in op.writes:
        sizes, packed = _sized(values)
        writes.append((number, sizes))
        segments += packed
    return [27, op.request, op.client, op.received, op.settled, op.got, list(op.calls), writes], segments


def _encode_page_files(op: PageFiles) -> tuple[list[Any], list[Packed]]:
    policy = [list(op.connect_src), list(op.frame_ancestors)]
    return [22, dict(op.folders), dict(op.headers), op.follow_symlinks, *policy], []


_Encoder: TypeAlias = Callable[[Any], tuple[list[Any], list[Packed]]]

_encoders: dict[type, _Encoder] = {
    Join: lambda op: ([1, op.version, op.replica_id, op.slug, op.nonce, op.package], []),
    ClientOpened: lambda op: ([2, op.client, op.native, op.token, op.identity, op.package], []),
    ClientClosed: lambda op: ([3, op.client], []),
    Write: _encode_write,
    Call: lambda op: ([5, op.client, op.index, len(op.envelope)], [op.envelope]),
    Fetch: lambda op: ([6, op.request, op.path, op.offset, op.length], []),
    Pressure: lambda op: ([7, op.waiting], []),
    Proof: lambda op: ([8, op.proof], []),
    Seen: lambda op: ([9, op.epoch], []),
    Resume: lambda op: ([10, op.request, op.token, op.identity, op.heard], []),
    Challenge: lambda op: ([24, op.nonce, op.proof], []),
    Snapshot: _encode_snapshot,
    Commit: _encode_commit,
    Settle: lambda op: ([18, op.client, op.number, op.seq], []),
    Message: lambda op: ([19, op.client, op.skip, op.number, len(op.envelope)], [op.envelope]),
    CloseClient: lambda op: ([20, op.client, op.code, op.reason], []),
    Stopped: lambda op: ([21, op.code, op.reason], []),
    PageFiles: _encode_page_files,
    File: lambda op: ([23, op.request, op.status, op.size, op.modified, len(op.data)], [op.data]),
    Taken: lambda op: ([25, op.clients], []),
    Vacant: lambda op: ([26, op.reason], []),
    Resumed: _encode_resumed,
    Parcel: lambda op: ([28, op.header, len(op.payload)], [op.payload]),
    Ping: lambda op: ([29, op.number], []),
    Pong: lambda op: ([30, op.number], []),
}
