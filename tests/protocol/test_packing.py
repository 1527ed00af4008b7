"""Values on the wire."""

import contextlib
import datetime as dt
import gc
import sys
import threading
import uuid
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trame_server.utils import clean_state as peer_clean_state

from jupyter_trame.errors import MalformedMessageError, SerializationError
from jupyter_trame.protocol.arrays import ARRAY_TYPE
from jupyter_trame.protocol.packing import (
    clean_state,
    clean_value,
    map_header,
    pack,
    pack_key,
    same_bytes,
    unpack,
)
from tests.protocol.support import arrays, documents, same


@given(documents)
def test_what_is_packed_comes_back(value: Any) -> None:
    assert same(unpack(pack(value)), value)


@given(arrays)
def test_arrays_come_back_with_type_and_shape(array: Any) -> None:
    assert same(array, unpack(pack(array)))
    assert same([array], unpack(pack([array])))


def test_arrays_that_do_not_lie_in_one_piece() -> None:
    array = np.arange(24, dtype="<i4").reshape(4, 6)
    for view in (array[::2, ::-1], array.T, np.asfortranarray(array), np.broadcast_to(array, (2, 4, 6))):
        assert same(np.ascontiguousarray(view), unpack(pack(view)))


def test_the_data_of_an_array_is_aligned() -> None:
    for dtype in ("<f8", "|u1", "<U12"):
        extension = msgpack.unpackb(pack(np.zeros(2, dtype)), ext_hook=msgpack.ExtType)
        assert extension.code == ARRAY_TYPE
        assert (len(extension.data) - np.zeros(2, dtype).nbytes) % 8 == 0


def test_scalars_of_numpy_are_numbers() -> None:
    assert unpack(pack({"f": np.float32(0.5), "i": np.int64(-3), "b": np.bool_(True)})) == {
        "f": 0.5,
        "i": -3,
        "b": True,
    }


def test_half_a_character_is_replaced() -> None:
    half = b"\xa5a\xed\xa0\x80b"  # what JavaScript packs for "a\ud800b"
    assert unpack(half).replace("\N{REPLACEMENT CHARACTER}", "") == "ab"


def test_tuples_are_arrays_and_buffers_are_binary() -> None:
    assert unpack(pack((1, (2,)))) == [1, [2]]
    assert unpack(pack([bytearray(b"a"), memoryview(b"b")])) == [b"a", b"b"]


def test_a_date_of_javascript_can_be_sent_back() -> None:
    moment = msgpack.Timestamp(1_700_000_000, 5)
    assert unpack(pack(moment)) == moment


def test_a_datetime_is_a_moment() -> None:
    zone = dt.timezone(dt.timedelta(hours=-5))
    for moment in (
        dt.datetime(2024, 1, 1, 12, tzinfo=zone),
        dt.datetime(1901, 12, 13, 20, 45, 51, 999_999, tzinfo=dt.UTC),
        dt.datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC),
    ):
        packed = pack({"at": [moment]})
        received = unpack(packed)["at"][0]
        assert isinstance(received, msgpack.Timestamp)
        assert received.to_datetime() == moment
        assert pack({"at": [received]}) == packed


def test_a_datetime_without_a_zone_is_local_time() -> None:
    moment = dt.datetime(2024, 7, 1, 12, 30)  # noqa: DTZ001 - without a zone on purpose
    assert unpack(pack(moment)).to_datetime() == moment.astimezone(dt.UTC)


def test_a_set_is_an_array_in_its_order() -> None:
    assert unpack(pack({"c", "a", "b"})) == ["a", "b", "c"]
    assert unpack(pack(frozenset())) == []
    assert sorted(unpack(pack({1, "a"})), key=str) == [1, "a"]
    assert unpack(pack([{(2, 1), (1, 2)}])) == [[[1, 2], [2, 1]]]


def test_an_instance_of_a_dataclass_is_a_map_of_its_fields() -> None:
    assert unpack(pack([Point(0.5, frozenset("ba"))])) == [{"x": 0.5, "names": ["a", "b"]}]


def test_a_state_is_cleaned_and_packed() -> None:
    values = {"a": [{"x": 1, "_filter": ["x"], "y": 2}], "b": b"1"}
    cleaned, packed = clean_state(values)
    assert (cleaned, packed) == peer_clean_state(values)
    assert "x" in values["a"][0]  # type: ignore[operator]
    with pytest.raises(SerializationError, match="the value of 'c'"):
        clean_state({"c": object()})


def test_other_extensions_are_kept() -> None:
    assert unpack(pack(msgpack.ExtType(5, b"x"))) == msgpack.ExtType(5, b"x")


@dataclass(slots=True)
class Point:
    x: float
    names: frozenset[str] = frozenset()


class Hostile(dict[str, Any]):
    def items(self) -> Any:
        raise ZeroDivisionError("no")


