"""Values as msgpack, and the envelopes around them."""

import datetime as dt
import math
import re
from typing import Any

import msgpack
import pytest

from tests.contract.facts import fact
from tests.contract.wire import STATE, everywhere, request, serving

pytestmark = pytest.mark.asyncio

JS_ID = re.compile(r"^(rpc|publish|system):(\w+(?:\.\w+)*):(?:\d+)$")
"""What stock pages take for an id."""


def echoing(server: Any) -> None:
    """An app whose trigger returns its argument and keeps it."""

    def echo(value: Any) -> Any:
        server.got = value
        return value

    server.trigger("echo")(echo)


# -- values


@fact("wire 3", "None is nil, both ways; an `undefined` of JavaScript comes as nil too")
@everywhere
async def test_nil(kind: str) -> None:
    async with serving(kind, echoing) as wire:
        client = await wire.client()
        await client.send(
            b"\x84"
            + msgpack.packb({"id": "rpc:raw:1", "method": "trame.trigger", "args": ["echo", [None], {}]})[1:]
            + b"\xa6kwargs\xc0"
        )
        assert (await client.answer("rpc:raw:1"))["result"] is None
        assert wire.server.got is None


@fact("wire 3", "a tuple arrives as a list")
@everywhere
async def test_tuples(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        wire.set(pair=(1, (2, 3)))
        assert await client.until(lambda: client.seen("pair")) == [[1, [2, 3]]]


@fact("wire 3", "what a client sends as an array is a list, and text is str")
@everywhere
async def test_lists_and_text(kind: str) -> None:
    async with serving(kind, echoing) as wire:
        client = await wire.client()
        await client.trigger("echo", ["a", ["b"]])
        assert wire.server.got == ["a", ["b"]]
        assert type(wire.server.got[1]) is list


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview])
@fact("wire 3", "bytes, bytearray and memoryview are bin")
@everywhere
async def test_binary_values(kind: str, make: Any) -> None:
    async with serving(kind, echoing) as wire:
        client = await wire.client()
        wire.server.trigger("blob")(lambda: make(b"\x00\xff"))
        assert await client.trigger("blob") == b"\x00\xff"
        assert await client.trigger("echo", b"\x01\x02") == b"\x01\x02"
        assert type(wire.server.got) is bytes


@fact("wire 3", "a Date of JavaScript, extension -1, is a `msgpack.Timestamp`, which can be sent again")
@everywhere
async def test_timestamps(kind: str) -> None:
    async with serving(kind, echoing) as wire:
        client = await wire.client()
        moment = msgpack.Timestamp(1_700_000_000, 123_000_000)
        assert await client.trigger("echo", moment) == moment
        assert wire.server.got == moment
        other = await wire.client()
        await client.write(moment=moment)
        assert (await other.until(lambda: other.seen("moment")))[0] == moment
        assert wire.server.state.moment == moment


MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("value", "seen"), [(MOMENT, msgpack.Timestamp.from_datetime(MOMENT)), ({3, 1, 2}, [1, 2, 3])]
)
@fact(
    "wire 3",
    "a datetime is a timestamp, which JavaScript reads as a Date; a set is an array, in order",
    trame="cannot send either",
)
@everywhere
async def test_dates_and_sets(kind: str, value: Any, seen: Any) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        wire.server.trigger("get")(lambda: value)
        if kind == "trame":
            assert (await client.error("trame.trigger", "get", [], {}))["code"] == -32002
        else:
            assert await client.trigger("get") == seen


@fact(
    "wire 3",
    "numpy scalars are numbers, and arrays extension 78, which our clients read",
    trame="cannot send either",
)
@everywhere
async def test_numpy(kind: str) -> None:
    np = pytest.importorskip("numpy")
    async with serving(kind) as wire:
        client = await wire.client()
        wire.server.trigger("scalar")(lambda: np.float32(0.5))
        wire.server.trigger("array")(lambda: np.arange(3))
        if kind == "trame":
            assert (await client.error("trame.trigger", "scalar", [], {}))["code"] == -32002
            assert (await client.error("trame.trigger", "array", [], {}))["code"] == -32002
        else:
            assert await client.trigger("scalar") == 0.5
            assert (await client.trigger("array")).code == 78


