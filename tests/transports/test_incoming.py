"""Frames of clients, right and broken ones, cut anywhere."""

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.transports.incoming import BINARY, CLOSE, PING, TEXT, FrameReader, FrameViolation
from tests.transports.support import masked

MASK = b"\x01\x02\x03\x04"


def read(stream: bytes, *, limit: int = 1000, step: int = 1 << 20) -> list[tuple[int, bytes]]:
    reader = FrameReader(limit)
    return [message for at in range(0, len(stream), step) for message in reader.feed(stream[at : at + step])]


@given(
    st.lists(st.tuples(st.binary(max_size=300), st.integers(0, 300), st.booleans()), max_size=8),
    st.integers(1, 700),
)
def test_messages_arrive_however_their_bytes_are_cut(given: list[tuple[bytes, int, bool]], step: int) -> None:
    stream, expected = b"", []
    for payload, cut, fragmented in given:
        if fragmented:
            stream += masked(payload[:cut], MASK, final=False) + masked(b"p", MASK, opcode=PING)
            stream += masked(payload[cut:], MASK, opcode=0)
            expected += [(PING, b"p"), (BINARY, payload)]
        else:
            stream += masked(payload, MASK)
            expected.append((BINARY, payload))
    assert read(stream, step=step) == expected


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 1 << 20])
@pytest.mark.parametrize("step", [100_000, 1 << 22])
def test_every_size(size: int, step: int) -> None:
    payload = random.Random(size).randbytes(size)
    assert read(masked(payload, MASK) * 2, limit=size, step=step) == [(BINARY, payload)] * 2


BROKEN = {
    "no mask": (b"\x82\x01x", 1002),
    "reserved bit": (b"\xc2\x80" + MASK, 1002),
    "reserved opcode": (b"\x83\x80" + MASK, 1002),
    "reserved control opcode": (b"\x8b\x80" + MASK, 1002),
    "control frame in pieces": (b"\x09\x80" + MASK, 1002),
    "long control frame": (b"\x89\xfe\x00\x7e" + MASK, 1002),
    "continuation of nothing": (b"\x80\x80" + MASK, 1002),
    "message within a message": (b"\x02\x80" + MASK + b"\x82\x80" + MASK, 1002),
    "close of one byte": (masked(b"\x03", MASK, opcode=CLOSE), 1002),
    "close code that nobody sends": (masked((1005).to_bytes(2), MASK, opcode=CLOSE), 1002),
    "close code below all": (masked((999).to_bytes(2), MASK, opcode=CLOSE), 1002),
    "close reason that is no text": (masked((1000).to_bytes(2) + b"\xff", MASK, opcode=CLOSE), 1007),
    "text that is no text": (masked(b"\xff", MASK, opcode=TEXT), 1007),
    "too large": (b"\x82\xfe\x03\xe9" + MASK, 1009),
    "larger than memory": (b"\x82\xff" + b"\xff" * 8, 1009),
    "pieces that are too large": (masked(bytes(600), MASK, final=False) + b"\x80\xfe\x01\x91" + MASK, 1009),
}


@pytest.mark.parametrize("step", [1, 1 << 20])
@pytest.mark.parametrize("name", BROKEN)
def test_a_violation_ends_the_reading(name: str, step: int) -> None:
    stream, code = BROKEN[name]
    reader = FrameReader(1000)
    with pytest.raises(FrameViolation) as caught:
        for at in range(0, len(stream), step):
            list(reader.feed(stream[at : at + step]))
    assert caught.value.code == code
    assert len(str(caught.value)) < 120
    assert reader.ended
    assert reader.held == 0
    assert list(reader.feed(masked(b"later", MASK))) == []
    assert list(reader.feed(stream)) == []


def test_what_came_before_the_violation_is_handled() -> None:
    messages = FrameReader(10).feed(masked(b"good", MASK) + b"\x83\x80")
    assert next(messages) == (BINARY, b"good")
    with pytest.raises(FrameViolation):
        next(messages)


