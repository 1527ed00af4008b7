"""How a connection becomes a client, and how it ends."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from wslink.websocket import LinkProtocol

from tests.contract.facts import fact
from tests.contract.peers import until
from tests.contract.wire import SECRET, everywhere, ours, request, serving

pytestmark = pytest.mark.asyncio


def with_protocol(make: Callable[[], object]) -> Callable[[Any], None]:
    """An app with a protocol object."""

    def build(server: Any) -> None:
        server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(make()))

    return build


class Watcher(LinkProtocol):
    """A protocol object that hears of connections."""

    def __init__(self) -> None:
        super().__init__()
        self.connected: list[str] = []
        self.closed: list[str] = []

    def onConnect(self, request: Any, client_id: str) -> None:  # noqa: N802
        self.connected.append(client_id)

    def onClose(self, client_id: str) -> None:  # noqa: N802
        self.closed.append(client_id)


# -- hello


@fact("wire 5", "the server says nothing before the hello")
@everywhere
async def test_the_server_is_silent_first(kind: str) -> None:
    async with serving(kind) as wire:
        client, ready = await wire.connect(), await wire.client()
        wire.set(n=1)
        await wire.settle(ready)
        await client.hello()
        assert [message["id"] for message in client.messages] == ["system:c0:0"]


@fact("wire 5", "a hello with the secret gets a `clientID`, `c` and 32 hexadecimal digits, and `maxMsgSize`")
@everywhere
async def test_hello(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.connect()
        answer = await client.hello(SECRET)
        assert set(answer) == {"wslink", "id", "result"}
        assert (answer["wslink"], answer["id"]) == ("1.0", "system:c0:0")
        assert set(answer["result"]) == {"clientID", "maxMsgSize"}
        name = answer["result"]["clientID"]
        assert name[0] == "c"
        assert (len(name), int(name[1:], 16) > 0) == (33, True)
        assert answer["result"]["maxMsgSize"] == 4194304


@fact(
    "wire 5", "a wrong secret, or a hello without one, gets -32000 `Authentication failed`, and may try again"
)
@everywhere
async def test_wrong_secret(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.connect()
        for given in ({"secret": "wrong"}, {"secret": ""}, {}, 7, None):
            await client.send(request("system:c0:0", "wslink.hello", given))
        await client.send(request("system:c0:0", "wslink.hello"))
        await client.until(lambda: len(client.messages) == 6)
        error = {"code": -32000, "message": "Authentication failed"}
        assert [message["error"] for message in client.messages] == [error] * 6
        assert "result" in await client.hello()


@fact("wire 5", "another system method gets -32601 `Unknown system method called`")
@everywhere
async def test_unknown_system_method(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.connect()
        await client.send(request("system:c0:7", "wslink.goodbye"))
        answer = await client.answer("system:c0:7")
        assert answer["error"] == {"code": -32601, "message": "Unknown system method called"}


@fact("wire 5", "any other request before the hello gets -32000 `Unauthorized: Skip message processing`")
@everywhere
async def test_requests_before_the_hello(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.connect()
        for method in ("trame.state.get", "no.such.method"):
            error = await client.error(method)
            assert error == {"code": -32000, "message": "Unauthorized: Skip message processing"}


@fact("wire 5", "a connection without a hello gets no publications")
@everywhere
async def test_no_publications_before_the_hello(kind: str) -> None:
    async with serving(kind) as wire:
        client, ready = await wire.connect(), await wire.client()
        wire.server.protocol.publish("some.topic", 1)
        wire.set(n=1)
        await wire.settle(ready)
        assert ready.published("some.topic") == [1]
        await client.hello()
        await wire.settle(client)
        assert (client.seen("n"), client.published("some.topic")) == ([], [])


@fact("wire 5", "every connection, with or without a hello, triggers `onConnect` of protocol objects")
@everywhere
async def test_on_connect(kind: str) -> None:
    watcher = Watcher()
    async with serving(kind, with_protocol(lambda: watcher)) as wire:
        silent = await wire.connect()
        await until(lambda: len(watcher.connected) == 1)
        client = await wire.client()
        await until(lambda: len(watcher.connected) == 2)
        name = client.answers("system:c0:0")[0]["result"]["clientID"]
        assert watcher.connected[1] == name[1:]
        assert silent.end is None


@fact("wire 5", "a hello may come again on the same connection, and gets the same `clientID`")
@everywhere
async def test_hello_again(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        answers = [await client.hello() for _ in range(2)]
        assert [*answers, answers[0]] == [client.messages[0]] * 3
        assert await client.call("trame.state.update", [{"key": "n", "value": 1}]) is None


@fact(
    "wire 5",
    "protocol objects with `async validateToken(token, client_id)` decide instead of the secret, all of them",
)
@everywhere
async def test_validators(kind: str) -> None:
    asked: list[tuple[Any, str]] = []

    class Judge(Watcher):
        def __init__(self, accepted: str) -> None:
            super().__init__()
            self.accepted = accepted

        async def validateToken(self, token: Any, client_id: str) -> bool:  # noqa: N802
            asked.append((token, client_id))
            await asyncio.sleep(0)
            return self.accepted in str(token)

    def build(server: Any) -> None:
        with_protocol(lambda: Judge("a"))(server)
        with_protocol(lambda: Judge("b"))(server)

    async with serving(kind, build) as wire:
        client = await wire.connect()
        for token, good in ((SECRET, False), ("a", False), ("b", False), (["a", "b"], True), ("ab", True)):
            assert ("result" in await client.hello(token)) == good
        name = client.answers("system:c0:0")[-1]["result"]["clientID"]
        assert {client_id for _, client_id in asked} == {name[1:]}


@fact(
    "wire 5",
    "a secret of digits may come as a number: stock pages make one of `?secret=123`",
    trame="refuses it",
)
@everywhere
async def test_numeric_secret(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAME_ARGS", "--authKey 123")
    async with serving(kind) as wire:
        client = await wire.connect()
        assert ("result" in await client.hello(123)) == (kind != "trame")
        assert "result" in await client.hello("123")


@fact("wire 5", "no secret is written to the log")
@everywhere
async def test_secrets_and_the_log(
    kind: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAME_ARGS", "--authKey known-to-few --debug")
    caplog.set_level(logging.DEBUG)
    async with serving(kind) as wire:
        client = await wire.connect()
        assert "error" in await client.hello("guessed-by-one")
        assert "result" in await client.hello("known-to-few")
        await client.call("trame.state.get")
    assert "known-to-few" not in caplog.text
    assert "guessed-by-one" not in caplog.text


# -- life


@fact(
    "wire 11", "the server pings each connection every `ws_heart_beat` seconds; a client that answers stays"
)
@everywhere
async def test_heart_beat(kind: str) -> None:
    async with serving(kind, options={"ws_heart_beat": 1}) as wire:
        client = await wire.client(autoping=False)
        await client.until(lambda: client.pings)
        await client.socket.pong()
        assert (await client.call("trame.state.get"))["name"] == "wire"


@fact("wire 11", "one that does not answer is dropped")
@everywhere
async def test_no_answer_to_the_heart_beat(kind: str) -> None:
    watcher = Watcher()
    async with serving(kind, with_protocol(lambda: watcher), options={"ws_heart_beat": 1}) as wire:
        client = await wire.client(autoping=False)
        await client.ended()
        assert client.pings
        await until(lambda: watcher.closed)


@fact("wire 11", "`TRAME_WS_HEART_BEAT` sets the interval; below 1 there are no pings")
@ours
async def test_no_heart_beat(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAME_WS_HEART_BEAT", "1")
    async with serving(kind) as beating:
        monkeypatch.setenv("TRAME_WS_HEART_BEAT", "0")
        async with serving(kind, name="still") as still:
            first = await still.client(autoping=False)
            second = await beating.client(autoping=False)
            await second.until(lambda: second.pings)
            await second.socket.pong()
            await second.until(lambda: second.pings > 1)
            assert first.pings == 0
            assert first.end is None


@fact("wire 11", "without any connection the server stops `timeout` seconds after its start")
@everywhere
async def test_auto_stop(kind: str) -> None:
    async with serving(kind, timeout=1) as wire:
        await until(lambda: not wire.server.running)


@fact(
    "wire 11",
    "a client keeps it up; the timer starts again when the last one leaves",
    trame="a connection without a hello keeps it up as well",
)
@everywhere
async def test_a_client_keeps_the_server_up(kind: str) -> None:
    async with serving(kind, timeout=2) as held:
        client = await (held.connect() if kind == "trame" else held.client())
        async with serving(kind, timeout=2, name="free") as free:
            if kind != "trame":
                await free.connect()
            await until(lambda: not free.server.running)
        assert held.server.running
        await client.close()
        await until(lambda: not held.server.running)


@fact("wire 11", "a server that stops closes every connection with 1001 and the reason `Server shutdown`")
@everywhere
async def test_stop(kind: str) -> None:
    async with serving(kind) as wire:
        clients = [await wire.client(), await wire.connect()]
        asyncio.get_running_loop().create_task(wire.server.stop())
        for client in clients:
            assert await client.ended() == (1001, "Server shutdown")


@fact("wire 11", "a client that is gone is told to protocol objects as `onClose(client_id)`")
@everywhere
async def test_on_close(kind: str) -> None:
    watcher = Watcher()
    async with serving(kind, with_protocol(lambda: watcher)) as wire:
        client = await wire.client()
        await until(lambda: watcher.connected)
        await client.close()
        await until(lambda: watcher.closed == watcher.connected)


@fact("wire 11", "chunks of a connection that is gone are forgotten, and its hello with it")
@everywhere
async def test_nothing_outlives_a_connection(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        payload = request("rpc:raw:1", "trame.state.get")
        await client.socket.send_bytes(
            b"\x09\0\0\0" + b"\0\0\0\0" + bytes([len(payload), 0, 0, 0]) + payload[:10]
        )
        await client.close()
        again = await wire.connect()
        assert (await again.error("trame.state.get"))["code"] == -32000


@fact("wire 11", "a client that comes back says hello again, gets another `clientID`, and asks for the state")
@everywhere
async def test_reconnect(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        await client.write(n=5)
        await client.close()
        again = await wire.client()
        names = [raw.answers("system:c0:0")[0]["result"]["clientID"] for raw in (client, again)]
        assert names[0] != names[1]
        assert (await again.call("trame.state.get"))["state"]["n"] == 5


@fact("wire 11", "a page that leaves says `client_exited` and closes its connection")
@everywhere
async def test_leaving(kind: str) -> None:
    heard: list[str] = []
    async with serving(kind) as wire:
        wire.server.controller.add("on_client_exited")(lambda: heard.append("exited"))
        client, other = await wire.client(), await wire.client()
        await client.request("trame.lifecycle.update", "client_exited")
        await client.close()
        await until(lambda: heard)
        await other.write(n=1)
        assert heard == ["exited"]
