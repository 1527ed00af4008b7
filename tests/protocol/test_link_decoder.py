"""Operations of the Link on a byte stream that is cut anywhere."""

import contextlib
import struct
import tracemalloc
from collections.abc import Iterable
from mmap import mmap
from types import SimpleNamespace
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.errors import (
    LinkError,
    MalformedFrameError,
    MalformedMessageError,
    OversizeError,
    ProtocolError,
)
from jupyter_trame.protocol import link_decoder
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
    Pressure,
    Proof,
    Resume,
    Resumed,
    Seen,
    Settle,
    Snapshot,
    Stopped,
    Vacant,
    Write,
)
from jupyter_trame.protocol.link_decoder import LinkDecoder
from jupyter_trame.protocol.link_encoder import encode_op
from jupyter_trame.types import ClientId, Epoch, Packed

LIMIT = 1 << 24
BUFFER = 1 << 18

clients = st.text(max_size=8).map(ClientId)
numbers = st.integers(0, 2**53)
keys = st.text(max_size=8)
packed = st.binary(max_size=50) | st.sampled_from([bytes(5000), b"\x01" * 70_000])
pairs = st.lists(st.tuples(keys, packed), max_size=4)
operations: st.SearchStrategy[LinkOp] = st.one_of(
    st.builds(Join, st.text(max_size=5), st.text(max_size=5), st.binary(max_size=40)),
    st.builds(Proof, st.binary(max_size=40)),
    st.builds(Challenge, st.binary(max_size=40), st.binary(max_size=40)),
    st.builds(ClientOpened, clients, st.booleans(), st.binary(max_size=40), st.none() | keys),
    st.builds(ClientClosed, clients),
    st.builds(Write, clients, numbers, st.none() | keys, pairs),
    st.builds(Call, clients, packed, numbers),
    st.builds(
        Snapshot,
        keys.map(Epoch),
        numbers,
        st.dictionaries(keys, st.integers(0, 9), max_size=2),
        st.lists(st.tuples(keys, numbers, packed), max_size=4),
    ),
    st.builds(
        Commit,
        numbers,
        st.lists(st.tuples(keys, st.none() | packed), max_size=4),
        st.none() | st.tuples(clients, numbers),
        st.booleans(),
    ),
    st.builds(Settle, clients, numbers, numbers),
    st.builds(Message, packed, st.none() | clients, st.none() | clients, numbers),
    st.builds(Resume, numbers, st.binary(max_size=40), st.none() | keys, numbers),
    st.builds(
        Resumed,
        numbers,
        st.none() | clients,
        numbers,
        numbers,
        numbers,
        st.lists(keys, max_size=3),
        st.lists(st.tuples(numbers, st.lists(st.tuples(keys, st.none() | packed), max_size=3)), max_size=3),
    ),
    st.builds(CloseClient, clients, st.integers(1000, 4999), st.text(max_size=9)),
    st.builds(Seen, st.text(max_size=9).map(Epoch)),
    st.builds(Vacant, st.text(max_size=9)),
    st.builds(Stopped, st.integers(1000, 4999), st.text(max_size=9)),
    st.builds(Fetch, numbers, keys, numbers, numbers),
    st.builds(Pressure, numbers),
    st.builds(
        PageFiles,
        st.dictionaries(keys, st.builds(Folder, keys, numbers, numbers), max_size=3),
        st.dictionaries(keys, keys, max_size=2),
        st.booleans(),
    ),
    st.builds(Parcel, st.lists(st.none() | numbers | keys, max_size=4), packed),
    st.builds(File, numbers, st.integers(200, 599), numbers, numbers, packed),
)


def encoded(*ops: LinkOp) -> bytes:
    return b"".join(b"".join(encode_op(op)) for op in ops)


def frame(header: object, segments: bytes = b"", *, packed_header: bytes | None = None) -> bytes:
    head = msgpack.packb(header) if packed_header is None else packed_header
    return struct.pack("<II", 4 + len(head) + len(segments), len(head)) + head + segments


def read(decoder: LinkDecoder, data: Packed, sizes: Iterable[int]) -> list[LinkOp]:
    """As a socket does it: whatever lies there, but not more than the buffer takes."""
    ops: list[LinkOp] = []
    view = memoryview(data)
    for size in sizes:
        buffer = decoder.get_buffer()
        assert len(buffer) > 0
        size = min(size, len(buffer), len(view))
        buffer[:size] = view[:size]
        view = view[size:]
        del buffer
        ops += decoder.buffer_updated(size)
        while decoder.ready:
            ops += decoder.take()
    return [*ops, *read(decoder, view, [len(view)])] if view else ops


