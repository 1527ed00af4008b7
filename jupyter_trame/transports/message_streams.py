"""Byte streams over the messages of one comm: numbered, windowed both ways, in as few messages as there are turns.

Sans-IO: `take` gives the next message, `receive` says what one brought. Messages come in the order in which they were
sent or not at all (a Jupyter server drops what is above its rate, and a connection may break), so each carries a number
and how many of the other side's have come; those that have not been confirmed are kept, and sent again when the other
side says where the gap begins. The format is in PROTOCOL.md, "A link over kernel messages".
"""

from __future__ import annotations

import base64
import binascii
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jupyter_trame.errors import ProtocolError
from jupyter_trame.types import Packed

__all__ = ["MessageStreams", "StreamData", "StreamEnded", "StreamEvent", "StreamMessage", "StreamOpened"]

WINDOW = 4 << 20
"""Bytes of a stream that may be on their way: four 10 ms round trips of 100 MB/s."""
MESSAGE = 512 << 10
"""Bytes of one message: a kernel's channels are held for some milliseconds, base64 included."""
STREAMS = 256
"""Streams of one comm: a server of the kernel has one."""


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """What a comm message holds beside its address."""

    data: dict[str, Any]
    buffers: list[bytes]


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """The other side opened the stream `number`."""

    number: int


