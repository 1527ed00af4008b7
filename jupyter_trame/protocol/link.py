"""The operations of the Link and their form on a byte stream (PROTOCOL.md, section 2).

A frame is ``uint32`` size of the rest, ``uint32`` size of the header, a msgpack header, then raw segments:
values are neither packed again nor copied on their way to the socket.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jupyter_trame.errors import LinkError, MalformedFrameError, MalformedMessageError, OversizeError
from jupyter_trame.protocol.packing import pack, unpack
from jupyter_trame.types import ClientId, Epoch, Packed, Seq, StateKey

__all__ = [
    "LINK_VERSION",
    "Call",
    "ClientClosed",
    "ClientOpened",
    "CloseClient",
    "Commit",
    "Join",
    "LinkDecoder",
    "LinkOp",
    "Message",
    "Settle",
    "Snapshot",
    "Stopped",
    "Write",
    "encode_op",
]

LINK_VERSION = 1

_SIZES = struct.Struct("<II")
_BUFFER = 1 << 18
_COPY_BELOW = 4096


@dataclass(frozen=True, slots=True)
class Join:
    """A replica asks for a server; `secret` is the record's secret, ``/`` and the slug."""

    replica_id: str
    secret: str
    version: int = LINK_VERSION


@dataclass(frozen=True, slots=True)
class ClientOpened:
    """A client said hello; `native` tells that it speaks this protocol's extension."""

    client: ClientId
    native: bool


@dataclass(frozen=True, slots=True)
class ClientClosed:
    """A client's session ended."""

    client: ClientId


@dataclass(frozen=True, slots=True)
class Write:
    """A client wrote keys; `request_id` is set when the client waits for the server's answer."""

    client: ClientId
    number: int
    request_id: str | None
    values: Sequence[tuple[StateKey, Packed]]


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a client, its envelope still packed."""

    client: ClientId
    envelope: Packed


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that the server holds: the answer to `Join`."""

    epoch: Epoch
    seq: Seq
    info: dict[str, Any]
    values: Sequence[tuple[StateKey, Seq, Packed]]
    version: int = LINK_VERSION


@dataclass(frozen=True, slots=True)
class Commit:
    """New values. A value of None is the one of the write `origin`, which the replica holds already."""

    seq: Seq
    values: Sequence[tuple[StateKey, Packed | None]]
    origin: tuple[ClientId, int] | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class Settle:
    """The write is applied; the values of its keys are those of the commits so far."""

    client: ClientId
    number: int
    seq: Seq


@dataclass(frozen=True, slots=True)
class Message:
    """A packed envelope for one client, or for all but one."""

    envelope: Packed
    client: ClientId | None = None
    skip: ClientId | None = None


