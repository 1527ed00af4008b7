"""Large buffers are packed as msgpack would, with one copy of them."""

import tracemalloc
from typing import Any

import msgpack
import numpy as np
import pytest

from jupyter_trame.errors import SerializationError
from jupyter_trame.protocol.large_values import holds_large, map_header, pack_large
from jupyter_trame.protocol.packing import pack, pack_value, same_bytes, unpack
from jupyter_trame.protocol.plain import one_plain

LARGE = 1 << 20

VALUES: dict[str, Any] = {
    "bytes": bytes(LARGE),
    "bytearray": bytearray(b"x" * (LARGE + 5)),
    "view": memoryview(bytes(LARGE)),
    "view of items": memoryview(np.arange(LARGE // 4, dtype="<i8")),  # type: ignore[arg-type]
    "array": np.arange(LARGE // 2, dtype="<f4").reshape(2, -1),
    "strided array": np.arange(LARGE, dtype="<i4")[::2],
    "big endian": np.arange(LARGE, dtype=">i4"),
    "in a list": [1, bytes(LARGE), "x"],
    "in a tuple": (None, np.ones(LARGE, "u1")),
    "deep": {"a": {"b": [[np.ones(LARGE, "u1")], {"c": 1.5}]}, "d": bytes(LARGE), "e": {}},
    "many members": {str(number): number for number in range(40)} | {"big": bytes(LARGE)},
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_the_document_is_that_of_msgpack(value: Any) -> None:
    assert holds_large(value)
    expected = msgpack.packb(value, default=one_plain)
    assert pack_large(value, pack) == expected
    assert pack(value) == expected


@pytest.mark.parametrize(
    "value", [1, "x" * LARGE, bytes(LARGE - 1), [1, {"a": b"x"}], {}, [bytes(LARGE)] * 65]
)
def test_others_are_left_to_msgpack(value: Any) -> None:
    assert not holds_large(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"a": bytes(LARGE), "b": [object()]}, r"\['b'\]\[0\]"),
        ({"a": bytes(LARGE), "__proto__": 1}, "__proto__"),
        ([bytes(LARGE), np.array([object()] * LARGE)], "object"),
    ],
)
def test_what_has_no_form_is_refused_with_its_place(value: Any, reason: str) -> None:
    assert pack_large(value, pack) is None
    with pytest.raises(SerializationError, match=reason):
        pack(value, "k")


def test_keys_that_are_no_text_are_left_to_msgpack() -> None:
    value = {"a": bytes(LARGE), 5: 1}
    assert pack_large(value, pack) is None
    assert pack(value) == msgpack.packb(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    value: list[Any] = [bytes(LARGE)]
    value.append(value)
    with pytest.raises(SerializationError):
        pack(value, "k")


@pytest.mark.parametrize("size", [0, 15, 16, 65_535, 65_536])
def test_the_head_of_a_map(size: int) -> None:
    unpacker = msgpack.Unpacker()
    unpacker.feed(map_header(size))
    assert unpacker.read_map_header() == size


@pytest.mark.parametrize("value", [VALUES["bytes"], VALUES["array"], VALUES["deep"]])
def test_one_copy_is_made(value: Any) -> None:
    size = len(pack(value))
    tracemalloc.start()
    pack_value(value, "k")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size + 100_000


@pytest.mark.parametrize("value", ["x" * (3 * LARGE), [1.5] * 300_000])
def test_long_texts_and_lists_are_packed_in_place(value: Any) -> None:
    packed = pack_value(value, "k")
    assert bytes(packed) == pack(value)
    assert same_bytes(packed, pack(value))
    with pytest.raises(SerializationError, match="surrogate"):
        pack_value([*["x"] * 200_000, "\ud800"], "k")


def test_equal_views_are_found_without_a_copy_of_all() -> None:
    one, same, other = bytes(4 * LARGE), bytearray(4 * LARGE), bytearray(4 * LARGE)
    other[-1] = 1
    tracemalloc.start()
    assert same_bytes(memoryview(one), same)
    assert not same_bytes(one, memoryview(other))
    assert not same_bytes(one, other[1:])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * LARGE + 4 * LARGE
    assert unpack(pack(one)) == one
