"""Reads the operations of the Link from a byte stream that may be cut anywhere, in steps that take little time."""

import mmap
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from jupyter_trame.errors import LinkError, MalformedFrameError, MalformedMessageError, OversizeError
from jupyter_trame.protocol.link import (
    LINK_VERSION,
    Call,
    Challenge,
    ClientClosed,
    ClientOpened,
    CloseClient,
    Commit,
    Fetch,
    File,
    Folder,
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
from jupyter_trame.protocol.package_version import read_package
from jupyter_trame.protocol.packing import unpack
from jupyter_trame.types import ClientId, Epoch, Packed, StateKey

__all__ = ["LinkDecoder"]

T = TypeVar("T")

_BUFFER = 1 << 18
"""Bytes that are read at once, at most."""
_BATCH = 256
"""Operations that are decoded at once; thousands may lie in the buffer."""
_MAPPED = 1 << 22
"""Bytes of a frame from which its memory comes from the system, which gives it page by page as it is filled: that of
a bytearray is zeroed before, which takes long where it is large."""
_COPY_BELOW = 4096


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
    if h[0] != LINK_VERSION:
        raise LinkError(f"the replica speaks link version {h[0]}, this kernel {LINK_VERSION}")
    return Join(
        version=h[0],
        replica_id=_typed(h[1], str),
        slug=_typed(h[2], str),
        nonce=_typed(h[3], bytes),
        package=_package(h, 4),
    )


def _package(h: list[Any], index: int) -> str:
    """What was added later, and is left out by those who do not know it."""
    return read_package(h[index]) if len(h) > index else ""


def _typed(value: object, kind: type[T]) -> T:
    """What comes before the other side has proved itself is looked at more closely."""
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
    return value


def _decode_snapshot(h: list[Any], s: _Segments) -> LinkOp:
    if h[0] != LINK_VERSION:
        raise LinkError(f"the kernel's package speaks link version {h[0]}, this one speaks {LINK_VERSION}")
    values = [(key, seq, s.take(size)) for key, seq, size in h[4]]
    return Snapshot(version=h[0], epoch=h[1], seq=h[2], info=h[3], values=values)


def _decode_commit(h: list[Any], s: _Segments) -> LinkOp:
    origin = None if h[2] is None else (h[2][0], h[2][1])
    return Commit(seq=h[0], force=h[1], origin=origin, values=s.take_optional(h[3]))


def _decode_resumed(h: list[Any], s: _Segments) -> LinkOp:
    client = None if h[1] is None else ClientId(_typed(h[1], str))
    calls = [_typed(call, str) for call in h[5]]
    return Resumed(h[0], client, h[2], h[3], h[4], calls, [(n, s.take_optional(sizes)) for n, sizes in h[6]])


def _decode_page_files(h: list[Any], _: _Segments) -> LinkOp:
    folders = {prefix: Folder(*folder) for prefix, folder in h[0].items()}
    return PageFiles(folders, h[1], h[2], tuple(h[3]), tuple(h[4]))


_decoders: dict[int, _Decoder] = {
    1: _decode_join,
    2: lambda h, _: ClientOpened(h[0], h[1], _typed(h[2], bytes), h[3], _package(h, 4)),
    3: lambda h, _: ClientClosed(h[0]),
    4: lambda h, s: Write(h[0], h[1], h[2], s.take_sized(h[3])),
    5: lambda h, s: Call(h[0], s.take(h[2]), h[1]),
    6: lambda h, _: Fetch(h[0], h[1], h[2], h[3]),
    7: lambda h, _: Pressure(h[0]),
    8: lambda h, _: Proof(_typed(h[0], bytes)),
    9: lambda h, _: Seen(Epoch(_typed(h[0], str))),
    10: lambda h, _: Resume(h[0], _typed(h[1], bytes), h[2], _typed(h[3], int)),
    16: _decode_snapshot,
    17: _decode_commit,
    18: lambda h, _: Settle(h[0], h[1], h[2]),
    19: lambda h, s: Message(client=h[0], skip=h[1], number=h[2], envelope=s.take(h[3])),
    20: lambda h, _: CloseClient(h[0], h[1], h[2]),
    21: lambda h, _: Stopped(h[0], h[1]),
    22: _decode_page_files,
    23: lambda h, s: File(h[0], h[1], h[2], h[3], s.take(h[4])),
    24: lambda h, _: Challenge(_typed(h[0], bytes), _typed(h[1], bytes)),
    25: lambda h, _: Taken(dict(h[0].items())),
    26: lambda h, _: Vacant(_typed(h[0], str)),
    27: _decode_resumed,
    28: lambda h, s: Parcel(_typed(h[0], list), s.take(h[1])),
    29: lambda h, _: Ping(_typed(h[0], int)),
    30: lambda h, _: Pong(_typed(h[0], int)),
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
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise MalformedMessageError(
            f"the header of link operation {header[0]} has another form: {error}"
        ) from error


def _memory(size: int) -> memoryview:
    if size < _MAPPED:
        return memoryview(bytearray(size))
    if sys.platform == "win32":
        return memoryview(mmap.mmap(-1, size))
    return memoryview(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))


@dataclass(slots=True)
class LinkDecoder:
    """Bytes of a stream in, operations out, without a copy of what is large.

    Read into `get_buffer`, then call `buffer_updated` with the number of bytes read, and `take` while it is `ready`; or
    call `feed`.
    Raises `OversizeError`, `MalformedFrameError`, `MalformedMessageError`, `LinkError`: the stream is lost.
    """

    limit: int
    """Largest frame accepted, in bytes."""
    _small: bytearray = field(default_factory=lambda: bytearray(_BUFFER))
    _start: int = 0
    _end: int = 0
    _large: memoryview | None = None
    _filled: int = 0
    ready: bool = False
    """Whether operations may lie in the buffer; nothing can be read before they are taken."""

    def get_buffer(self) -> memoryview:
        """Where the next bytes go; never empty."""
        if self._large is not None:
            return self._large[self._filled : self._filled + _BUFFER]
        return memoryview(self._small)[self._end :]

    def buffer_updated(self, size: int) -> list[LinkOp]:
        """The first operations that the `size` bytes just read complete, in order."""
        if self._large is None:
            self._end += size
            return self.take()
        self._filled += size
        if self._filled < len(self._large):
            return []
        frame, self._large = self._large.toreadonly(), None
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
            while self.ready:
                ops += self.take()
        return ops

    def close(self) -> None:
        """Give up the memory. Nothing can be read after it."""
        self._small, self._large, self.ready = bytearray(), None, False

    def take(self) -> list[LinkOp]:
        """The next operations that are complete."""
        ops: list[LinkOp] = []
        self.ready = False
        while self._end - self._start >= 4:
            if len(ops) == _BATCH:
                self.ready = True
                return ops
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
        self._large = _memory(size)
        self._large[: len(rest)] = rest
        self._filled = len(rest)
        self._start = self._end = 0

    def _compact(self) -> None:
        rest = bytes(memoryview(self._small)[self._start : self._end])
        self._small[: len(rest)] = rest
        self._start, self._end = 0, len(rest)
