"""Large requests, read in steps: what comes out is what is read of a small one."""

from __future__ import annotations

from typing import Any

import msgpack
import numpy as np
import pytest

from jupyter_trame.errors import MalformedMessageError
from jupyter_trame.protocol.envelope import UNREAD, Request, pack_request, read_request, read_write
from jupyter_trame.protocol.large_requests import read_large
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.packing import pack
from jupyter_trame.types import Packed

UPDATE = "trame.state.update"
LONG = list(range(30_000))


def read(
    payload: Packed, limits: Limits | None = None, *, decode: bool = False
) -> tuple[Request | None, int]:
    """The request, and after how many steps."""
    going, count = read_large(payload, limits or Limits(), decode=decode), 0
    while True:
        try:
            next(going)
        except StopIteration as end:
            return end.value, count
        count += 1


def found(payload: Packed, limits: Limits | None = None, *, decode: bool = False) -> Request:
    request, _ = read(payload, limits, decode=decode)
    assert request is not None
    return request


def test_the_id_is_short() -> None:
    with pytest.raises(MalformedMessageError, match="at most 128 characters, this one has 129"):
        read(pack_request("i" * 129, "m", [LONG]))


def update(*entries: Any, **more: Any) -> bytes:
    return pack_request("rpc:x:1", UPDATE, [list(entries)], **more)


def entry(key: str, value: object) -> dict[str, object]:
    return {"key": key, "value": value}


@pytest.mark.parametrize(
    "entries",
    [
        [entry("x", LONG)],
        [entry("x", LONG), entry("y", 1), entry("z", {"a": LONG})],
        [entry(f"k{number}", number) for number in range(5000)],
        [entry("x", bytes(100_000)), entry("x", 2)],
        [{"value": "é" * 50_000, "more": [LONG], "key": "x"}, {"key": "none"}],
        [entry("a", np.arange(30_000)), entry("b", [np.arange(3)] * 500)],
    ],
    ids=["one", "large and small", "many", "twice", "other members", "arrays"],
)
def test_a_write_is_the_same_as_at_once(entries: list[Any]) -> None:
    payload = update(*entries, jt=7)
    request, count = read(payload)
    at_once = read_request(payload)
    assert request is not None
    assert at_once is not None
    assert count > 2
    assert (request.id, request.method, request.jt) == (at_once.id, at_once.method, 7)
    assert read_write(request) == read_write(at_once)
    assert all(write.value is UNREAD for write in read_write(request))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"a": [*LONG, {b"x": 1}]}, "must be text or a number"),
        ({"a": LONG, "__proto__": 1}, "__proto__"),
        ([*LONG, msgpack.ExtType(78, b"x")], "no array"),
        ([LONG, msgpack.ExtType(78, bytes(100_000))], "no type of an array"),
        ({**dict.fromkeys(map(str, LONG)), 1: 2}, "texts of numbers"),
    ],
    ids=["key", "proto", "array", "large array", "keys"],
)
def test_a_value_that_some_client_cannot_read_has_a_fault_and_the_others_none(
    value: Any, reason: str
) -> None:
    entries = [entry("good", 1), entry("bad", value), entry("also", LONG)]
    payload = msgpack.packb({"id": "i", "method": UPDATE, "args": [entries]})
    good, bad, also = read_write(found(payload))
    assert reason in bad.fault
    assert (good.packed, also.packed, bad.shared) == (pack(1), pack(LONG), b"")


def test_parts_are_counted_over_all_values() -> None:
    limits = Limits(parts=40_000)
    many = [[] for _ in range(30_000)]
    first, second, small = read_write(
        found(update(entry("a", many), entry("b", many), entry("c", 1)), limits)
    )
    assert not first.fault
    assert second.fault == "more than 40000 arrays and maps"
    assert not small.fault
    maps = [entry(f"k{number}", [[], []]) for number in range(6000)]
    faults = [write.fault for write in read_write(found(update(*maps), Limits(parts=9000)))]
    assert not faults[0]
    assert faults[-1] == "more than 9000 arrays and maps"
    assert not any(write.fault for write in read_write(found(update(*maps), Limits(parts=18_000))))


def test_members_that_others_may_not_see_are_not_shown() -> None:
    (write,) = read_write(found(update(entry("x", {"_filter": ["a"], "a": LONG}))))
    assert write.shared == b""
    assert not write.fault


def test_values_for_a_server_in_the_same_process() -> None:
    request = found(update(entry("x", LONG), entry("y", 1)), decode=True)
    large, small = read_write(request)
    assert large.value == LONG
    assert small.value is UNREAD
    call = found(pack_request("i", "m", [LONG, np.arange(9)], {"a": 1}), decode=True)
    assert not call.packed
    args = call.read_args(10)
    assert args[0] == LONG
    assert args[1].tolist() == list(range(9))
    assert call.read_kwargs(10) == {"a": 1}