@given(st.lists(operations, max_size=6), st.data())
def test_operations_survive_any_cut_of_the_stream(ops: list[LinkOp], data: st.DataObject) -> None:
    stream = encoded(*ops)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    decoder = LinkDecoder(LIMIT)
    assert [op for piece in pieces for op in decoder.feed(piece)] == ops
    assert read(LinkDecoder(LIMIT), stream, map(len, pieces)) == ops


def test_byte_by_byte() -> None:
    ops: list[LinkOp] = [Commit(1, [("x", b"\x05")]), Stopped(1001, "bye")]
    decoder = LinkDecoder(LIMIT)
    assert [op for byte in encoded(*ops) for op in decoder.feed(bytes((byte,)))] == ops


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, BUFFER // 2, BUFFER - 30, BUFFER, BUFFER + 1, 3_000_000])
@pytest.mark.parametrize("step", [1000, BUFFER, 1 << 22])
def test_frames_of_all_sizes_between_small_ones(size: int, step: int) -> None:
    small = Settle(ClientId("c"), 1, 1)
    ops: list[LinkOp] = [
        small,
        Commit(1, [("x", b"x" * size)]),
        small,
        Call(ClientId("c"), b"y" * size),
        small,
    ]
    stream = encoded(*ops)
    assert read(LinkDecoder(LIMIT), stream, [step] * (len(stream) // step + 9)) == ops


def test_many_small_frames_use_one_buffer() -> None:
    ops: list[LinkOp] = [Settle(ClientId("c"), number, number) for number in range(40_000)]
    assert LinkDecoder(LIMIT).feed(encoded(*ops)) == ops


def test_a_large_value_is_a_view_and_a_small_one_is_not() -> None:
    (commit,) = LinkDecoder(LIMIT).feed(encoded(Commit(1, [("big", bytes(1_000_000)), ("small", b"s")])))
    assert isinstance(commit, Commit)
    (_, big), (_, small) = commit.values
    assert isinstance(big, memoryview)
    assert big.readonly
    assert type(small) is bytes


def test_large_memory_on_a_system_without_flags_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Windows, whose `mmap` takes no `flags`."""
    monkeypatch.setattr(link_decoder, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(link_decoder, "mmap", SimpleNamespace(mmap=lambda fileno, size: mmap(fileno, size)))
    memory = link_decoder._memory(link_decoder._MAPPED)
    memory[-1] = 7
    assert (len(memory), memory[0], memory[-1]) == (link_decoder._MAPPED, 0, 7)


def test_the_next_frame_does_not_change_the_last_one() -> None:
    decoder = LinkDecoder(LIMIT)
    first = decoder.feed(encoded(Call(ClientId("c"), b"a" * 10_000)))
    decoder.feed(encoded(Call(ClientId("c"), b"b" * 10_000)))
    assert first == [Call(ClientId("c"), b"a" * 10_000)]


def test_a_frame_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(OversizeError) as caught:
        LinkDecoder(100).feed(struct.pack("<I", 101))
    assert str(caught.value) == "a link frame of 101 bytes is over the limit of 100 bytes"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (struct.pack("<I", 0), MalformedFrameError),
        (struct.pack("<I", 3) + b"abc", MalformedFrameError),
        (struct.pack("<II", 4, 1), MalformedFrameError),
        (frame(None, packed_header=b""), MalformedMessageError),
        (frame(None, packed_header=b"\xc1"), MalformedMessageError),
        (frame(5), MalformedMessageError),
        (frame([]), MalformedMessageError),
        (frame([99]), MalformedMessageError),
        (frame([None]), MalformedMessageError),
        (frame([[1]]), MalformedMessageError),
        (frame([{"a": 1}]), MalformedMessageError),
        (frame([True, 1, "r", "s"]), MalformedMessageError),
        (frame([2]), MalformedMessageError),
        (frame([4, "c", 1, None, [["x"]]]), MalformedMessageError),
        (frame([4, "c", 1, None, 5]), MalformedMessageError),
        (frame([4, "c", 1, None, [["x", "1"]]]), MalformedMessageError),
        (frame([4, "c", 1, None, [["x", -1]]]), MalformedFrameError),
        (frame([4, "c", 1, None, [["x", 2]]], b"a"), MalformedFrameError),
        (frame([17, 1, False, 5, []]), MalformedMessageError),
        (frame([17, 1, False, ["c"], []]), MalformedMessageError),
        (frame([17, 1, False, None, [["x", -2]]]), MalformedFrameError),
        (frame([5, "c", 1, 2**63], b"a"), MalformedFrameError),
        (frame([2, "c", True, "hash", None]), MalformedMessageError),
        (frame([10, 1, "hash", None, 0]), MalformedMessageError),
        (frame([27, 1, "c", 0, 0, 0, [5], []]), MalformedMessageError),
        (frame([27, 1, "c", 0, 0, 0, [], [[1]]]), MalformedMessageError),
        (frame([27, 1, "c", 0, 0, 0, [], [[1, [["x", 2]]]]], b"a"), MalformedFrameError),
        (frame([22, {"a": ["/x", 1]}, {}, False]), MalformedMessageError),
        (frame([22, [], {}, False]), MalformedMessageError),
        (frame([1, LINK_VERSION, "r", ["s"], bytes(32)]), MalformedMessageError),
        (frame([1, LINK_VERSION, "r", "s", "nonce"]), MalformedMessageError),
        (frame([8, None]), MalformedMessageError),
        (frame([24, bytes(32), "proof"]), MalformedMessageError),
        (frame([23, 1, 200, 5, 0, 6], b"12345"), MalformedFrameError),
    ],
)
def test_malformed_frames(data: bytes, error: type[ProtocolError]) -> None:
    with pytest.raises(error):
        LinkDecoder(LIMIT).feed(data)


def test_a_snapshot_of_another_version_says_so() -> None:
    with pytest.raises(LinkError, match=f"speaks link version 99, this one speaks {LINK_VERSION}"):
        LinkDecoder(LIMIT).feed(encoded(Snapshot(Epoch("e"), 1, {}, [], version=99)))


@pytest.mark.parametrize("header", [[1, 1, "r", "secret/slug"], [1, 7, "r", "s", b"", {}], [1, 2]])
def test_a_join_of_another_version_says_so(header: list[Any]) -> None:
    with pytest.raises(
        LinkError, match=f"replica speaks link version {header[1]}, this kernel {LINK_VERSION}"
    ):
        LinkDecoder(LIMIT).feed(frame(header))


@given(operations, st.data())
def test_a_damaged_frame_raises_protocol_errors_only(op: LinkOp, data: st.DataObject) -> None:
    stream = bytearray(encoded(op))
    for _ in range(data.draw(st.integers(1, 4))):
        stream[data.draw(st.integers(0, min(len(stream), 60) - 1))] = data.draw(st.integers(0, 255))
    check_damage(bytes(stream))


@given(
    st.lists(st.none() | st.integers(-3, 30) | st.text(max_size=3) | st.lists(st.integers()), max_size=6),
    st.binary(),
)
def test_any_header_raises_protocol_errors_only(header: list[Any], segments: bytes) -> None:
    try:
        check_damage(frame(header, segments))
    except OverflowError:
        assert any(isinstance(item, list) for item in header), "msgpack does not pack it"


def check_damage(stream: bytes) -> None:
    with contextlib.suppress(ProtocolError, LinkError):
        LinkDecoder(1 << 20).feed(stream)


def test_many_operations_are_decoded_in_batches() -> None:
    ops = [Settle(ClientId("c"), number, 1) for number in range(1000)]
    stream = encoded(*ops)
    decoder = LinkDecoder(LIMIT)
    buffer = decoder.get_buffer()
    buffer[: len(stream)] = stream
    del buffer
    batches = [decoder.buffer_updated(len(stream))]
    while decoder.ready:
        batches.append(decoder.take())
    assert [len(batch) for batch in batches] == [256, 256, 256, 232]
    assert [op for batch in batches for op in batch] == ops


def test_a_large_frame_is_read_in_steps() -> None:
    """Nor is its memory set aside, which would have to be zeroed, before anything is in it."""
    size = 64 << 20
    decoder = LinkDecoder(1 << 30)
    tracemalloc.start()
    assert decoder.feed(struct.pack("<I", size)) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20
    assert len(decoder.get_buffer()) == BUFFER