def test_nothing_counts_after_a_close_frame() -> None:
    close = masked((1000).to_bytes(2) + b"bye", MASK, opcode=CLOSE)
    assert read(close + masked(b"late", MASK)) == [(CLOSE, (1000).to_bytes(2) + b"bye")]
    assert read(masked(b"", MASK, opcode=CLOSE)) == [(CLOSE, b"")]


def test_the_limit_may_grow_between_two_frames_of_one_read() -> None:
    reader, got = FrameReader(4), []
    for _, payload in reader.feed(masked(b"1234", MASK) + masked(bytes(100), MASK)):
        got.append(len(payload))
        reader.limit = 100
    assert got == [4, 100]


def test_what_is_held_is_what_came() -> None:
    reader = FrameReader(1 << 30)
    assert list(reader.feed(b"\x82\xff" + (1 << 30).to_bytes(8) + MASK + bytes(50))) == []
    assert reader.held == 64
    before = reader.received
    assert list(reader.feed(bytes(10))) == []
    assert reader.held == 74
    assert reader.received == before + 10 == 74


@pytest.mark.parametrize("step", [1, 3, 1000, 5000, 65_536, 65_550, 1 << 20])
def test_a_large_frame_is_the_same_however_it_comes(step: int) -> None:
    large = bytes(range(251)) * 300
    stream = (
        masked(b"before", MASK) + masked(large, MASK) + masked(b"x", MASK, opcode=PING) + masked(large, MASK)
    )
    reader, got = FrameReader(1 << 20), []
    for at in range(0, len(stream), step):
        got += list(reader.feed(stream[at : at + step]))
        assert reader.held <= len(large) + 14
    assert got == [(BINARY, b"before"), (BINARY, large), (PING, b"x"), (BINARY, large)]
    assert reader.held == 0
    assert reader.missing <= 2
    assert reader.received == len(stream) - 7


def test_a_large_frame_of_single_bytes_takes_little_more_than_they_are() -> None:
    reader = FrameReader(1 << 30)
    list(reader.feed(b"\x82\xff" + (1 << 30).to_bytes(8) + MASK))
    tracemalloc.start()
    try:
        for _ in range(100_000):
            list(reader.feed(b"x"))
        assert tracemalloc.get_traced_memory()[0] < 200_000
    finally:
        tracemalloc.stop()


def test_a_large_text_is_looked_at_when_it_is_there() -> None:
    reader = FrameReader(1 << 20)
    stream = masked(b"\xff" * 100_000, MASK, opcode=TEXT)
    list(reader.feed(stream[:50_000]))
    with pytest.raises(FrameViolation):
        list(reader.feed(stream[50_000:]))
    assert reader.ended
    assert reader.held == 0


def test_pings_are_no_progress() -> None:
    reader = FrameReader(10)
    assert list(reader.feed(masked(b"x", MASK, opcode=PING))) == [(PING, b"x")]
    assert reader.received == 0


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_bytes_give_messages_or_one_violation(pieces: list[bytes]) -> None:
    reader = FrameReader(50)
    for piece in pieces:
        try:
            for opcode, payload in reader.feed(piece):
                assert opcode in {1, 2, 8, 9, 10}
                assert len(payload) <= 125
        except FrameViolation:
            assert reader.ended
        assert reader.held <= 64 + 50


def test_half_a_control_frame_counts_as_little_as_a_whole_one() -> None:
    """Or who sends pings in two pieces keeps half a message for ever."""
    ping = masked(b"ping", b"\1\2\3\4", opcode=9)
    reader = FrameReader(1000)
    assert list(reader.feed(masked(b"whole", b"\1\2\3\4")[:5])) == []
    reader = FrameReader(1000)
    for cut in range(1, len(ping)):
        for piece in (ping[:cut], ping[cut:]):
            list(reader.feed(piece))
            assert reader.received == 0
    for at in range(len(ping)):
        list(reader.feed(ping[at : at + 1]))
        assert reader.received == 0