@fact("wire 3", "a date is sent as its ISO text", trame="cannot send it")
@everywhere
async def test_dates(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        wire.server.trigger("get")(lambda: dt.date(2026, 1, 2))
        if kind == "trame":
            assert (await client.error("trame.trigger", "get", [], {}))["code"] == -32002
        else:
            assert await client.trigger("get") == "2026-01-02"


@pytest.mark.parametrize("value", [1 << 64, object()])
@fact("wire 3", "an integer over 64 bits and an object of some class cannot be sent")
@everywhere
async def test_unpackable(kind: str, value: Any) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        wire.server.trigger("get")(lambda: value)
        assert (await client.error("trame.trigger", "get", [], {}))["code"] == -32002


@fact("wire 3", "NaN and the infinities travel as float64, both ways")
@everywhere
async def test_floats(kind: str) -> None:
    async with serving(kind, echoing) as wire:
        client = await wire.client()
        assert await client.trigger("echo", [math.inf, -math.inf]) == [math.inf, -math.inf]
        assert math.isnan(await client.trigger("echo", math.nan))
        assert type(await client.trigger("echo", 3)) is int


@fact("wire 3", "a map of the server may have integer keys")
@everywhere
async def test_integer_keys_of_the_server(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        wire.set(table={1: "a"})
        assert await client.until(lambda: client.seen("table")) == [{1: "a"}]


@fact(
    "wire 3",
    "a map of a client may have number keys; with other keys it is refused to that client, with error -32002",
    trame="both end its connection, which a client sees as 1006",
)
@everywhere
async def test_keys_of_a_client(kind: str) -> None:
    async with serving(kind, echoing) as wire:
        for padding in (0, 5000):  # a value of a large write is looked into later than one of a small write
            client = await wire.client()
            for key in (1, (1, 2)):
                number = f"rpc:raw:{type(key).__name__}"
                entry = {"key": "odd", "value": {key: bytes(padding)}}
                await client.send(request(number, "trame.state.update", [entry]))
                if kind == "trame":
                    assert (await client.ended())[0] == 1006
                    break
                answer = await client.answer(number)
                assert answer.get("error", {}).get("code") == (None if key == 1 else -32002)
            if kind != "trame":
                assert await client.trigger("echo", {1: 2}) == {1: 2}


# -- envelopes


@fact("wire 4", "the members of a request come in any order, `wslink` is not looked at")
@everywhere
async def test_members_in_any_order(kind: str) -> None:
    async with serving(kind, echoing) as wire:
        client = await wire.client()
        envelope = {"kwargs": {}, "args": ["echo", [5], {}], "method": "trame.trigger", "id": "rpc:raw:1"}
        await client.send(msgpack.packb(envelope))
        assert (await client.answer("rpc:raw:1"))["result"] == 5


@fact("wire 4", "a message without an id is ignored")
@everywhere
async def test_no_id(kind: str) -> None:
    async with serving(kind, echoing) as wire:
        client = await wire.client()
        await client.send(
            msgpack.packb({"wslink": "1.0", "method": "trame.trigger", "args": ["echo", [1], {}]})
        )
        assert await client.trigger("echo", 2) == 2
        assert len(client.messages) == 2


@fact("wire 4", "`args` that are no array and `kwargs` that are no map count as none")
@everywhere
async def test_wrong_arguments_count_as_none(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        envelope = {"wslink": "1.0", "id": "rpc:raw:1", "method": "trame.state.get", "args": "x", "kwargs": 7}
        await client.send(msgpack.packb(envelope))
        assert (await client.answer("rpc:raw:1"))["result"]["name"] == "wire"
        await client.send(msgpack.packb({"id": "rpc:raw:2", "method": "trame.state.get"}))
        assert (await client.answer("rpc:raw:2"))["result"]["name"] == "wire"


@fact("wire 4", "keyword arguments reach the method")
@everywhere
async def test_keyword_arguments(kind: str) -> None:
    async with serving(kind, echoing) as wire:
        client = await wire.client()
        assert await client.call("trame.trigger", name="echo", args=[4], kwargs={}) == 4


@fact("wire 4", "a response repeats the id and has `result`, nil included, or `error` with code and message")
@everywhere
async def test_responses(kind: str) -> None:
    async with serving(kind, echoing) as wire:
        client = await wire.client()
        assert await client.ask("trame.trigger", "echo", [None], {}) == {
            "wslink": "1.0",
            "id": client.messages[-1]["id"],
            "result": None,
        }
        answer = await client.ask("no.such.method")
        assert set(answer) == {"wslink", "id", "error"}
        assert (type(answer["error"]["code"]), type(answer["error"]["message"])) == (int, str)


@fact("wire 4", "the server takes any text for an id and answers with it")
@everywhere
async def test_ids_are_opaque(kind: str) -> None:
    async with serving(kind, echoing) as wire:
        client = await wire.client()
        await client.send(request("foo", "trame.trigger", "echo", [1], {}))
        assert (await client.answer("foo"))["result"] == 1


@fact("wire 4", "an id that begins with `system:` selects the hello, also in later messages")
@everywhere
async def test_system_ids(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        await client.send(request("system:other:1", "trame.state.get"))
        assert (await client.answer("system:other:1"))["error"]["code"] == -32601
        await client.send(request("rpc:raw:1", "wslink.hello", {"secret": "x"}))
        assert (await client.answer("rpc:raw:1"))["error"]["code"] == -32601


@fact("wire 4", "all ids that a server sends are such as stock pages understand; publications end in `:0`")
@everywhere
async def test_ids_of_the_server(kind: str) -> None:
    async with serving(kind, echoing) as wire:
        client = await wire.client()
        await client.trigger("echo", 1)
        wire.server.protocol.publish("a.topic.of_ours", 1)
        wire.server.js_call("ref", "method", 1)
        wire.set(n=1)
        await wire.settle(client)
        ids = {message["id"] for message in client.messages}
        assert {"publish:a.topic.of_ours:0", "publish:trame.actions.topic:0", STATE} <= ids
        assert all(JS_ID.match(known) for known in ids)


@fact(
    "wire 4",
    "a state publication and the answer to `trame.state.get` have one more member, `jt`: stock clients ignore it",
    trame="has no such member",
)
@everywhere
async def test_the_member_of_ours(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        answer = await client.ask("trame.state.get")
        await wire.settle(client)
        extra = set() if kind == "trame" else {"jt"}
        assert set(answer) == {"wslink", "id", "result"} | extra
        assert set(client.answers(STATE)[-1]) == {"wslink", "id", "result"} | extra


# -- attachments


@fact("wire 10", "a binary value is bin inside the document, wherever it stands; there are no other frames")
@everywhere
async def test_no_attachment_frames(kind: str) -> None:
    async with serving(kind, echoing) as wire:
        client, other = await wire.client(), await wire.client()
        assert await client.trigger("echo", {"deep": [{"blob": b"\x00" * 100}]}) == {
            "deep": [{"blob": b"\x00" * 100}]
        }
        await client.write(image={"data": b"\x01"})
        assert (await other.until(lambda: other.seen("image")))[0] == {"data": b"\x01"}
        assert len(client.frames) == len(client.messages)


@fact("wire 10", "`addAttachment` returns what it gets")
@everywhere
async def test_add_attachment(kind: str) -> None:
    async with serving(kind) as wire:
        content = b"content"
        assert wire.server.protocol.addAttachment(content) is content
