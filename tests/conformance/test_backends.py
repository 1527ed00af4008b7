"""One wire for every backend: what a stock client may rely on, whatever carries the server."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from jupyter_trame.runtime import registry
from jupyter_trame.server import Server, runtime_of
from tests.conformance.carriers import CARRIERS, HEADER, Carrier, Peer

pytestmark = pytest.mark.asyncio

UNAUTHORIZED = "Unauthorized: Skip message processing"


class Bench:
    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.server = carrier.server
        self._peers: list[Peer] = []

    async def stranger(self) -> Peer:
        """A connection that has not said hello."""
        peer = Peer(await self.carrier.connect())
        self._peers.append(peer)
        return peer

    async def peer(self) -> Peer:
        """A client that has the state."""
        peer = await self.stranger()
        assert "result" in await peer.hello(runtime_of(self.server).secret)
        assert "result" in await peer.call("trame.state.get")
        return peer

    async def close(self) -> None:
        for peer in self._peers:
            await peer.wire.close()
        await self.carrier.stop()


@pytest_asyncio.fixture(params=CARRIERS)
async def bench(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Bench]:
    caplog.set_level(logging.CRITICAL, "jupyter_trame")  # errors are part of what is tested
    monkeypatch.setattr(registry, "process", registry.Process())
    server = Server("wire", compat=getattr(request.function, "compat", None))
    server.state.update({"count": 1, "other": "o"})
    define(server)
    bench = Bench(CARRIERS[request.param](server))
    await bench.carrier.start()
    yield bench
    await bench.close()


def define(server: Server) -> None:
    @server.change("limited")
    def limit(limited: int | None, **_: Any) -> None:
        if limited is not None:
            server.state.limited = min(limited, 10)

    @server.trigger("echo")
    def echo(*args: Any, **kwargs: Any) -> Any:
        return [list(args), kwargs]

    @server.trigger("later")
    async def later(value: Any) -> Any:
        await asyncio.sleep(0)
        return value

    @server.trigger("fail")
    def fail() -> None:
        server.state.count = 99
        raise ZeroDivisionError("theirs")

    @server.trigger("unpackable")
    def unpackable() -> Any:
        return object()


# -- hello


async def test_hello(bench: Bench) -> None:
    peer = await bench.stranger()
    answer = await peer.hello(runtime_of(bench.server).secret)
    assert answer["wslink"] == "1.0"
    assert answer["id"] == "system:c0:0"
    assert re.fullmatch(r"c[0-9a-f]{32}", answer["result"]["clientID"])
    limit = bench.server.options["ws_max_msg_size"]
    assert 0 < answer["result"]["maxMsgSize"] <= limit
    assert runtime_of(bench.server).secret not in str(answer)


async def test_nothing_works_before_hello(bench: Bench) -> None:
    peer = await bench.stranger()
    answer = await peer.call("trame.state.get")
    assert answer["error"] == {"code": -32000, "message": UNAUTHORIZED}
    bench.server.state.count = 2
    bench.server.state.flush()
    await peer.request("foo", "trame.state.get")
    assert (await peer.receive() or {})["id"] == "foo", "nothing is published to strangers"
    await peer.request("system:c0:0", "wslink.other")
    assert (await peer.answer("system:c0:0"))["error"] == {
        "code": -32601,
        "message": "Unknown system method called",
    }


async def test_a_wrong_secret_may_be_tried_again(bench: Bench) -> None:
    if not bench.carrier.asks:
        pytest.skip("who connects decides")
    peer = await bench.stranger()
    for secret in ("", "wrong", None, 1):
        answer = await peer.hello(secret)  # type: ignore[arg-type]
        assert answer["error"] == {"code": -32000, "message": "Authentication failed"}
    assert "result" in await peer.hello(runtime_of(bench.server).secret)


async def test_a_stranger_may_send_512_bytes(bench: Bench) -> None:
    peer = await bench.stranger()
    base = {"wslink": "1.0", "id": "x", "method": "m", "args": [""], "kwargs": {}}
    room = 512 - sum(len(frame) - HEADER.size for frame in peer.chunks(base, 1 << 20))
    fits = {**base, "args": ["x" * (room - 2)]}  # a longer text has a longer head
    (frame,) = peer.chunks(fits, 1 << 20)
    assert len(frame) - HEADER.size == 512
    await peer.send(fits)
    assert (await peer.answer("x"))["error"]["message"] == UNAUTHORIZED
    await peer.send(bytes(513))
    assert await peer.receive() is None
    assert peer.wire.close_code == (1009 if bench.carrier.sockets else None)


# -- frames


async def test_chunks_in_any_order_and_of_several_messages_at_once(bench: Bench) -> None:
    peer = await bench.peer()
    one, two = (
        peer.chunks(
            {
                "wslink": "1.0",
                "id": f"rpc:p:{n}",
                "method": "trame.trigger",
                "args": ["echo", [n, "x" * 90], {}],
            },
            20,
        )
        for n in (1, 2)
    )
    mixed = [frame for pair in zip(reversed(one), two, strict=True) for frame in pair]
    for frame in mixed:
        await peer.wire.send(frame)
    answers = {n: await peer.answer(f"rpc:p:{n}") for n in (1, 2)} if mixed[-2] in one else {}
    assert {n: answer["result"][0][0] for n, answer in answers.items()} == {1: 1, 2: 2}


async def test_large_messages_come_in_frames_of_the_announced_size(bench: Bench) -> None:
    peer = await bench.peer()
    announced = (await peer.hello(runtime_of(bench.server).secret))["result"]["maxMsgSize"]
    big = bytes(9_000_000)
    assert (await peer.call("trame.trigger", "echo", [big], {}))["result"][0] == [big]
    assert announced // 2 < peer.largest <= announced


async def test_a_frame_over_the_limit_is_refused(bench: Bench) -> None:
    if not bench.carrier.sockets:
        pytest.skip("there are no frames but those of the program itself")
    peer = await bench.peer()
    size = bench.server.options["ws_max_msg_size"] + 4096
    content = size - HEADER.size
    await peer.wire.send(HEADER.pack(7, 0, content) + bytes(content))
    assert await peer.receive() is None, "as large as the limit: it is read, and found to be no request"
    assert peer.wire.close_code == 1007
    peer = await bench.peer()
    await peer.wire.send(bytes(size + 1))
    assert await peer.receive() is None
    assert peer.wire.close_code == 1009


async def test_text_is_ignored(bench: Bench) -> None:
    peer = await bench.peer()
    await peer.wire.send("hello")
    assert (await peer.call("trame.trigger", "echo", [1], {}))["result"] == [[1], {}]


# -- state


async def test_the_whole_state(bench: Bench) -> None:
    peer = await bench.peer()
    result = (await peer.call("trame.state.get"))["result"]
    assert result["name"] == "wire"
    assert (
        result["state"].items() >= {"count": 1, "other": "o", "trame__client_only": ["trame__busy"]}.items()
    )


async def test_an_update_reaches_the_others_and_not_its_author(bench: Bench) -> None:
    author, other = await bench.peer(), await bench.peer()
    answer = await author.call("trame.state.update", [{"key": "count", "value": 5}, {"key": "other"}])
    assert answer["result"] is None
    assert (bench.server.state.count, bench.server.state.other) == (5, None)
    assert merged(await other.states()) == {"count": 5, "other": None}
    assert merged(await author.states()) == {}


async def test_a_correction_reaches_everybody(bench: Bench) -> None:
    author, other = await bench.peer(), await bench.peer()
    for value in (50, 60):
        await author.update(limited=value)
        assert merged(await author.states()) == {"limited": 10}
        assert (await other.states())[-1] == {"limited": 10}


async def test_the_same_bytes_are_sent_once_unless_forced(bench: Bench) -> None:
    author, other = await bench.peer(), await bench.peer()
    await author.update(count=5)
    assert merged(await other.states()) == {"count": 5}
    await author.update(count=5)
    assert await other.states() == []
    assert (await author.call("trame.force.push", "count"))["result"] is None
    for peer in (author, other):
        assert merged(await peer.states()) == {"count": 5}


async def test_uploads_stay_at_the_server(bench: Bench) -> None:
    author, other = await bench.peer(), await bench.peer()
    file = {"name": "a", "content": b"bytes", "_filter": ["content"]}
    await author.update(file=file, files=[file])
    assert bench.server.state.file["content"] == b"bytes"
    clean = {"name": "a", "_filter": ["content"]}
    assert merged(await other.states()) == {"file": clean, "files": [clean]}
    state = (await other.call("trame.state.get"))["result"]["state"]
    assert (state["file"], state["files"]) == (clean, [clean])


async def test_a_value_that_cannot_be_packed_is_left_out(bench: Bench) -> None:
    peer = await bench.peer()
    bench.server.state.update({"bad": object(), "good": 1})
    bench.server.state.flush()
    assert merged(await peer.states()) == {"good": 1}
    state = (await peer.call("trame.state.get"))["result"]["state"]
    assert state["good"] == 1
    assert "bad" not in state


# -- calls


async def test_triggers(bench: Bench) -> None:
    peer = await bench.peer()
    assert (await peer.call("trame.trigger", "echo", [1, "a"], {"k": None}))["result"] == [
        [1, "a"],
        {"k": None},
    ]
    assert (await peer.call("trame.trigger", "later", [b"x"], {}))["result"] == b"x"


async def test_requests_of_one_client_are_answered_in_their_order(bench: Bench) -> None:
    peer = await bench.peer()
    for number in range(20):
        await peer.request(f"rpc:p:{number}", "trame.trigger", "echo", [number], {})
    seen = [await peer.receive() for _ in range(20)]
    assert [message and message["id"] for message in seen] == [f"rpc:p:{number}" for number in range(20)]


async def test_errors(bench: Bench) -> None:
    peer, other = await bench.peer(), await bench.peer()
    error = (await peer.call("trame.trigger", "fail", [], {}))["error"]
    assert (error["code"], error["message"]) == (-32001, "Exception raised")
    assert error["data"]["method"] == "trame.trigger"
    assert "theirs" in error["data"]["exception"]
    assert merged(await other.states()) == {"count": 99}, "the state is flushed even so"
    error = (await peer.call("no.such.method", 1))["error"]
    assert error == {"code": -32601, "message": "Unregistered method called", "data": "no.such.method"}
    error = (await peer.call("trame.trigger", "unpackable", [], {}))["error"]
    assert (error["code"], error["message"]) == (-32002, "Method result cannot be serialized")


async def test_an_unknown_trigger(bench: Bench) -> None:
    peer = await bench.peer()
    answer = await peer.call("trame.trigger", "ecco", [], {})
    assert answer["error"]["code"] == -32601
    assert "'echo'" in answer["error"]["message"]


async def test_an_unknown_trigger_with_trames_manners(bench: Bench) -> None:
    peer = await bench.peer()
    assert (await peer.call("trame.trigger", "ecco", [], {})).get("error") is None


test_an_unknown_trigger_with_trames_manners.compat = "trame"  # type: ignore[attr-defined]


async def test_a_request_without_a_method_is_answered(bench: Bench) -> None:
    peer = await bench.peer()
    await peer.send({"wslink": "1.0", "id": "rpc:p:0"})
    assert (await peer.answer("rpc:p:0"))["error"]["code"] == -32601
    await peer.send({"wslink": "1.0", "method": "trame.trigger"})
    assert "result" in await peer.call("trame.trigger", "echo", [], {})


# -- publications


async def test_publications(bench: Bench) -> None:
    one, two = await bench.peer(), await bench.peer()
    stranger = await bench.stranger()
    protocol = bench.server.protocol
    assert protocol is not None
    own = (await one.hello(runtime_of(bench.server).secret))["result"]["clientID"]
    protocol.publish("my.topic", {"data": b"x"})
    protocol.publish("my.topic", "only", client_id=own.removeprefix("c"))
    for peer, expected in ((one, [{"data": b"x"}, "only"]), (two, [{"data": b"x"}])):
        assert await peer.published("my.topic") == expected
    await stranger.request("foo", "m")
    assert (await stranger.receive() or {})["id"] == "foo"


async def test_a_publication_may_leave_out_whose_call_runs(bench: Bench) -> None:
    one, two = await bench.peer(), await bench.peer()

    @bench.server.trigger("tell")
    def tell() -> None:
        assert bench.server.protocol is not None
        bench.server.protocol.publish("my.topic", 1, skip_last_active_client=True)

    await one.call("trame.trigger", "tell", [], {})
    assert await two.published("my.topic") == [1]
    assert await one.published("my.topic") == []


async def test_the_end_of_the_server(bench: Bench) -> None:
    peer, stranger = await bench.peer(), await bench.stranger()
    await bench.server.stop()
    for each in (peer, stranger):
        while await each.receive() is not None:
            pass
        assert each.wire.close_code == (1001 if bench.carrier.sockets else None)


def merged(states: list[dict[str, Any]]) -> dict[str, Any]:
    """What a client shows after `states`."""
    return {key: value for state in states for key, value in state.items()}
