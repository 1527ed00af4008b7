"""Large documents, step by step: the same verdict as at once, and little work a step."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any
from unittest import mock

import msgpack
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_trame.protocol import walk as walks
from jupyter_trame.protocol.packing import unpack
from jupyter_trame.protocol.plain import one_plain
from jupyter_trame.protocol.readable import PartsError, check_readable, count_parts
from jupyter_trame.protocol.walk import (
    STEP,
    Inspection,
    Tally,
    array_header,
    read_header,
    take_run,
    unpack_steps,
    walk,
)
from tests.protocol.support import arrays, documents, same

MANY = 1 << 40


def run(going: Generator[int, None, Any]) -> tuple[Any, int]:
    """What it returns, and after how many steps."""
    count = 0
    while True:
        try:
            next(going)
        except StopIteration as end:
            return end.value, count
        count += 1


def steps(data: bytes, parts: int = MANY) -> tuple[int, int, Inspection]:
    """Where the document ends, how many steps that took, and what was seen."""
    inspection = Inspection(parts)
    end, count = run(walk(memoryview(data), 0, inspection))
    return end, count, inspection


def verdict(data: bytes) -> bool:
    try:
        return steps(data)[0] == len(data)
    except Exception:
        return False


def is_readable(data: bytes) -> bool:
    try:
        msgpack.unpackb(data, ext_hook=msgpack.ExtType, strict_map_key=False, unicode_errors="replace")
        check_readable(data)
    except Exception:
        return False
    return True


texts = st.text(max_size=20) | st.sampled_from(["__proto__", "a" * 60])
nested: st.SearchStrategy[Any] = st.recursive(
    documents | arrays | st.binary(min_size=30, max_size=90),
    lambda inner: (
        st.lists(inner, max_size=9)
        | st.dictionaries(texts, inner, max_size=9)
        | st.dictionaries(st.integers(0, 1 << 40), inner, max_size=9)
        | st.dictionaries(st.sampled_from([b"x", None, True]), inner, max_size=1)
    ),
    max_leaves=20,
)


@given(nested, st.sampled_from([32, 64, 200]))
def test_each_document_has_the_verdict_that_it_has_at_once(value: Any, step: int) -> None:
    data = msgpack.packb(value, default=one_plain)
    with mock.patch.object(walks, "STEP", step):
        assert verdict(data) == is_readable(data)


@given(nested, st.sampled_from([32, 64]))
def test_arrays_and_maps_are_counted(value: Any, step: int) -> None:
    data = msgpack.packb(value, default=one_plain)
    if is_readable(data):
        with mock.patch.object(walks, "STEP", step):
            assert MANY - steps(data)[2].left_parts == count_parts(data, 1000)


@given(st.binary(max_size=200), st.sampled_from([32, 64]))
def test_whatever_the_bytes_it_ends(data: bytes, step: int) -> None:
    with mock.patch.object(walks, "STEP", step):
        if verdict(data):
            assert is_readable(data)


@pytest.mark.parametrize(
    "data",
    [
        array_header(1 << 18) + b"\x80" * (1 << 18),
        array_header(1 << 16) + b"\x81\x01\xc0" * (1 << 16),
        array_header(100) + (b"\x91" * 900 + b"\xc0") * 100,
        b"\x91" * 900 + array_header(1 << 17) + b"\x01" * (1 << 17),
        msgpack.packb({f"{number:x}": number for number in range(50_000)}),
        msgpack.packb([{"name": "x", "values": [1.5] * 3000}] * 20),
    ],
    ids=["empty maps", "maps", "deep", "deep and long", "keys", "rows"],
)
def test_no_step_decodes_more_than_its_size(data: bytes) -> None:
    decoded: list[int] = []
    real = msgpack.unpackb

    def unpackb(document: bytes, **options: Any) -> Any:
        decoded.append(len(document))
        return real(document, **options)

    with mock.patch.object(msgpack, "unpackb", unpackb):
        end, count, _ = steps(data)
    assert end == len(data)
    assert count >= len(decoded)
    assert max(decoded) <= STEP + 1100, "with what makes it as deep as it is"
    assert count < len(data) / STEP * 4 + 1100, "and no step is much smaller"


def test_a_large_run_of_bytes_is_jumped_over() -> None:
    assert steps(msgpack.packb({"a": bytes(1 << 22), "b": "x" * (1 << 20)}))[1] < 10


def test_too_many_parts() -> None:
    data = array_header(20_000) + b"\x80" * 20_000
    steps(data, 20_001)
    with pytest.raises(PartsError):
        steps(data, 20_000)


def test_too_deep() -> None:
    for data in (b"\x91" * 5000 + b"\xc0", b"\x91" * 1010 + array_header(STEP) + b"\x01" * STEP):
        assert not verdict(data)
        assert not is_readable(data) or data[1009] == 0x91


@pytest.mark.parametrize("like", ["7", "-1", "1.5", "1e+21", "Infinity", "nan"])
def test_numbers_and_texts_of_numbers_as_keys_of_a_map_of_many_steps(like: str) -> None:
    """``1`` and ``"1"`` are one property in a browser, and would not be seen together."""
    texts = {**{f"key {number}": 1 for number in range(5000)}, like: 1}
    numbers: dict[Any, int] = dict.fromkeys(range(10_000, 15_000), 1)
    for value in ({**texts, **numbers}, {**numbers, **texts}, [{**numbers, "a": [texts], like: 1}]):
        with pytest.raises(ValueError, match="texts of numbers"):
            steps(msgpack.packb(value))


@pytest.mark.parametrize(
    "value",
    [
        {**dict.fromkeys(range(5000)), **{number + 0.5: None for number in range(5000)}},
        {
            **dict.fromkeys(range(5000)),
            **{f"{number} kg": 1 for number in range(5000)},
            "total": 1,
            "info": 2,
        },
        {str(number): {number: number, "sum": 1} for number in range(5000)},
        [dict.fromkeys(range(5000)), {str(number): None for number in range(5000)}],
    ],
    ids=["int and float", "numbers and names", "inner", "one each"],
)
def test_keys_that_differ_in_a_browser(value: Any) -> None:
    data = msgpack.packb(value)
    assert is_readable(data)
    assert steps(data)[0] == len(data)


def test_a_tally_counts_and_asks_for_nothing_else() -> None:
    value = [{b"x": [], 1: 2, "1": 3, "__proto__": msgpack.ExtType(78, b"x")}] * 3000
    data = msgpack.packb(value)
    tally = Tally(6001)
    assert run(walk(memoryview(data), 0, tally))[0] == len(data)
    assert tally.left_parts == 0
    with pytest.raises(PartsError):
        run(walk(memoryview(data), 0, Tally(6000)))
    assert verdict(msgpack.packb(dict.fromkeys(range(5000))))


@pytest.mark.parametrize("key", [b"x" * 2 * STEP, ["x"] * 2 * STEP], ids=["bytes", "array"])
def test_a_large_key_is_text(key: Any) -> None:
    packed = b"\x81" + msgpack.packb(key) + b"\xc0"
    with pytest.raises(ValueError, match="must be text or a number"):
        steps(packed)
    assert verdict(b"\x81" + msgpack.packb("x" * 2 * STEP) + b"\xc0")


def runs(value: Any) -> Iterator[bytes]:
    """The texts, bytes and extensions in `value`."""
    if isinstance(value, dict):
        yield from runs([*value, *value.values()])
    elif isinstance(value, list):
        for member in value:
            yield from runs(member)
    elif isinstance(value, str | bytes) or type(value).__module__ != "builtins":
        yield msgpack.packb(value, default=one_plain)


@pytest.mark.parametrize("kind", ["bin", "str", "ext"])
@pytest.mark.parametrize("size", [60_000, 1 << 20])
def test_one_long_run_is_few_steps_and_what_follows_is_as_many_as_ever(kind: str, size: int) -> None:
    long = {"bin": bytes(size), "str": "x" * size, "ext": msgpack.ExtType(5, bytes(size))}[kind]
    small: list[Any] = [[] for _ in range(20 * STEP)]
    for before in ([], [b"\xc6\xff\xff\xff\xff"], [b"\xc6\xff"]):
        data = msgpack.packb([*before, long, small])
        found, count = run(unpack_steps(memoryview(data)))
        assert found == [*before, long, small]
        assert 20 <= count <= 20 + 4 + size // (1 << 18)


def test_headers() -> None:
    assert read_header(memoryview(msgpack.packb([1, 2])), 0) == ("array", 2, 1)
    assert read_header(memoryview(msgpack.packb({"a": 1})), 0) == ("map", 1, 1)
    assert read_header(memoryview(msgpack.packb(bytes(300))), 0) == ("other", 300, 3)
    assert read_header(memoryview(b"\x07"), 0) == ("other", 0, 1)
    for cut in (b"", b"\xdd\0\0", b"\xdd\0\0\0\2\xc0", b"\x81\xc0", b"\xc5\0\5ab"):
        with pytest.raises(ValueError, match="cut short"):
            read_header(memoryview(cut), 0)


def test_a_run_takes_at_least_half_of_what_fits() -> None:
    data = memoryview(b"\x01" * 10 + msgpack.packb(bytes(2 * STEP)))
    count, end = take_run(data, 0, 11)
    assert 5 <= count == end <= 10
    assert take_run(data, 10, 1) == (0, 10)


@given(nested, st.sampled_from([16, 64]))
@example({256: None, 0x8AFC5: bytes(30), 65537: None, 1 << 32: None, 65536: [{"\x80" * 9: None}]}, 16)
def test_values_are_those_that_are_read_at_once(value: Any, step: int) -> None:
    data = msgpack.packb(value, default=one_plain)
    with mock.patch.object(walks, "STEP", step):
        found, count = run(unpack_steps(memoryview(data)))
    assert same(found, unpack(data, any_keys=True))
    sizes = [len(run) for run in runs(value) if len(run) > step]
    # A run of less than 256 bytes, whose header has another form, is never longer than the real step.
    if not any(size < 256 for size in sizes):
        assert count >= (len(data) - sum(sizes) - 1) // step
    with pytest.raises(ValueError, match="cut short"):
        list(unpack_steps(memoryview(msgpack.packb([value], default=one_plain))[:-1]))