def holds_itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (object(), "object"),
        ({object()}, "set"),
        (uuid.UUID(int=1), "UUID"),
        (Point, "type"),
        (2**64, "int"),
        ("\ud800", "str"),
        (np.array([object()]), "ndarray"),
        (np.zeros(1, [("a", "i4")]), "ndarray"),
        (Hostile(a=1), "Hostile"),
        (holds_itself(), "list"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_packed_is_named(value: Any, name: str) -> None:
    with pytest.raises(SerializationError) as caught:
        pack(value, "key")
    assert (caught.value.key, caught.value.type_name) == ("key", name)
    assert f"the value of 'key' ({name}) cannot be sent, " in str(caught.value)
    assert pack([1]) == b"\x91\x01", "a failure leaves nothing behind"


def test_threads_do_not_meet() -> None:
    value = list(range(1000))
    expected, results = pack(value), set[bytes]()
    threads = [
        threading.Thread(target=lambda: results.update(pack(value) for _ in range(50))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {expected}


def test_a_large_value_is_not_kept() -> None:
    psutil = pytest.importorskip("psutil")
    process = psutil.Process()
    before = process.memory_info().rss
    pack(bytes(200_000_000))
    gc.collect()
    assert process.memory_info().rss - before < 100_000_000


@given(st.binary(max_size=60))
def test_only_malformed_message_errors_come_out(data: bytes) -> None:
    with contextlib.suppress(MalformedMessageError):
        unpack(data)


@given(st.binary(max_size=40))
def test_only_malformed_message_errors_come_out_of_arrays(data: bytes) -> None:
    with contextlib.suppress(MalformedMessageError):
        unpack(msgpack.packb(msgpack.ExtType(ARRAY_TYPE, data)))


def test_an_array_of_objects_is_refused() -> None:
    data = b"\x02|O\x01" + (1).to_bytes(4, "little") + bytes(16)
    with pytest.raises(MalformedMessageError, match="objects is refused"):
        unpack(msgpack.packb(msgpack.ExtType(ARRAY_TYPE, data)))


def test_keys_of_maps() -> None:
    packed = msgpack.packb({1: "a"})
    with pytest.raises(MalformedMessageError, match="not a msgpack document"):
        unpack(packed)
    assert unpack(packed, any_keys=True) == {1: "a"}


@given(st.text(max_size=300))
def test_a_key_is_packed_as_any_str(key: str) -> None:
    assert pack_key(key) == pack(key)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 65535, 65536, 2**32 - 1])
def test_the_head_of_a_map(size: int) -> None:
    assert map_header(size) == msgpack.Packer().pack_map_header(size)


def test_bytes_are_compared_whatever_holds_them() -> None:
    data = b"abc"
    assert same_bytes(data, data)
    assert same_bytes(data, memoryview(bytearray(data)))
    assert not same_bytes(data, b"abd")
    assert not same_bytes(data, b"ab")


def test_numpy_is_not_loaded_for_plain_values() -> None:
    import subprocess

    code = (
        "import sys; from jupyter_trame.protocol.packing import pack, unpack; "
        "unpack(pack({'a': [1, 2.5, b'x']})); sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        (1, 1),
        ({"a": 1, "b": 2, "_filter": ["a"]}, {"b": 2, "_filter": ["a"]}),
        ([{"a": 1, "_filter": ["a"]}], [{"_filter": ["a"]}]),
        ([[{"a": 1, "_filter": ["a"]}]], [[{"_filter": ["a"]}]]),
        ({"in": {"a": 1, "_filter": ["a"]}}, {"in": {"a": 1, "_filter": ["a"]}}),
        (({"a": 1, "_filter": ["a"]},), ({"a": 1, "_filter": ["a"]},)),
        ({"a": 1, "_filter": None}, {"a": 1, "_filter": None}),
    ],
)
def test_clean_value(value: Any, cleaned: Any) -> None:
    before = repr(value)
    assert clean_value(value) == cleaned
    assert repr(value) == before


@pytest.mark.parametrize("hidden", [5, None, "ab", {"a": 1}])
def test_a_filter_that_is_no_list_hides_nothing(hidden: Any) -> None:
    assert clean_value({"a": 1, "_filter": hidden}) == {"a": 1, "_filter": hidden}


def test_a_filter_may_name_what_is_not_there() -> None:
    assert clean_value({"a": 1, "_filter": ["b", [1], {}, "a"]}) == {"_filter": ["b", [1], {}, "a"]}


def test_tuples_and_inner_maps_are_not_visited() -> None:
    hidden = {"a": 1, "_filter": ("a",)}
    assert clean_value(hidden) == {"_filter": ("a",)}
    assert clean_value((hidden,)) == (hidden,)
    assert clean_value({"x": hidden}) == {"x": hidden}


def test_clean_changes_nothing_in_place() -> None:
    value = [{"a": 1, "_filter": ["a"]}]
    clean_value(value)
    assert value == [{"a": 1, "_filter": ["a"]}]


def test_a_list_that_holds_itself_is_refused_in_the_end() -> None:
    value: list[object] = [1]
    value.append(value)
    assert clean_value(value) is value
    with pytest.raises(SerializationError, match=r"^the value of 'knot'"):
        pack(clean_value(value), "knot")