@pytest.mark.parametrize("decode", [True, False])
def test_arguments_of_too_many_parts(decode: bool) -> None:
    call = found(pack_request("i", "m", [[[] for _ in LONG]]), Limits(parts=1000), decode=decode)
    with pytest.raises(MalformedMessageError, match="more than 1000 arrays and maps"):
        call.read_args(1000)


@pytest.mark.parametrize("decode", [True, False])
@pytest.mark.parametrize(
    "value",
    [
        {f"row {number}": number for number in range(20_000)},
        {number: {"x": number * 0.5, "name": f"n{number}"} for number in range(20_000)},
        {**dict.fromkeys(range(20000), 1), "total": 2, 0.5: 3},
        [{"a": number, "b": None, "c": str(number)} for number in range(20_000)],
        {"a": {str(number): number for number in range(20_000)}},
        {"name": "a.bin", "content": bytes(1 << 24)},
        "é" * 100_000,
    ],
    ids=["dict", "index", "numbers and text", "records", "columns", "file", "text"],
)
def test_what_apps_write_and_call_with_passes(value: Any, decode: bool) -> None:
    (write,) = read_write(found(update(entry("x", value)), decode=decode))
    assert not write.fault
    assert write.packed == write.shared == pack(value)
    assert write.value is UNREAD or write.value == value
    call = found(pack_request("i", "trame.trigger", ["name", [value], {"more": value}]), decode=decode)
    assert call.read_args(1 << 20) == ["name", [value], {"more": value}]


@pytest.mark.parametrize("decode", [True, False])
def test_arguments_are_for_the_server_alone_and_may_have_any_keys(decode: bool) -> None:
    value = {**dict.fromkeys(range(20000), 1), **{str(number): 2 for number in range(20_000)}}
    call = found(msgpack.packb({"id": "i", "method": "m", "args": [value]}), decode=decode)
    assert call.read_args(1 << 20) == [value]


def test_arrays_may_have_longer_heads_than_they_need() -> None:
    """An encoder need not choose the shortest form."""
    entries = b"\xdd" + (1).to_bytes(4) + msgpack.packb(entry("x", LONG))
    members = {"id": b"\xa1i", "method": msgpack.packb(UPDATE), "args": b"\xdc\x00\x01" + entries}
    payload = b"\x83" + b"".join(msgpack.packb(name) + member for name, member in members.items())
    (write,) = read_write(found(payload))
    assert (write.key, write.packed) == ("x", pack(LONG))


def test_arguments_that_cannot_be_read() -> None:
    payload = msgpack.packb({"id": "i", "method": "m", "args": [LONG, msgpack.ExtType(78, b"x")]})
    with pytest.raises(MalformedMessageError, match="no array"):
        found(payload, decode=True).read_args()


@pytest.mark.parametrize(
    "args",
    [
        [],
        [[], LONG],
        ["x" * 50_000],
        [[entry("k" * 50_000, 1)]],
        [[{"value": LONG}]],
        [[{"key": 7, "value": LONG}]],
        [[LONG]],
        [[entry(f"k{number}", number) for number in range(33_000)]],
    ],
    ids=["none", "two", "text", "long key", "no key", "number", "list", "many keys"],
)
def test_what_is_no_write(args: list[Any]) -> None:
    request = found(msgpack.packb({"id": "i", "method": UPDATE, "args": args, "padding": bytes(50_000)}))
    with pytest.raises(MalformedMessageError, match="not a state update"):
        read_write(request)


@pytest.mark.parametrize(
    "payload",
    [
        msgpack.packb(LONG),
        msgpack.packb({f"m{number}": bytes(999) for number in range(65)}),
        msgpack.packb({"id": ["x"] * 3000, "padding": bytes(50_000)}),
        msgpack.packb({"id": "x" * 50_000}),
        msgpack.packb({"id": 7, "args": LONG}),
        msgpack.packb({"id": "i", "args": LONG}) + b"x",
        msgpack.packb({"id": "i", "args": LONG})[:-1],
        b"\x81" * 50_000,
        b"\xc1" * 50_000,
    ],
    ids=["array", "members", "id", "long id", "number", "more", "less", "deep", "reserved"],
)
def test_what_is_no_request(payload: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        read(payload)


def test_without_an_id_it_is_ignored_as_by_stock_servers() -> None:
    assert read(msgpack.packb({"method": "m", "args": LONG}))[0] is None
