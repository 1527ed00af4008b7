"""Reading what can be read of a document."""

from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.errors import MalformedMessageError
from jupyter_trame.protocol.packing import pack, unpack
from jupyter_trame.protocol.tolerant import Loss, read_tolerantly

BAD_TIME = b"\xc7\x03\xff\0\0\1"
BAD_ARRAY = b"\xd4\x4e\x01"
BAD_KEY = b"\x81\x91\x01\x02"
"""A map whose key is an array."""
BAD_CODE = b"\xd4\xfe\x01"

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(-9, 9), inner),
    max_leaves=30,
)


def document(*items: bytes) -> bytes:
    """An array of packed items."""
    return msgpack.Packer().pack_array_header(len(items)) + b"".join(items)


@given(VALUES)
def test_what_can_be_read_is_read_as_the_first_time(value: Any) -> None:
    packed = msgpack.packb(value)
    expected = msgpack.unpackb(packed, strict_map_key=False)
    found, losses = read_tolerantly(packed)
    assert losses == []
    assert repr(found) == repr(expected)


@pytest.mark.parametrize("size", [1, 2, 4, 8, 16, 3, 300, 70_000])
def test_values_of_every_length(size: int) -> None:
    value = [
        msgpack.ExtType(5, bytes(size)),
        bytes(size),
        "x" * size,
        [None] * size,
        dict.fromkeys(range(size)),
    ]
    assert read_tolerantly(msgpack.packb(value)) == (value, [])


def test_arrays_and_times() -> None:
    value = [np.arange(6.0).reshape(2, 3), msgpack.Timestamp(5, 7)]
    (array, time), losses = read_tolerantly(pack(value))
    assert (array == value[0]).all()
    assert (time, losses) == (value[1], [])


@pytest.mark.parametrize("bad", [BAD_TIME, BAD_ARRAY, BAD_CODE])
def test_a_part_is_lost_alone_and_its_place_is_named(bad: bytes) -> None:
    packed = msgpack.packb({"a": [1, {"b": 2}], "c": 3}).replace(b"\x02", bad)
    with pytest.raises(MalformedMessageError):
        unpack(packed)
    value, (loss,) = read_tolerantly(packed)
    assert value == {"a": [1, {"b": None}], "c": 3}
    assert loss.path == ("a", 1, "b")
    assert str(loss).startswith("at ['a'][1]['b']: ")


def test_a_member_with_an_unreadable_key_is_left_out() -> None:
    value, losses = read_tolerantly(document(b"\x01", BAD_KEY, b"\x81" + BAD_TIME + b"\x01", b"\x05"))
    assert value == [1, {}, {}, 5]
    assert [loss.path for loss in losses] == [(1,), (2,)]
    assert losses[0].reason == "a map's key is a list"


@pytest.mark.parametrize("depth", [101, 2000, 100_000])
def test_what_is_too_deep_is_passed_over(depth: int) -> None:
    for deep in (b"\x91" * depth, b"\x81\xa1k" * depth, b"\xdc\0\1" * depth, b"\xdf\0\0\0\1\xc0" * depth):
        for last in (b"\x01", BAD_CODE, b"\xc7\x03\x05abc", b"\xa1x"):
            value, (loss,) = read_tolerantly(document(deep + last, b"\x07"))
            assert value[1] == 7
            assert loss.path[0] == 0
            assert "in each other" in loss.reason


@pytest.mark.parametrize(
    "packed", [b"", b"\xc1", b"\x92\x01", b"\xa5abc", b"\x01\x02", b"\xdd\xff\xff\xff\xff", b"\xcb\0"]
)
def test_where_nobody_knows_what_follows_nothing_is_read(packed: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        read_tolerantly(packed)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(packed: bytes) -> None:
    try:
        losses = read_tolerantly(packed)[1]
    except MalformedMessageError:
        return
    assert isinstance(losses, list)
    assert all(isinstance(loss, Loss) for loss in losses)
