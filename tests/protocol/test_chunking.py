"""Messages as chunks, in any order."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.errors import MalformedFrameError, OversizeError, ProtocolError
from jupyter_trame.protocol.chunking import HEADER, Assembler, Gathered, gather, split


def chunk(message_id: int, offset: int, total: int, data: bytes) -> bytes:
    return HEADER.pack(message_id, offset, total) + data


def assembler(limit: int = 1000, partial_messages: int = 4) -> Assembler:
    return Assembler(limit, partial_messages)


# -- split


def test_a_small_message_is_one_frame() -> None:
    assert split([b"ab", b"c"], 7, 64) == [chunk(7, 0, 3, b"abc")]


def test_a_message_that_just_fits_is_one_frame() -> None:
    assert [len(frame) for frame in split([bytes(52)], 1, 64)] == [64]
    assert [len(frame) for frame in split([bytes(53)], 1, 64)] == [64, 13]


def test_an_empty_message_has_no_frame() -> None:
    assert split([], 1, 64) == []
    assert split([b"", b""], 1, 64) == []


def test_a_frame_carries_at_least_one_byte() -> None:
    assert split([b"ab"], 1, 5) == [chunk(1, 0, 2, b"a"), chunk(1, 1, 2, b"b")]


@given(st.lists(st.binary(max_size=60)), st.integers(1, 80))
def test_no_frame_is_over_the_limit(parts: list[bytes], limit: int) -> None:
    frames = split([memoryview(part) for part in parts], 9, limit)
    assert all(len(frame) <= max(limit, HEADER.size + 1) for frame in frames)
    assert b"".join(frame[HEADER.size :] for frame in frames) == b"".join(parts)


# -- gather


@given(st.lists(st.sampled_from([0, 1, 10, 16_383, 16_384, 70_000]), max_size=12), st.integers(13, 100_000))
def test_gathered_frames_are_those_of_split(sizes: list[int], limit: int) -> None:
    parts = [bytes([number]) * size for number, size in enumerate(sizes)]
    if limit < 1000 and sum(sizes) > 20_000:
        limit += 10_000  # or there would be thousands
    frames = gather(parts, 9, limit)
    assert [bytes(frame) for frame in frames] == split(parts, 9, limit)
    assert [len(frame) for frame in frames] == [len(bytes(frame)) for frame in frames]


def test_a_large_part_is_not_copied() -> None:
    large = bytes(100_000)
    frames = gather([b"head", large, b"tail"], 1, 50_000)
    assert len(frames) == 3
    for frame in frames:
        assert isinstance(frame, Gathered)
        assert any(isinstance(part, memoryview) and part.obj is large for part in frame.parts)
    (whole,) = gather([b"head", large], 1, 1 << 20)
    assert isinstance(whole, Gathered)
    assert whole.parts[-1] is large


def test_a_message_that_is_too_large_is_not_gathered() -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return 1 << 32

    with pytest.raises(OversizeError, match="a message"):
        gather([Huge()], 1, 1 << 22)


# -- Assembler


@given(st.lists(st.binary(min_size=1, max_size=100), min_size=1, max_size=4), st.integers(13, 40), st.data())
def test_chunks_arrive_in_any_order_and_interleave(
    messages: list[bytes], limit: int, data: st.DataObject
) -> None:
    frames = [frame for index, message in enumerate(messages) for frame in split([message], index, limit)]
    receiver = assembler()
    whole = [
        bytes(payload)
        for frame in data.draw(st.permutations(frames))
        if (payload := receiver.feed(frame)) is not None
    ]
    assert sorted(whole) == sorted(messages)


def test_the_payload_of_one_chunk_is_a_view_on_the_frame() -> None:
    frame = chunk(1, 0, 3, b"abc")
    payload = assembler().feed(frame)
    assert isinstance(payload, memoryview)
    assert payload.obj is frame


def test_an_id_can_be_used_again() -> None:
    receiver = assembler()
    for _ in range(10):
        assert receiver.feed(chunk(1, 0, 2, b"a")) is None
        assert receiver.feed(chunk(1, 1, 2, b"b")) == b"ab"
        assert receiver.feed(chunk(1, 0, 1, b"x")) == b"x"


@pytest.mark.parametrize(("offset", "data"), [(2, b"cd"), (1, b"b"), (3, b"def"), (0, b"abcdef"), (5, b"f")])
def test_bytes_that_came_already_are_refused(offset: int, data: bytes) -> None:
    receiver = Assembler(100, 4)
    assert receiver.feed(chunk(1, 2, 6, b"cd")) is None
    assert receiver.feed(chunk(1, 5, 6, b"f")) is None
    if offset == 1:
        assert receiver.feed(chunk(1, offset, 6, data)) is None
        assert receiver.feed(chunk(1, 0, 6, b"a")) is None
        assert receiver.feed(chunk(1, 4, 6, b"e")) == b"abcdef"
    else:
        with pytest.raises(MalformedFrameError, match="came twice"):
            receiver.feed(chunk(1, offset, 6, data))


def test_no_header_can_say_more_than_four_gigabytes() -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return 1 << 32

    with pytest.raises(OversizeError, match="a message of 4294967296 bytes"):
        split([Huge()], 1, 1 << 20)


@pytest.mark.parametrize("size", range(12))
def test_a_frame_without_a_whole_header(size: int) -> None:
    with pytest.raises(MalformedFrameError, match=f"12 bytes, this one has {size} bytes"):
        assembler().feed(bytes(size))


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (chunk(1, 0, 2, b"abc"), "ends at byte 3 of a message of 2 bytes"),
        (chunk(1, 2, 2, b"a"), "ends at byte 3"),
        (chunk(1, 0xFFFFFFFF, 2, b"a"), "ends at byte 4294967296"),
        (chunk(1, 0, 2, b""), "carries no byte"),
        (chunk(1, 1, 0, b""), "ends at byte 1 of a message of 0 bytes"),
    ],
)
def test_a_chunk_that_does_not_fit_its_message(frame: bytes, reason: str) -> None:
    with pytest.raises(MalformedFrameError, match=reason):
        assembler().feed(frame)


def test_the_total_may_not_change() -> None:
    receiver = assembler()
    receiver.feed(chunk(1, 0, 4, b"a"))
    with pytest.raises(MalformedFrameError, match="a message of 4 bytes became one of 5 bytes"):
        receiver.feed(chunk(1, 1, 5, b"b"))


def test_the_limit_is_the_last_size_accepted_and_is_named() -> None:
    assert assembler(512).feed(chunk(1, 0, 512, bytes(512))) is not None
    with pytest.raises(OversizeError) as caught:
        assembler(512).feed(chunk(1, 0, 513, bytes(513)))
    assert str(caught.value) == "a message of 513 bytes is over the limit of 512 bytes"
    assert (caught.value.size, caught.value.limit, caught.value.close_code) == (513, 512, 1009)


def test_an_oversize_message_is_refused_by_its_first_chunk() -> None:
    with pytest.raises(OversizeError):
        assembler(512).feed(chunk(1, 0, 0xFFFFFFFF, b"a"))


def test_incomplete_messages_share_the_limit() -> None:
    receiver = assembler(100)
    receiver.feed(chunk(1, 0, 60, b"a"))
    with pytest.raises(OversizeError, match="all incomplete messages together of 101 bytes"):
        receiver.feed(chunk(2, 0, 41, b"a"))
    receiver.feed(chunk(2, 0, 40, b"a"))
    assert receiver.feed(chunk(1, 1, 60, bytes(59))) is not None
    receiver.feed(chunk(3, 0, 60, b"a"))


def test_what_is_announced_takes_no_memory() -> None:
    receiver = assembler(1 << 30)
    tracemalloc.start()
    try:
        assert receiver.feed(chunk(1, 0, 1 << 30, b"a")) is None
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_large_message_is_joined() -> None:
    message = bytes(range(256)) * 10_000
    receiver = assembler(len(message))
    frames = split([message], 1, 700_001)
    *_, payload = [receiver.feed(frame) for frame in reversed(frames)]
    assert len(frames) == 4
    assert payload == message


def test_the_number_of_incomplete_messages_is_bounded() -> None:
    receiver = assembler(partial_messages=2)
    receiver.feed(chunk(1, 0, 2, b"a"))
    receiver.feed(chunk(2, 0, 2, b"a"))
    with pytest.raises(MalformedFrameError, match="more than 2 messages are incomplete"):
        receiver.feed(chunk(3, 0, 2, b"a"))
    assert receiver.feed(chunk(4, 0, 2, b"ab")) == b"ab"


def test_the_number_of_chunks_before_their_turn_is_bounded() -> None:
    """Each takes much more than its byte, and sorting in one more takes longer the more there are."""
    receiver = assembler(1 << 20)
    for number in range(4096):
        receiver.feed(chunk(1, 1 + 2 * number, 1 << 20, b"x"))
    with pytest.raises(
        MalformedFrameError, match="more than 4096 chunks of a message came before their turn"
    ):
        receiver.feed(chunk(1, 1 << 19, 1 << 20, b"x"))


@given(
    st.lists(st.binary(max_size=40), max_size=20), st.lists(st.tuples(*[st.integers(0, 40)] * 3), max_size=20)
)
def test_nothing_but_protocol_errors_comes_out(raw: list[bytes], headers: list[tuple[int, int, int]]) -> None:
    receiver = assembler(60, 3)
    frames = raw + [chunk(*header, bytes(header[1] % 7)) for header in headers]
    for frame in frames:
        try:
            payload = receiver.feed(frame)
        except ProtocolError:
            continue
        assert payload is None or len(payload) <= 60
