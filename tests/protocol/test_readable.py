"""What every client reads, and the words for what some do not."""

import contextlib
import datetime as dt
import traceback
import tracemalloc
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.protocol.arrays import ARRAY_TYPE
from jupyter_trame.protocol.packing import pack
from jupyter_trame.protocol.readable import (
    check_readable,
    count_parts,
    has_more_parts,
    key_fault,
    keys_fault,
    place,
)
from tests.protocol.support import documents

NO_ARRAY = msgpack.ExtType(ARRAY_TYPE, b"\xff")
KEY = "a map's key must be text or a number, got "
PROTO = "a map with the key '__proto__'"


@given(documents)
def test_what_is_packed_here_is_readable(value: Any) -> None:
    check_readable(pack(value))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({None: 1}, f"{KEY}NoneType None: convert it with str()"),
        ({True: 1}, f"{KEY}bool True"),
        ({b"a": 1}, f"{KEY}bytes b'a'"),
        ({(1, 2): 3}, f"{KEY}list [1, 2]"),
        ([{"a": [0, {(1,): 2}]}], f"at [0]['a'][1]: {KEY}list [1]"),
        ({"__proto__": 1}, PROTO),
        ({"a": {1: {"__proto__": 1}}}, f"at ['a'][1]: {PROTO}"),
        ({1: 1, "1": 2}, "the keys 1 and '1' of a map are the same in JavaScript"),
        ({1.0: 1, "1": 2}, "the keys 1.0 and '1' of a map are the same in JavaScript"),
        (NO_ARRAY, "1 bytes are no array"),
        ({"a": [1, NO_ARRAY]}, "at ['a'][1]: 1 bytes are no array"),
        ({msgpack.Timestamp(1): 1}, f"{KEY}Timestamp"),
    ],
    ids=repr,
)
def test_place_and_reason_are_named(value: Any, words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the words are compared below
        check_readable(msgpack.packb(value))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "value", [{1: 2, 2.5: 3}, {"a": b"x", 2**60: None}, [dt.datetime.now(dt.UTC)], {}, []]
)
def test_text_and_numbers_are_keys(value: Any) -> None:
    check_readable(msgpack.packb(value, datetime=True))


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", b"\x92\x01", b"\x91\xc1", b"\x91\x01\x02", b"\x91\xd7\xff" + b"\xff" * 8]
)
def test_what_is_no_msgpack_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_readable(data)


def test_depth_is_bounded() -> None:
    with pytest.raises(ValueError, match=r"."):
        check_readable(b"\x91" * 100_000 + b"\xc0")


@given(st.binary(max_size=60))
def test_only_value_errors_come_out(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        check_readable(data)


def test_an_extension_that_was_packed_here_is_not_read_again() -> None:
    check_readable(msgpack.packb(NO_ARRAY), extensions=False)


def test_half_characters_of_a_browser_are_readable() -> None:
    check_readable(b"\x91\xa3\xed\xa0\x80")


def test_a_long_key_is_cut() -> None:
    assert len(key_fault((1,) * 1000) or "") < 200
    assert keys_fault(["a", 1, 2.5]) is None
    assert place(()) == ""


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (5, 0),
        (b"\x80" * 100, 0),
        ("\u0080" * 100, 0),
        ([], 1),
        ([[]] * 10, 11),
        ([{}] * 10, 11),
        ([{"a": []}] * 5, 11),
        ({1: {2: {3: [4]}}}, 4),
        ([msgpack.ExtType(78, b"\x90" * 20), msgpack.Timestamp(1)], 1),
        ([list(range(20))] * 20, 21),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_arrays_and_maps_are_counted(value: Any, parts: int) -> None:
    packed = msgpack.packb(value)
    assert count_parts(packed, 1000) == parts
    assert not has_more_parts(memoryview(packed), parts)
    assert parts == 0 or has_more_parts(packed, parts - 1)
    assert count_parts(packed, 3) == min(parts, 4)


@given(st.binary())
def test_whatever_the_bytes_they_can_be_counted(data: bytes) -> None:
    assert 0 <= count_parts(data, 5) <= 6
    has_more_parts(data, 5)


def test_what_is_counted_takes_no_memory() -> None:
    packed = b"\xdd" + (1 << 20).to_bytes(4, "big") + b"\x80" * (1 << 20)
    tracemalloc.start()
    try:
        assert has_more_parts(packed, 1 << 19)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_what_is_refused_has_no_words_of_a_library_above_ours() -> None:
    with pytest.raises(ValueError, match="a map's key must be text or a number") as caught:
        check_readable(msgpack.packb({(1, 2): 3}))
    assert "unhashable" not in "".join(traceback.format_exception(caught.value))
