"""Requests, responses and publications."""

import contextlib
import tracemalloc
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.errors import MalformedMessageError, SerializationError
from jupyter_trame.protocol.envelope import (
    Request,
    StateWrite,
    numbered,
    pack_error,
    pack_publication,
    pack_request,
    pack_result,
    publication_id,
    read_request,
    read_write,
    state_head,
    state_response_head,
)
from jupyter_trame.protocol.packing import pack, pack_key, unpack
from jupyter_trame.protocol.plain import one_plain
from jupyter_trame.types import Epoch
from tests.protocol.support import documents, same


def request(**fields: Any) -> bytes:
    return bytes(msgpack.packb({"wslink": "1.0", **fields}, default=one_plain))


PADDING = [b"", bytes(3000)]
"""A request is read at once or walked through, by its size."""


def update(args: Any, padding: bytes = b"") -> Request:
    found = read_request(request(id="i", args=args, padding=padding))
    assert found is not None
    assert found.packed is bool(padding)
    return found


def writes(*entries: dict[str, Any], padding: bytes = b"") -> list[StateWrite]:
    return read_write(update([list(entries)], padding))


# -- making


def test_a_request_has_all_members_of_the_stock_wire() -> None:
    assert unpack(pack_request("rpc:c1:0", "m", [1], {"k": 2})) == {
        "wslink": "1.0",
        "id": "rpc:c1:0",
        "method": "m",
        "args": [1],
        "kwargs": {"k": 2},
    }
    assert unpack(pack_request("i", "m", jt=3))["jt"] == 3


def test_a_publication_ends_in_a_number_and_its_result_comes_last() -> None:
    assert publication_id("a.b") == "publish:a.b:0"
    assert list(unpack(pack_publication("t", 1, [2])).items()) == [
        ("wslink", "1.0"),
        ("id", "publish:t:0"),
        ("jt", [2]),
        ("result", 1),
    ]


def test_a_result_is_there_even_when_it_is_nil() -> None:
    assert unpack(pack_result("i", None)) == {"wslink": "1.0", "id": "i", "result": None}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("method", {"code": -1, "message": "m", "data": "method"}),
        (None, {"code": -1, "message": "m"}),
        ("", {"code": -1, "message": "m"}),
        (object(), {"code": -1, "message": "m"}),
    ],
    ids=["data", "none", "empty", "unpackable"],
)
def test_details_of_an_error(data: Any, error: dict[str, Any]) -> None:
    assert unpack(pack_error("i", -1, "m", data)) == {"wslink": "1.0", "id": "i", "error": error}


def test_what_cannot_be_packed_is_named_by_its_message() -> None:
    with pytest.raises(SerializationError, match=r"'the\.method' \(dict\)"):
        pack_request("i", "the.method", [object()])
    with pytest.raises(SerializationError, match=r"'the:id'"):
        pack_result("the:id", object())
    with pytest.raises(SerializationError, match=r"'the\.topic'"):
        pack_publication("the.topic", object())


@given(st.dictionaries(st.text(max_size=40), documents, max_size=20))
def test_a_state_message_is_a_head_and_pairs(values: dict[str, Any]) -> None:
    pairs = b"".join(pack_key(key) + pack(value) for key, value in values.items())
    assert same(
        unpack(state_head(Epoch("e"), 7, len(values)) + pairs),
        {"wslink": "1.0", "id": "publish:trame.state.topic:0", "jt": ["e", 7], "result": values},
    )
    assert same(
        unpack(state_response_head("rpc:c:1", "demo", Epoch("e"), 7, len(values)) + pairs),
        {"wslink": "1.0", "id": "rpc:c:1", "jt": ["e", 7], "result": {"name": "demo", "state": values}},
    )


# -- reading requests