@dataclass(frozen=True, slots=True)
class CloseClient:
    """End a client's connection."""

    client: ClientId
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The server ended."""

    code: int
    reason: str


LinkOp: TypeAlias = (
    Join
    | ClientOpened
    | ClientClosed
    | Write
    | Call
    | Snapshot
    | Commit
    | Settle
    | Message
    | CloseClient
    | Stopped
)


def encode_op(op: LinkOp) -> list[Packed]:
    """The buffers of one frame, to be sent one after the other. Any thread."""
    header, segments = _encoders[type(op)](op)
    packed = pack(header)
    size = _SIZES.size - 4 + len(packed) + sum(map(len, segments))
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


_Encoder: TypeAlias = Callable[[Any], tuple[list[Any], list[Packed]]]

_encoders: dict[type, _Encoder] = {
    Join: lambda op: ([1, op.version, op.replica_id, op.secret], []),
    ClientOpened: lambda op: ([2, op.client, op.native], []),
    ClientClosed: lambda op: ([3, op.client], []),
    Write: _encode_write,
    Call: lambda op: ([5, op.client, len(op.envelope)], [op.envelope]),
    Snapshot: _encode_snapshot,
    Commit: _encode_commit,
    Settle: lambda op: ([18, op.client, op.number, op.seq], []),
    Message: lambda op: ([19, op.client, op.skip, len(op.envelope)], [op.envelope]),
    CloseClient: lambda op: ([20, op.client, op.code, op.reason], []),
    Stopped: lambda op: ([21, op.code, op.reason], []),
}


@dataclass(slots=True)
class _Segments:
    """Takes segments off a frame. Large ones stay views on it, small ones must not keep it alive."""

    frame: memoryview
    at: int

    def take(self, size: int) -> Packed:
        end = self.at + size
        if size < 0 or end > len(self.frame):
            raise MalformedFrameError("the segments of a link frame are shorter than its header says")
        segment = self.frame[self.at : end]
        self.at = end
        return bytes(segment) if size < _COPY_BELOW else segment

    def take_sized(self, sizes: list[list[Any]]) -> list[tuple[StateKey, Packed]]:
        return [(key, self.take(size)) for key, size in sizes]

    def take_optional(self, sizes: list[list[Any]]) -> list[tuple[StateKey, Packed | None]]:
        return [(key, None if size == -1 else self.take(size)) for key, size in sizes]


_Decoder: TypeAlias = Callable[[list[Any], _Segments], LinkOp]


def _decode_join(h: list[Any], _: _Segments) -> LinkOp:
    return Join(version=h[0], replica_id=h[1], secret=h[2])


def _decode_snapshot(h: list[Any], s: _Segments) -> LinkOp:
    if h[0] != LINK_VERSION:
        raise LinkError(f"the kernel's package speaks link version {h[0]}, this one speaks {LINK_VERSION}")
    values = [(key, seq, s.take(size)) for key, seq, size in h[4]]
    return Snapshot(version=h[0], epoch=h[1], seq=h[2], info=h[3], values=values)


def _decode_commit(h: list[Any], s: _Segments) -> LinkOp:
    origin = None if h[2] is None else (h[2][0], h[2][1])
    return Commit(seq=h[0], force=h[1], origin=origin, values=s.take_optional(h[3]))


_decoders: dict[int, _Decoder] = {
    1: _decode_join,
    2: lambda h, _: ClientOpened(h[0], h[1]),
    3: lambda h, _: ClientClosed(h[0]),
    4: lambda h, s: Write(h[0], h[1], h[2], s.take_sized(h[3])),
    5: lambda h, s: Call(h[0], s.take(h[1])),
    16: _decode_snapshot,
    17: _decode_commit,
    18: lambda h, _: Settle(h[0], h[1], h[2]),
    19: lambda h, s: Message(client=h[0], skip=h[1], envelope=s.take(h[2])),
    20: lambda h, _: CloseClient(h[0], h[1], h[2]),
    21: lambda h, _: Stopped(h[0], h[1]),
}


def _decode(frame: memoryview) -> LinkOp:
    """`frame` without its first four bytes; the op may keep views on it."""
    if len(frame) < 4:
        raise MalformedFrameError("a link frame without a header")
    (head,) = struct.unpack_from("<I", frame)
    if 4 + head > len(frame):
        raise MalformedFrameError("the header of a link frame is longer than the frame")
    header = unpack(frame[4 : 4 + head])
    if not isinstance(header, list) or not header:
        raise MalformedMessageError("the header of a link frame is not an array")
    decoder = _decoders.get(header[0]) if type(header[0]) is int else None
    if decoder is None:
        raise MalformedMessageError(f"link operation {header[0]!r} is not known")
    try:
        return decoder(header[1:], _Segments(frame, 4 + head))
    except (IndexError, TypeError, ValueError) as error:
        raise MalformedMessageError(
            f"the header of link operation {header[0]} has another form: {error}"
        ) from error


@dataclass(slots=True)
class LinkDecoder:
    """Bytes of a stream in, operations out, without a copy of what is large.

    Read into `get_buffer`, then call `buffer_updated` with the number of bytes read; or call `feed`.
    Raises `OversizeError`, `MalformedFrameError`, `MalformedMessageError`, `LinkError`: the stream is lost.
    """

    limit: int
    """Largest frame accepted, in bytes."""
    _small: bytearray = field(default_factory=lambda: bytearray(_BUFFER))
    _start: int = 0
    _end: int = 0
    _large: bytearray | None = None
    _filled: int = 0

    def get_buffer(self) -> memoryview:
        """Where the next bytes go; never empty."""
        if self._large is not None:
            return memoryview(self._large)[self._filled :]
        return memoryview(self._small)[self._end :]

    def buffer_updated(self, size: int) -> list[LinkOp]:
        """The operations that the `size` bytes just read complete, in order."""
        if self._large is None:
            self._end += size
            return self._take_small()
        self._filled += size
        if self._filled < len(self._large):
            return []
        frame, self._large = memoryview(self._large).toreadonly(), None
        return [_decode(frame)]

    def feed(self, data: Packed) -> list[LinkOp]:
        """The same for bytes that lie elsewhere."""
        ops: list[LinkOp] = []
        view = memoryview(data)
        while view:
            buffer = self.get_buffer()
            size = min(len(buffer), len(view))
            buffer[:size] = view[:size]
            view = view[size:]
            ops += self.buffer_updated(size)
        return ops

    def _take_small(self) -> list[LinkOp]:
        ops: list[LinkOp] = []
        while self._end - self._start >= 4:
            (size,) = struct.unpack_from("<I", self._small, self._start)
            if size > self.limit:
                raise OversizeError("a link frame", size, self.limit)
            begin, end = self._start + 4, self._start + 4 + size
            if end > self._end:
                self._make_room(size)
                return ops
            ops.append(_decode(memoryview(bytes(memoryview(self._small)[begin:end]))))
            self._start = end
        if self._start == self._end:
            self._start = self._end = 0
        elif self._start > _BUFFER // 2:
            self._compact()
        return ops

    def _make_room(self, size: int) -> None:
        """Go on with a frame of `size` bytes that is incomplete at the end of the buffer."""
        if 4 + size <= _BUFFER // 2:
            if self._start > _BUFFER // 2:
                self._compact()
            return
        rest = memoryview(self._small)[self._start + 4 : self._end]
        self._large = bytearray(size)
        self._large[: len(rest)] = rest
        self._filled = len(rest)
        self._start = self._end = 0

    def _compact(self) -> None:
        rest = bytes(memoryview(self._small)[self._start : self._end])
        self._small[: len(rest)] = rest
        self._start, self._end = 0, len(rest)