@dataclass(frozen=True, slots=True)
class StreamData:
    """The next bytes of a stream; they are to be acknowledged when nobody holds them any more."""

    number: int
    data: Packed


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The other side ended the stream; nothing follows, and nothing arrives there."""

    number: int


StreamEvent: TypeAlias = StreamOpened | StreamData | StreamEnded


@dataclass(slots=True)
class _Stream:
    on_its_way: int = 0
    """Bytes that the other side has not acknowledged."""
    not_acknowledged: int = 0
    """Bytes that came and are held here."""


@dataclass(slots=True)
class _Part:
    number: int
    kind: str
    """``open``, ``data``, ``ack`` or ``end``."""
    size: int = 0
    """Bytes of data, or that are acknowledged."""
    data: Packed = field(default=b"", repr=False)


class MessageStreams:
    """One side. The other one opens streams unless this one does; numbers are those of who opens."""

    def __init__(self, *, as_text: bool = False, window: int = WINDOW, message: int = MESSAGE) -> None:
        """`as_text`: bytes leave as base64, since buffers do not arrive. `window` and `message` in bytes."""
        self.as_text = as_text
        self._window = window
        self._message = message
        self._streams: dict[int, _Stream] = {}
        self._parts: deque[_Part] = deque()
        self._next_number = 0
        self._sent = 0
        self._received = 0
        self._unconfirmed: deque[tuple[int, StreamMessage]] = deque()
        """Messages that left and may not have arrived, with their numbers."""
        self.added = 0
        """Bytes that base64 has added so far, to what left and to what came."""
        self._known = 0
        """Messages that had left when the other side last gave a sign of life."""
        self._gap = False
        self._asked: int | None = None
        """Where the gap begins that the other side was told of."""

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def received(self) -> int:
        """Messages that have come, without a gap."""
        return self._received

    @property
    def waiting(self) -> bool:
        """Whether `take` has a message."""
        return bool(self._parts)

    def open(self) -> int:
        """The number of a new stream. Raises `ProtocolError` when there are too many."""
        if len(self._streams) >= STREAMS:
            raise ProtocolError(f"a kernel's messages carry at most {STREAMS} streams")
        number, self._next_number = self._next_number, self._next_number + 1
        self._streams[number] = _Stream()
        self._parts.append(_Part(number, "open"))
        return number

    def room(self, number: int) -> int:
        """Bytes that `send` takes of this stream at the moment; 0 for one that has ended."""
        stream = self._streams.get(number)
        return 0 if stream is None else self._window - stream.on_its_way

    def send(self, number: int, data: Packed) -> None:
        """Send the next bytes of a stream, at most as many as there is `room` for; dropped when it has ended."""
        stream = self._streams.get(number)
        if stream is None or not len(data):
            return
        if len(data) > self._window - stream.on_its_way:
            raise ValueError(f"{len(data)} bytes are sent where there is room for {self.room(number)}")
        stream.on_its_way += len(data)
        view = memoryview(data)
        for start in range(0, len(view), self._message):
            piece = view[start : start + self._message]
            self._parts.append(_Part(number, "data", len(piece), piece))

    def acknowledge(self, number: int, size: int) -> None:
        """`size` bytes of what arrived are held no more: as many may come."""
        stream = self._streams.get(number)
        if stream is not None:
            stream.not_acknowledged -= size
            self._parts.append(_Part(number, "ack", size))

    def end(self, number: int) -> None:
        """End a stream, after what was sent; more than once is harmless."""
        if self._streams.pop(number, None) is not None:
            self._parts.append(_Part(number, "end"))

    def take(self) -> StreamMessage | None:
        """The next message; None when nothing waits."""
        if not self._parts:
            return None
        taken: list[_Part] = []
        size = 0
        while self._parts and (not taken or size + len(self._parts[0].data) <= self._message):
            part = self._parts.popleft()
            size += len(part.data)
            taken.append(part)
        data: dict[str, Any] = {
            "jt": "streams",
            "n": self._sent,
            "came": self._received,
            "parts": [[part.number, part.kind, part.size] for part in taken],
        }
        content = b"".join(part.data for part in taken)
        buffers = [content] if size and not self.as_text else []
        if size and self.as_text:
            text = data["text"] = base64.b64encode(content).decode("ascii")
            self.added += len(text) - size
        message = StreamMessage(data, buffers)
        self._unconfirmed.append((self._sent, message))
        self._sent += 1
        return message

    def again(self, number: object) -> list[StreamMessage]:
        """The messages from `number` on, which the other side has not got. Raises `ProtocolError` if it has one."""
        first = self._unconfirmed[0][0] if self._unconfirmed else self._sent
        if type(number) is not int or not first <= number <= self._sent:
            raise ProtocolError(
                f"messages {first} to {self._sent} can be sent again, {number!r} was asked for"
            )
        self._confirm(number)
        return [message for _, message in self._unconfirmed]

    def overdue(self, number: object) -> list[StreamMessage]:
        """The same after a sign of life, without those that may be on their way: what left since the last such sign.

        Raises `ProtocolError` as `again`.
        """
        known, self._known = self._known, self._sent
        self.again(number)
        return [message for sent, message in self._unconfirmed if sent < known]

    def receive(self, data: Mapping[str, Any], buffers: Sequence[Packed]) -> list[StreamEvent]:
        """What a message brought; nothing for one that came before, or too early: see `gap`.

        Raises `ProtocolError` for what is no such message.
        """
        number, came, parts = data.get("n"), data.get("came"), data.get("parts")
        if type(number) is not int or type(came) is not int or not isinstance(parts, list):
            raise ProtocolError("a message of streams has a number, how many came, and parts")
        if came > self._sent:
            raise ProtocolError(f"{came} messages are confirmed, {self._sent} were sent")
        self._confirm(came)
        self._gap = number > self._received
        if number != self._received:
            return []
        self._received += 1
        content = memoryview(_content(data, buffers))
        self.added += len(data.get("text") or content) - len(content)
        events: list[StreamEvent] = []
        start = 0
        for part in parts:
            index, kind, size = _checked(part)
            if kind != "data":
                events.extend(self._control(index, kind, size))
                continue
            if size > len(content) - start:
                raise ProtocolError(f"{size} bytes of a stream are announced, {len(content) - start} came")
            events.extend(self._arrive(index, content[start : start + size]))
            start += size
        if start != len(content):
            raise ProtocolError(f"{len(content) - start} bytes came that belong to no stream")
        return events

    @property
    def gap(self) -> int | None:
        """Where to begin again, when the message that was received last came too early; once for each gap."""
        if not self._gap or self._asked == self._received:
            return None
        self._asked = self._received
        return self._received

    def _confirm(self, came: int) -> None:
        while self._unconfirmed and self._unconfirmed[0][0] < came:
            self._unconfirmed.popleft()

    def _arrive(self, number: int, data: Packed) -> list[StreamEvent]:
        stream = self._streams.get(number)
        if stream is None:  # ended here; the other side may not have known
            return []
        stream.not_acknowledged += len(data)
        if stream.not_acknowledged > self._window:
            raise ProtocolError(f"over {self._window} bytes of a stream came that nobody had room for")
        return [StreamData(number, data)]

    def _control(self, number: int, kind: str, size: int) -> list[StreamEvent]:
        stream = self._streams.get(number)
        match kind:
            case "open":
                if stream is not None or len(self._streams) >= STREAMS:
                    raise ProtocolError(f"stream {number} cannot be opened: it is there, or too many are")
                self._streams[number] = _Stream()
                return [StreamOpened(number)]
            case "ack":
                if stream is not None:
                    if size > stream.on_its_way:
                        raise ProtocolError(f"{size} bytes are acknowledged, {stream.on_its_way} were sent")
                    stream.on_its_way -= size
                return []
            case "end":
                return [StreamEnded(number)] if self._streams.pop(number, None) is not None else []
        raise ProtocolError(f"a part of a message is open, data, ack or end, not {kind[:20]!r}")


def _content(data: Mapping[str, Any], buffers: Sequence[Packed]) -> Packed:
    text = data.get("text")
    if text is None:
        return b"".join(buffers) if len(buffers) != 1 else memoryview(buffers[0]).cast("B")
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise ProtocolError(f"the text of a message is not base64: {error}") from error


def _checked(part: object) -> tuple[int, str, int]:
    match part:
        case [int(number), str(kind), int(size)] if number >= 0 and size >= 0:
            return number, kind, size
    raise ProtocolError("a part of a message is [number, kind, size]")