@given(
    documents,
    documents,
    st.permutations(["wslink", "id", "method", "args", "kwargs", "jt", "padding"]),
    st.sampled_from(PADDING),
)
def test_the_order_of_members_does_not_matter(
    args: Any, kwargs: Any, order: list[str], padding: bytes
) -> None:
    members = {"wslink": "1.0", "id": "i", "method": "m", "args": args, "kwargs": kwargs, "jt": [1]}
    members["padding"] = padding
    found = read_request(pack({name: members[name] for name in order}))
    assert found is not None
    assert (found.id, found.method, found.jt) == ("i", "m", [1])
    assert same(found.read_args(), args if isinstance(args, list) else [])
    assert same(found.read_kwargs(), kwargs if isinstance(kwargs, dict) else {})


def test_a_request_without_an_id_is_ignored() -> None:
    assert read_request(request(method="m")) is None
    assert read_request(request(id=None, method="m")) is None


def test_a_request_without_members() -> None:
    found = read_request(request(id="i"))
    assert found is not None
    assert (found.method, found.read_args(), found.read_kwargs(), found.jt) == ("", [], {}, None)


@pytest.mark.parametrize("method", [None, 5, ["m"]])
def test_a_method_that_is_no_str_is_no_method(method: Any) -> None:
    found = read_request(request(id="i", method=method))
    assert found is not None
    assert found.method == ""


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xc1",
        pack(5),
        pack([1]),
        pack({"id": 5}),
        pack({"id": b"i"}),
        request(id="i") + b"\xc0",
        request(id="i")[:-1],
        msgpack.packb({("a",): 1, "id": "i"}),
        b"\xdf\xff\xff\xff\xff",
        b"\x81\xa2id\xdb\xff\xff\xff\xffx",
    ],
)
def test_what_is_no_request(payload: bytes) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        read_request(payload)
    assert caught.value.close_code == 1007


@pytest.mark.parametrize("padding", PADDING, ids=["small", "large"])
def test_the_id_of_a_request_is_short(padding: bytes) -> None:
    found = read_request(request(id="é" * 128, padding=padding))
    assert found is not None
    assert found.id == "é" * 128
    with pytest.raises(MalformedMessageError, match="at most 128 characters, this one has 129") as caught:
        read_request(request(id="é" * 129, padding=padding))
    assert caught.value.close_code == 1007


def test_arguments_are_read_when_they_are_asked_for() -> None:
    found = read_request(request(id="i", args=msgpack.ExtType(78, b"\xff"), kwargs={"a": 1}))
    assert found is not None
    with pytest.raises(MalformedMessageError):
        found.read_args()


@given(st.binary(max_size=60) | documents.map(pack))
def test_only_malformed_message_errors_come_out(payload: bytes) -> None:
    try:
        found = read_request(payload)
        if found is not None:
            found.read_args()
            found.read_kwargs()
            read_write(found)
    except MalformedMessageError:
        pass


@given(st.data())
def test_a_damaged_request_is_malformed_or_another_request(data: st.DataObject) -> None:
    payload = bytearray(
        pack_request(
            "rpc:c1:0", "trame.state.update", [[{"key": "x", "value": {"_filter": ["a"], "a": 1}}]], jt=1
        )
    )
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_request(payload)
        if found is not None:
            read_write(found)
    except MalformedMessageError:
        pass


# -- reading writes


@given(st.dictionaries(st.text(max_size=5), documents, max_size=5), st.sampled_from(PADDING))
def test_values_are_what_came(values: dict[str, Any], padding: bytes) -> None:
    entries = ({"key": key, "value": value} for key, value in values.items())
    found = writes(*entries, padding=padding)
    assert [write.key for write in found] == list(values)
    assert [write.packed for write in found] == [pack(value) for value in values.values()]


@pytest.mark.parametrize("padding", PADDING, ids=["small", "large"])
def test_values_do_not_keep_the_frame_alive(padding: bytes) -> None:
    (write,) = writes({"key": "x", "value": b"abc"}, padding=padding)
    assert type(write.packed) is bytes


