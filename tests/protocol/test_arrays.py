"""Payloads of arrays: what is packed, what is refused, and the check that needs no numpy."""

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.protocol.arrays import check_array, pack_array, read_array
from tests.protocol.support import arrays, same


@given(arrays)
def test_what_is_packed_is_right(array: Any) -> None:
    payload = pack_array(array)
    check_array(payload)
    assert same(array, read_array(payload))


def payload(dtype: str, shape: tuple[int, ...], size: int) -> bytes:
    name = dtype.encode()
    head = struct.pack(f"<B{len(name)}sB{len(shape)}I", len(name), name, len(shape), *shape)
    return head + bytes(-len(head) % 8) + bytes(size)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\x03<f",
        b"\x02\xff\xff\x00",
        b"\x03<f8\x09\x00",
        payload("<f8", (2,), 15),
        payload("<f8", (2,), 17),
        payload("<f8", (3, 3), 8),
        payload("<f8", (2**32 - 1,) * 8, 8),
        payload("|O", (1,), 8),
        payload("what", (1,), 8),
        payload("|b2", (1,), 1),
    ],
    ids=repr,
)
def test_what_is_no_array_is_refused_without_numpy(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\d+ bytes are no |no type of an array"):
        check_array(data)


@given(
    st.sampled_from(["<f8", "|u1", "<i2", "|S3", "<U2", "<M8[ns]", "|b1", "<c8", "|V4", "?", "x", ">f4"]),
    st.lists(st.integers(0, 4), max_size=3),
    st.integers(0, 70),
)
def test_what_passes_the_check_is_read(dtype: str, shape: list[int], size: int) -> None:
    data = payload(dtype, tuple(shape), size)
    try:
        check_array(data)
    except ValueError:
        return
    assert read_array(data).shape == tuple(shape)


def test_masked_values_are_never_sent() -> None:
    floats = np.ma.array([1.0, 99.0], mask=[0, 1])  # type: ignore[arg-type]
    assert same(read_array(pack_array(floats)), np.array([1.0, np.nan]))
    whole = np.ma.array([1, 2])
    assert same(read_array(pack_array(whole)), np.array([1, 2]))
    with pytest.raises(TypeError, match=r"a masked value of type int64 .* \.filled\(\)"):
        pack_array(np.ma.array([1, 99], mask=[0, 1]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array([object()]), r"an array of object .* \.tolist\(\)"),
        (np.array(["a"], np.dtypes.StringDType()), r"an array of StringDType.* \.tolist\(\)"),
        (np.zeros(1, "i4,f4"), "an array of records .* one by one"),
    ],
)
def test_what_has_no_form_is_refused_with_a_way(array: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        pack_array(array)


def test_derived_classes_are_plain_arrays() -> None:
    class Odd(np.ndarray[Any, Any]):
        def reshape(self, *_: Any, **__: Any) -> Any:
            raise ZeroDivisionError

    array = np.arange(4.0).view(Odd)
    assert same(read_array(pack_array(array)), np.arange(4.0))
