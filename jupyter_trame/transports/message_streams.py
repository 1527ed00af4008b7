"""Byte streams over the messages of one comm: numbered, windowed both ways, in as few messages as there are turns.

Sans-IO: `take` gives the next message, `receive` says what one brought. Messages come in the order in which they were
sent or not at all (a Jupyter server drops what is above its rate, and a connection may break), so each carries a number
and how many of the other side's have come; those that have not been confirmed are kept, and sent again when the other
side says where the gap begins. What a way does not take at all is cut into smaller ones. The format is in PROTOCOL.md,
"A link over kernel messages".
"""

from __future__ import annotations

import base64
import binascii
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jupyter_trame.errors import ProtocolError
from jupyter_trame.types import Packed

__all__ = ["MessageStreams", "StreamData", "StreamEnded", "StreamEvent", "StreamMessage", "StreamOpened"]

WINDOW = 4 << 20
"""Bytes of a stream that the other side may send ahead."""
AHEAD = 1 << 20
"""Bytes of a stream that are sent ahead: what a gateway passes on to all clients of a kernel before their replies."""
MESSAGE = 256 << 10
"""Bytes of one message: a gateway's loop is held for some milliseconds, base64 included."""
LEAST = 4 << 10
"""Bytes of data that every way takes in one message; a message has about a kilobyte beside them."""
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

    def __init__(
        self,
        *,
        as_text: bool = False,
        window: int = WINDOW,
        ahead: int = AHEAD,
        message: int = MESSAGE,
        least: int = LEAST,
    ) -> None:
        """`as_text`: bytes leave as base64, since buffers do not arrive. `window` and `ahead` in bytes of a stream.

        `message` and `least` in bytes of data: what a message has at most, and what it may have at any rate.
        """
        self.as_text = as_text
        self._window = window
        self._ahead = min(ahead, window)
        self._message = message
        self._least = least
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
        self.halvings = 0
        """How often messages have become smaller; the numbers of those before mean nothing any more."""
        self._halving = False
        """Whether the other side has yet to say what it has got of them."""
        self._their_halvings = 0
        """How often the other side's have."""

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def received(self) -> int:
        """Messages that have come, without a gap."""
        return self._received

    @property
    def waiting(self) -> bool:
        """Whether `take` has a message."""
        return bool(self._parts) and not self._halving

    @property
    def confirmed(self) -> int:
        """Messages of which the other side has said that they came."""
        return self._unconfirmed[0][0] if self._unconfirmed else self._sent

    @property
    def largest(self) -> int:
        """Bytes of data in the largest message that left and may not have arrived."""
        return max((_size(message) for _, message in self._unconfirmed), default=0)

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
        return 0 if stream is None else self._ahead - stream.on_its_way

    def send(self, number: int, data: Packed) -> None:
        """Send the next bytes of a stream, at most as many as there is `room` for; dropped when it has ended."""
        stream = self._streams.get(number)
        if stream is None or not len(data):
            return
        if len(data) > self._ahead - stream.on_its_way:
            raise ValueError(f"{len(data)} bytes are sent where there is room for {self.room(number)}")
        stream.on_its_way += len(data)
        self._parts.extend(self._pieces(_Part(number, "data", len(data), data)))

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
        if not self.waiting:
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
        if self.halvings:
            data["halvings"] = self.halvings
        content = b"".join(part.data for part in taken)
        buffers = [content] if size and not self.as_text else []
        if size and self.as_text:
            text = data["text"] = base64.b64encode(content).decode("ascii")
            self.added += len(text) - size
        message = StreamMessage(data, buffers)
        self._unconfirmed.append((self._sent, message))
        self._sent += 1
        return message

    def halve(self) -> bool:
        """Send what the other side has not got in messages of half the size; whether they can be smaller.

        Nothing leaves until the other side was told of it (`halvings`), and `again` has its answer.
        """
        largest = self.largest
        if largest <= self._least:
            return False
        self._message = max(largest // 2, self._least)
        self.halvings += 1
        self._halving = True
        return True

    def expect(self, halvings: object) -> None:
        """The other side has halved its messages so often: those of before, which may come late, count no more.

        Raises `ProtocolError` for what is no such number.
        """
        if type(halvings) is not int or halvings < self._their_halvings:
            raise ProtocolError(f"{self._their_halvings} halvings of messages are known, not {halvings!r}")
        self._their_halvings = halvings

    def request(self, number: int) -> dict[str, Any]:
        """What is said to the other side so that it sends again from `number` on."""
        known = {"halvings": self._their_halvings} if self._their_halvings else {}
        return {"jt": "again", "n": number, **known}

    def again(self, number: object) -> list[StreamMessage]:
        """The messages from `number` on, which the other side has not got. Raises `ProtocolError` if it has one."""
        first = self.confirmed
        if type(number) is not int or not first <= number <= self._sent:
            raise ProtocolError(
                f"messages {first} to {self._sent} can be sent again, {number!r} was asked for"
            )
        self._confirm(number)
        if self._halving:
            self._cut_smaller(number)
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
        if data.get("halvings", 0) != self._their_halvings:
            self._gap = False
            return []
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

    def _cut_smaller(self, number: int) -> None:
        """What has not come becomes parts again, the first of which leaves with the number `number`."""
        parts: list[_Part] = []
        for _, message in self._unconfirmed:
            parts.extend(_parts(message))
            if "text" in message.data:
                self.added -= len(message.data["text"]) - _size(message)
        self._unconfirmed.clear()
        self._parts = deque(piece for part in (*parts, *self._parts) for piece in self._pieces(part))
        self._sent = number
        self._known = min(self._known, number)
        self._halving = False

    def _pieces(self, part: _Part) -> Iterator[_Part]:
        """The part, in several where it has more data than a message may."""
        if part.size <= self._message or part.kind != "data":
            yield part
            return
        view = memoryview(part.data)
        for start in range(0, len(view), self._message):
            piece = view[start : start + self._message]
            yield _Part(part.number, "data", len(piece), piece)

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


def _size(message: StreamMessage) -> int:
    return sum(size for _, kind, size in message.data["parts"] if kind == "data")


def _parts(message: StreamMessage) -> Iterator[_Part]:
    """What a message of ours was made of."""
    content = memoryview(_content(message.data, message.buffers))
    start = 0
    for number, kind, size in message.data["parts"]:
        if kind == "data":
            yield _Part(number, kind, size, content[start : start + size])
            start += size
        else:
            yield _Part(number, kind, size)


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
