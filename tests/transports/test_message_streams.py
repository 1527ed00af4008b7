"""Streams over messages that are lost: what was sent arrives, in order, once, and never more than there is room for."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_trame.errors import ProtocolError
from jupyter_trame.transports.message_streams import (
    MessageStreams,
    StreamData,
    StreamEnded,
    StreamMessage,
    StreamOpened,
)

WINDOW, MESSAGE, LEAST = 40, 16, 1

steps = st.lists(
    st.one_of(
        st.tuples(st.just("open")),
        st.tuples(st.just("send"), st.integers(0, 1), st.integers(0, 3), st.integers(1, 60)),
        st.tuples(st.just("deliver"), st.integers(0, 1)),
        st.tuples(st.just("lose"), st.integers(0, 1)),
        st.tuples(st.just("cut")),
        st.tuples(st.just("halve")),
        st.tuples(st.just("end"), st.integers(0, 3)),
    ),
    max_size=60,
)


def size_of(message: StreamMessage) -> int:
    """Bytes of data."""
    return sum(size for _, kind, size in message.data["parts"] if kind == "data")


class Side:
    """One end: what it sent and got, and what lies on the way from it."""

    def __init__(self, *, as_text: bool) -> None:
        self.streams = MessageStreams(as_text=as_text, window=WINDOW, message=MESSAGE, least=LEAST)
        self.sent: dict[int, bytes] = {}
        self.got: dict[int, bytes] = {}
        self.ended: set[int] = set()
        self.way: list[StreamMessage] = []

    def post(self) -> None:
        while (message := self.streams.take()) is not None:
            assert sum(map(len, message.buffers)) <= MESSAGE
            self.way.append(message)

    def take(self, message: StreamMessage) -> int | None:
        for event in self.streams.receive(message.data, message.buffers):
            match event:
                case StreamOpened(number):
                    self.got[number] = b""
                case StreamData(number, data):
                    assert number not in self.ended
                    self.got[number] = self.got.get(number, b"") + bytes(data)
                    self.streams.acknowledge(number, len(data))
                case StreamEnded(number):
                    self.ended.add(number)
        return self.streams.gap


class World:
    """Both ends, and the way between them."""

    def __init__(self, *, one_as_text: bool, other_as_text: bool) -> None:
        self.sides = Side(as_text=one_as_text), Side(as_text=other_as_text)
        self.opened = 0

    def open(self) -> None:
        if self.opened < 4:
            assert self.sides[0].streams.open() == self.opened
            self.sides[0].got[self.opened] = b""
            self.opened += 1

    def send(self, index: int, stream: int, size: int) -> None:
        side = self.sides[index]
        data = bytes(n % 251 for n in range(min(size, side.streams.room(stream))))
        side.streams.send(stream, data)
        side.sent[stream] = side.sent.get(stream, b"") + data

    def deliver(self, index: int, *, lost: bool = False) -> None:
        author, reader = self.sides[index], self.sides[1 - index]
        author.post()
        if not author.way:
            return
        message = author.way.pop(0)
        if not lost and (gap := reader.take(message)) is not None:
            author.way[:0] = author.streams.again(gap)

    def lose(self, index: int) -> None:
        self.deliver(index, lost=True)

    def cut(self) -> None:
        for side in self.sides:
            side.post()
            side.way.clear()
        self.resume()

    def resume(self) -> None:
        for side, other in (self.sides, self.sides[::-1]):
            side.way.extend(side.streams.again(other.streams.received))

    def halve(self) -> None:
        """The way from the first side takes no message as large as one that left; those before arrive too late."""
        author, reader = self.sides
        author.post()
        largest = author.streams.largest
        if not author.streams.halve():
            assert largest <= LEAST
            return
        author.streams.end(99)
        assert author.streams.take() is None, "the other side has not said what it has got"
        reader.streams.expect(author.streams.halvings)
        late, author.way = author.way, []
        assert author.streams.again(reader.streams.received) == [], "what was sent is cut anew"
        got = dict(reader.got)
        assert [reader.take(message) for message in late] == [None] * len(late)
        assert reader.got == got
        author.post()
        assert all(size_of(message) <= max(largest // 2, LEAST) for message in author.way)

    def end(self, stream: int) -> None:
        self.sides[0].streams.end(stream)


@given(steps, st.booleans(), st.booleans())
@example([("open",), ("send", 0, 0, 1), ("lose", 0)], False, False)
@example([("open",), ("send", 0, 0, 40), ("deliver", 0), ("deliver", 0), ("halve",), ("halve",)], True, False)
def test_all_arrives_once_and_in_order(
    steps: list[tuple[Any, ...]], one_as_text: bool, other_as_text: bool
) -> None:
    world = World(one_as_text=one_as_text, other_as_text=other_as_text)
    for kind, *rest in steps:
        getattr(world, kind)(*rest)
    world.cut()
    while any(side.way or side.streams.waiting for side in world.sides):
        world.deliver(0)
        world.deliver(1)
    first, second = world.sides
    for stream in range(world.opened):
        assert second.got.get(stream, b"") == first.sent.get(stream, b"")
        if len(first.streams) == world.opened:  # none was ended: all of the other direction is here too
            assert first.got[stream] == second.sent.get(stream, b"")


def test_a_message_that_is_lost_is_asked_for_once() -> None:
    author, reader = MessageStreams(), MessageStreams()
    author.open()
    first = author.take()
    author.send(0, b"a")
    second = author.take()
    author.send(0, b"b")
    third = author.take()
    assert first is not None
    assert second is not None
    assert third is not None
    reader.receive(first.data, first.buffers)
    assert reader.gap is None
    assert reader.receive(third.data, third.buffers) == []
    assert reader.gap == 1
    assert reader.receive(third.data, third.buffers) == []
    assert reader.gap is None, "it was asked for"
    again = author.again(1)
    assert again == [second, third]
    assert [reader.receive(m.data, m.buffers) for m in again] == [
        [StreamData(0, b"a")],
        [StreamData(0, b"b")],
    ]
    assert reader.receive(second.data, second.buffers) == [], "it came before"


def test_what_has_arrived_is_kept_no_longer() -> None:
    one, other = MessageStreams(), MessageStreams()
    one.open()
    message = one.take()
    assert message is not None
    other.receive(message.data, message.buffers)
    other.send(0, b"x")
    answer = other.take()
    assert answer is not None
    one.receive(answer.data, answer.buffers)
    assert one.again(1) == []
    with pytest.raises(ProtocolError, match="messages 1 to 1 can be sent again, 0 was asked for"):
        one.again(0)


def message(**changes: Any) -> dict[str, Any]:
    return {"n": 0, "came": 0, "parts": [[0, "open", 0]], **changes}


@pytest.mark.parametrize(
    ("data", "buffers", "words"),
    [
        ({}, [], "has a number, how many came, and parts"),
        (message(n="0"), [], "has a number"),
        (message(came=1), [], "1 messages are confirmed, 0 were sent"),
        (message(parts=[[0, "open"]]), [], r"\[number, kind, size\]"),
        (message(parts=[[-1, "open", 0]]), [], r"\[number, kind, size\]"),
        (message(parts=[[0, "shout", 0]]), [], "open, data, ack or end, not 'shout'"),
        (message(parts=[[0, "open", 0], [0, "open", 0]]), [], "cannot be opened"),
        (message(parts=[[0, "open", 0], [0, "data", 5]]), [b"abc"], "5 bytes of a stream are announced, 3"),
        (message(parts=[[0, "open", 0]]), [b"abc"], "3 bytes came that belong to no stream"),
        (message(parts=[[0, "open", 0], [0, "ack", 1]]), [], "1 bytes are acknowledged, 0 were sent"),
        (message(text="?"), [], "is not base64"),
        (message(text=7), [], "is not base64"),
        (message(parts=[[0, "open", 0], [0, "data", 41]]), [b"x" * 41], "over 40 bytes"),
        (message(parts=[[n, "open", 0] for n in range(300)]), [], "too many"),
    ],
)
def test_what_is_no_message_of_streams_is_refused(
    data: dict[str, Any], buffers: list[bytes], words: str
) -> None:
    with pytest.raises(ProtocolError, match=words):
        MessageStreams(window=WINDOW).receive(data, buffers)


def test_more_than_there_is_room_for_is_a_mistake_of_the_caller() -> None:
    streams = MessageStreams(window=WINDOW)
    streams.open()
    with pytest.raises(ValueError, match="41 bytes are sent where there is room for 40"):
        streams.send(0, b"x" * 41)
    assert streams.room(7) == 0
    streams.send(7, b"x")
    assert len(streams) == 1


def test_less_is_sent_ahead_than_may_come() -> None:
    one, other = MessageStreams(window=WINDOW, ahead=10), MessageStreams(window=WINDOW, ahead=10)
    eager = MessageStreams(window=WINDOW, ahead=WINDOW)
    for sender in (one, eager):
        number = sender.open()
        room = sender.room(number)
        assert room == (WINDOW if sender is eager else 10)
        sender.send(number, b"x" * room)
        assert sender.room(number) == 0
        message = sender.take()
        assert message is not None
        receiver = other if sender is one else MessageStreams(window=WINDOW, ahead=10)
        assert StreamData(number, b"x" * room) in receiver.receive(message.data, message.buffers)


def test_streams_are_limited() -> None:
    streams = MessageStreams()
    for _ in range(256):
        streams.open()
    with pytest.raises(ProtocolError, match="at most 256 streams"):
        streams.open()


def test_a_sign_of_life_has_what_is_overdue_sent_again_and_not_what_may_be_on_its_way() -> None:
    streams = MessageStreams()
    number = streams.open()
    first = streams.take()
    assert streams.overdue(0) == [], "it may have left a moment ago"
    streams.send(number, b"later")
    second = streams.take()
    assert streams.overdue(0) == [first]
    assert streams.overdue(1) == [second]
    assert streams.overdue(2) == []
    with pytest.raises(ProtocolError, match="can be sent again, 3 was asked for"):
        streams.overdue(3)


def test_what_base64_adds_is_counted_at_both_ends() -> None:
    for as_text in (False, True):
        one, other = MessageStreams(as_text=as_text), MessageStreams()
        one.send(one.open(), bytes(3000))
        message = one.take()
        assert message is not None
        other.receive(message.data, message.buffers)
        assert (one.added, other.added) == ((1000, 1000) if as_text else (0, 0))


def test_what_was_halved_counts_once_for_what_base64_adds() -> None:
    streams = MessageStreams(as_text=True, message=3000, least=30)
    streams.send(streams.open(), bytes(3000))
    assert streams.take() is not None
    assert streams.halve()
    streams.again(0)
    while streams.take() is not None:
        pass
    assert streams.added == 1000


@pytest.mark.parametrize("halvings", [0, None, True, "2"])
def test_halvings_are_counted_upwards(halvings: object) -> None:
    streams = MessageStreams()
    streams.expect(1)
    with pytest.raises(ProtocolError, match="1 halvings of messages are known"):
        streams.expect(halvings)