@pytest.mark.parametrize("padding", PADDING, ids=["small", "large"])
def test_half_a_character_is_replaced(padding: bytes) -> None:
    args = [[{"key": "x", "value": "a???b"}]]
    half = request(id="i", args=args, padding=padding).replace(b"a???b", b"a\xed\xa0\x80b")
    found = read_request(half)
    assert found is not None
    (write,) = read_write(found)
    assert unpack(write.packed).replace("\N{REPLACEMENT CHARACTER}", "") == "ab"


@pytest.mark.parametrize("padding", PADDING, ids=["small", "large"])
def test_an_entry_without_a_value_is_nil(padding: bytes) -> None:
    (write,) = writes({"key": "x"}, padding=padding)
    assert write == StateWrite("x", b"\xc0", b"\xc0")


@pytest.mark.parametrize("padding", PADDING, ids=["small", "large"])
def test_the_last_entry_of_a_key_counts(padding: bytes) -> None:
    (write,) = writes({"key": "x", "value": 1}, {"value": 2, "more": [1], "key": "x"}, padding=padding)
    assert write.packed == pack(2)


@pytest.mark.parametrize("padding", PADDING, ids=["small", "large"])
def test_no_entries(padding: bytes) -> None:
    assert writes(padding=padding) == []


@pytest.mark.parametrize(
    "args",
    [
        None,
        [],
        [[], []],
        [5],
        [["x"]],
        [[{"value": 1}]],
        [[{"key": 5, "value": 1}]],
        [[{"key": None}]],
        [[{"key": b"x"}]],
        {"key": "x"},
    ],
)
@pytest.mark.parametrize("padding", PADDING, ids=["small", "large"])
def test_what_is_no_state_update(args: Any, padding: bytes) -> None:
    with pytest.raises(MalformedMessageError, match=r"not a state update|not a msgpack"):
        read_write(update(args, padding))


def test_an_array_of_a_small_request_is_not_decoded_on_its_way() -> None:
    array = np.arange(3)
    found = read_request(request(id="i", args=[[{"key": "x", "value": array}]]))
    assert found is not None
    assert found.packed
    (write,) = read_write(found)
    assert write.packed == pack(array)


@pytest.mark.parametrize("padding", PADDING, ids=["small", "large"])
@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({None: 1}, "a map's key must be text or a number, got NoneType None"),
        ({b"a": 1}, "a map's key must be text or a number, got bytes b'a'"),
        ([{(1, 2): 3}], "at [0]: a map's key must be text or a number, got list [1, 2]"),
        ({"a": {"__proto__": 1}}, "at ['a']: a map with the key '__proto__'"),
        ({"a": [msgpack.ExtType(78, b"")]}, "at ['a'][0]: 0 bytes are no array"),
        (msgpack.ExtType(78, b""), "0 bytes are no array"),
    ],
    ids=repr,
)
def test_a_value_that_some_client_could_not_read_has_a_fault(value: Any, fault: str, padding: bytes) -> None:
    data = request(id="i", args=[[{"key": "x", "value": value}, {"key": "y", "value": 2}]], padding=padding)
    found = read_request(data)
    assert found is not None
    refused, good = read_write(found)
    assert (refused.key, bytes(refused.shared)) == ("x", b"")
    assert fault in refused.fault
    assert (good.packed, good.fault) == (pack(2), "")


@pytest.mark.parametrize("padding", PADDING, ids=["small", "large"])
def test_numbers_are_keys(padding: bytes) -> None:
    found = read_request(request(id="i", args=[[{"key": "x", "value": {1: 2}}]], padding=padding))
    assert found is not None
    (write,) = read_write(found)
    assert unpack(write.packed, any_keys=True) == {1: 2}


@pytest.mark.parametrize("padding", PADDING, ids=["small", "large"])
def test_other_clients_do_not_see_filtered_members(padding: bytes) -> None:
    file = {"name": "f", "content": b"123", "_filter": ["content"]}
    shown = {"name": "f", "_filter": ["content"]}
    found = writes(
        {"key": "file", "value": file},
        {"key": "files", "value": [file, [file], 1]},
        {"key": "nested", "value": {"doc": file}},
        padding=padding,
    )
    assert [unpack(write.packed) for write in found] == [file, [file, [file], 1], {"doc": file}]
    assert [unpack(write.shared) for write in found] == [shown, [shown, [shown], 1], {"doc": file}]


@pytest.mark.parametrize("padding", PADDING, ids=["small", "large"])
def test_an_unfiltered_value_is_shared_as_it_is(padding: bytes) -> None:
    (write,) = writes({"key": "x", "value": {"a": [1]}}, padding=padding)
    assert write.shared is write.packed


def test_values_of_too_many_parts_have_a_fault_and_the_others_none() -> None:
    many, few = [[]] * 3000, [[]] * 500
    entries = [{"key": key, "value": value} for key, value in {"a": few, "b": many, "c": few, "d": 1}.items()]
    found = read_request(request(id="i", args=[entries]))
    assert found is not None
    faults = {write.key: write.fault for write in read_write(found, 2000)}
    assert faults == {
        "a": "",
        "b": "more than 2000 arrays and maps",
        "c": "more than 2000 arrays and maps",
        "d": "",
    }
    assert not any(write.fault for write in read_write(found))


@pytest.mark.parametrize("where", ["args", "kwargs"])
def test_arguments_of_too_many_parts_are_refused(where: str) -> None:
    given = {"args": [[[]] * 3000]} if where == "args" else {"kwargs": {"x": [[]] * 3000}}
    found = read_request(request(id="i", method="m", **given))
    assert found is not None
    assert found.read_args(5000) == given.get("args", [])
    with pytest.raises(MalformedMessageError, match="more than 2000 arrays and maps"):
        (found.read_args if where == "args" else found.read_kwargs)(2000)


@pytest.mark.parametrize("place", ["id", "method", "jt", "other", "name", "entry", "name of an entry"])
def test_nothing_that_grows_is_decoded_on_the_way_to_the_values(place: str) -> None:
    grows = b"\xdd" + (1 << 20).to_bytes(4, "big") + b"\x80" * (1 << 20)
    fields = {"id": pack("i"), "method": pack("trame.state.update"), "args": b"\x90"}
    entry = {pack("key"): pack("x"), pack("value"): pack(1)}
    if place == "entry":
        entry[pack("key")] = grows
    elif place == "name of an entry":
        entry[grows] = pack(1)
    elif place != "name":
        fields[place] = grows
    if "entry" in place:
        fields["args"] = b"\x91\x91\x82" + b"".join(name + value for name, value in list(entry.items())[-2:])
    pairs = [pack(name) + value for name, value in fields.items()]
    pairs += [grows + pack(1)] if place == "name" else []
    data = bytes((0x80 | len(pairs),)) + b"".join(pairs)
    tracemalloc.start()
    try:
        with contextlib.suppress(MalformedMessageError):
            found = read_request(data)
            assert found is not None
            read_write(found, 1000)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_message_is_numbered_without_being_packed_again() -> None:
    def joined(envelope: bytes, number: int) -> bytes:
        return b"".join(map(bytes, numbered(envelope, number)))

    for envelope in (pack_result("a", [1]), pack_error("a", -1, "no"), pack_publication("t", {"x": 1})):
        assert unpack(joined(envelope, 70_000)) == {**unpack(envelope), "jt": 70_000}
        assert unpack(joined(memoryview(envelope), 1))["jt"] == 1  # type: ignore[arg-type]
        assert joined(envelope, 0) == envelope
    marked = pack_publication("t", 1, ["e", 1])
    assert joined(marked, 5) == marked
