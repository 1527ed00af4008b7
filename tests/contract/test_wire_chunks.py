"""Where the websocket is, and how messages are cut into chunks."""

import asyncio
import os
import struct
from typing import Any

import aiohttp
import msgpack
import pytest

from jupyter_trame.client import Client, ConnectionStatus
from tests.contract.facts import fact
from tests.contract.peers import until
from tests.contract.wire import HEADER, SECRET, Wire, chunks, everywhere, hello, ours, request, serving

pytestmark = pytest.mark.asyncio

LIMIT = 4 * 1024 * 1024


async def upgrade(wire: Wire, path: str = "/ws", **headers: str) -> tuple[int, Any]:
    """Status and headers of the answer to an upgrade."""
    asking = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **headers,
    }
    async with wire.http.get(f"{wire.url}{path}", headers=asking) as response:
        return response.status, response.headers


# -- address


@fact("wire 1", "the websocket is at `/ws`; no subprotocol, cookie or query is needed")
@everywhere
async def test_the_websocket_is_at_ws(kind: str) -> None:
    async with serving(kind) as wire:
        status, headers = await upgrade(wire)
        assert status == 101
        assert "Sec-WebSocket-Protocol" not in headers
        assert "Set-Cookie" not in headers
        client = await wire.connect("/ws?anything=1")
        assert "result" in await client.hello()


@fact("wire 1", "only binary frames carry messages, one connection a client")
@everywhere
async def test_only_binary_frames(kind: str) -> None:
    async with serving(kind) as wire:
        client, other = await wire.client(), await wire.client()
        wire.set(n=1)
        await wire.settle(client, other)
        assert client.frames
        assert all(isinstance(frame, bytes) for frame in client.frames + other.frames)


@fact(
    "wire 1",
    "a page of another origin may not open the websocket; programs, which name none, may",
    trame="looks at no Origin",
)
@everywhere
async def test_origins(kind: str) -> None:
    async with serving(kind) as wire:
        foreign, _ = await upgrade(wire, Origin="https://elsewhere.example")
        assert foreign == (101 if kind == "trame" else 403)
        assert (await upgrade(wire, Origin=wire.url))[0] == 101
        assert (await upgrade(wire))[0] == 101


@fact(
    "wire 1",
    "an offer of permessage-deflate is left alone: nothing is compressed",
    trame="compresses unless `--no-ws-compress` or `WSLINK_WS_COMPRESS=0`",
)
@everywhere
async def test_compression(kind: str) -> None:
    async with serving(kind) as wire:
        status, headers = await upgrade(wire, **{"Sec-WebSocket-Extensions": "permessage-deflate"})
        assert status == 101
        assert ("Sec-WebSocket-Extensions" in headers) == (kind == "trame")
        client = await wire.client(compress=15)
        assert (await client.call("trame.state.get"))["name"] == "wire"


@fact("wire 1", "with `--no-ws-compress` or `WSLINK_WS_COMPRESS=0` nothing is compressed")
@everywhere
@pytest.mark.parametrize("name", ["TRAME_ARGS", "WSLINK_WS_COMPRESS"])
async def test_no_compression(kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "--no-ws-compress" if name == "TRAME_ARGS" else "0")
    async with serving(kind) as wire:
        _, headers = await upgrade(wire, **{"Sec-WebSocket-Extensions": "permessage-deflate"})
        assert "Sec-WebSocket-Extensions" not in headers


@pytest.mark.parametrize("path", ["/some/path", "some/path"])
@fact("wire 1", "`--ws-endpoint some/path` moves the websocket, with or without a leading slash")
@everywhere
async def test_endpoint(kind: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAME_ARGS", f"--ws-endpoint {path}")
    async with serving(kind) as wire:
        client = await wire.connect("/some/path")
        assert "result" in await client.hello()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await wire.connect("/ws")


@fact("wire 1", "`--no-ws-endpoint` opens no websocket", trame="does not come up either")
@ours
async def test_no_endpoint(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAME_ARGS", "--no-ws-endpoint")
    async with serving(kind) as wire:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await wire.connect()
        assert caught.value.status == 404


@fact("wire 1", "the path beside the page is lower case, as stock pages write all of their address")
@everywhere
async def test_lower_case(kind: str) -> None:
    async with serving(kind) as wire, wire.http.get(f"{wire.url}/", allow_redirects=False) as response:
        location = response.headers["Location"]
        assert location == location.lower() == "index.html"


@fact(
    "wire 1",
    "a request to the websocket's path that is no upgrade gets 426",
    trame="answers 500, and cannot be stopped cleanly afterwards",
)
@ours
async def test_no_upgrade(kind: str) -> None:
    async with serving(kind) as wire, wire.http.get(f"{wire.url}/ws") as response:
        assert response.status == 426
        assert response.headers["Upgrade"] == "websocket"


# -- chunks


@fact("wire 2", "a message is 12 bytes of header, three little-endian uint32: id, offset, total; then bytes")
@everywhere
async def test_header(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.connect()
        payload = hello()
        await client.socket.send_bytes(struct.pack("<III", 0x01020304, 0, len(payload)) + payload)
        await client.answer("system:c0:0")
        _, offset, total = struct.unpack_from("<III", client.frames[0])
        assert (offset, total) == (0, len(client.frames[0]) - 12)
        assert msgpack.unpackb(client.frames[0][12:])["id"] == "system:c0:0"


@fact(
    "wire 2",
    "no frame is longer than the announced size; a longer message comes as chunks in order, one id for all",
)
@everywhere
async def test_large_messages_are_cut(kind: str) -> None:
    async with serving(kind, lambda server: server.state.update({"big": bytes(LIMIT * 2)})) as wire:
        client = await wire.client()
        announced = client.answers("system:c0:0")[0]["result"]["maxMsgSize"]
        state = (await client.call("trame.state.get"))["state"]
        assert state["big"] == bytes(LIMIT * 2)
        headers = [HEADER.unpack_from(frame) for frame in client.frames[1:]]
        assert len({number for number, _, _ in headers}) == 1
        assert [offset for _, offset, _ in headers] == [n * (announced - 12) for n in range(len(headers))]
        assert max(map(len, client.frames)) == announced


@fact("wire 2", "chunks of a message may come in any order")
@everywhere
async def test_chunks_in_any_order(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        frames = chunks(request("rpc:raw:1", "trame.state.update", [{"key": "n", "value": "x" * 500}]), 7, 60)
        for frame in reversed(frames):
            await client.socket.send_bytes(frame)
        assert (await client.answer("rpc:raw:1"))["result"] is None
        assert wire.server.state.n == "x" * 500


@fact("wire 2", "chunks of several messages may interleave, also before the hello")
@everywhere
async def test_chunks_interleave(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.connect()
        system = chunks(request("system:c0:1", "nothing"), 5, 40)
        for pair in zip(chunks(hello(), 6, 40), [*system, b""], strict=False):
            for frame in filter(None, pair):
                await client.socket.send_bytes(frame)
        assert "result" in await client.answer("system:c0:0")
        assert "error" in await client.answer("system:c0:1")


@fact("wire 2", "each connection has its own message ids")
@everywhere
async def test_ids_are_the_connections_own(kind: str) -> None:
    async with serving(kind) as wire:
        first, second = await wire.client(), await wire.client()
        payloads = [request(f"rpc:raw:{n}", "trame.trigger", f"{n}" * 50, [], {}) for n in (1, 2)]
        for frames in zip(*(chunks(payload, 9, 60) for payload in payloads), strict=True):
            await first.socket.send_bytes(frames[0])
            await second.socket.send_bytes(frames[1])
        assert (await first.answer("rpc:raw:1"))["result"] is None
        assert (await second.answer("rpc:raw:2"))["result"] is None


@fact(
    "wire 2",
    "a chunk that names another total than the first of its message closes the connection with 1002",
    trame="drops it, which a client sees as 1006",
)
@everywhere
async def test_another_total(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        await client.socket.send_bytes(HEADER.pack(3, 0, 100) + b"x" * 10)
        await client.socket.send_bytes(HEADER.pack(3, 10, 90) + b"x" * 10)
        code, _ = await client.ended()
        assert code == (1006 if kind == "trame" else 1002)


@fact("wire 2", "a message id is free again once its message is complete")
@everywhere
async def test_ids_come_again(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        for number in range(3):
            for frame in chunks(request(f"rpc:raw:{number}", "trame.trigger", "none", [], {}), 11, 50):
                await client.socket.send_bytes(frame)
            assert (await client.answer(f"rpc:raw:{number}"))["result"] is None


def greeting(size: int) -> bytes:
    """A hello of `size` bytes."""
    for length in range(size):
        payload = bytes(
            msgpack.packb(
                {
                    "id": "system:c0:0",
                    "method": "wslink.hello",
                    "args": [{"secret": SECRET, "x": "x" * length}],
                }
            )
        )
        if len(payload) == size:
            return payload
    raise AssertionError(size)


@fact("wire 2", "before the hello a message may have 512 bytes")
@everywhere
async def test_512_bytes_before_the_hello(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.connect()
        await client.send(greeting(512), step=100)
        assert "result" in await client.answer("system:c0:0")


@fact("wire 2", "a larger one closes the connection with 1009", trame="drops it, which a client sees as 1006")
@everywhere
async def test_more_than_512_bytes(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.connect()
        await client.send(greeting(513))
        assert (await client.ended())[0] == (1006 if kind == "trame" else 1009)


@fact("wire 2", "after the hello a message may be larger than a frame")
@everywhere
async def test_large_messages_of_clients(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        value = os.urandom(3 * LIMIT)
        payload = request("rpc:raw:1", "trame.state.update", [{"key": "big", "value": value}])
        await client.send(payload, step=LIMIT - 12)
        assert (await client.answer("rpc:raw:1"))["result"] is None
        assert wire.server.state.big == value


@fact("wire 2", "a frame may have `ws_max_msg_size` + 4096 bytes; a larger one closes with 1009")
@everywhere
async def test_frame_limit(kind: str) -> None:
    async with serving(kind, options={"ws_max_msg_size": 1_000_000}) as wire:
        client = await wire.client()
        head = len(request("rpc:raw:1", "trame.trigger", "x" * 70_000, [], {})) - 70_000
        fitting = 1_000_000 + 4096 - 12 - head - (1 if kind == "trame" else 0)
        await client.send(request("rpc:raw:1", "trame.trigger", "x" * fitting, [], {}))
        assert (await client.answer("rpc:raw:1"))["result"] is None
        await client.send(request("rpc:raw:2", "trame.trigger", "x" * (1_000_000 + 4096), [], {}))
        assert (await client.ended())[0] in ({1009, 1006} if kind == "trame" else {1009})


@fact(
    "wire 2",
    "`ws_max_msg_size`, up to 4 MiB, is what is announced and how large chunks to clients are",
    trame="announces and sends 4 MiB whatever it accepts",
)
@everywhere
async def test_announced_size(kind: str) -> None:
    async with serving(kind, options={"ws_max_msg_size": 100_000}) as wire:
        client = await wire.client()
        announced = LIMIT if kind == "trame" else 100_000
        assert client.answers("system:c0:0")[0]["result"]["maxMsgSize"] == announced
        wire.set(big=bytes(300_000))
        await wire.settle(client)
        assert (max(map(len, client.frames)) <= 100_000) == (kind != "trame")
    async with serving(kind) as wire:
        client = await wire.client()
        assert client.answers("system:c0:0")[0]["result"]["maxMsgSize"] == LIMIT


@fact("wire 2", "the size is also taken from `TRAME_WS_MAX_MSG_SIZE`")
@ours
async def test_size_from_the_environment(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAME_WS_MAX_MSG_SIZE", "50000")
    async with serving(kind) as wire:
        client = await wire.client()
        assert client.answers("system:c0:0")[0]["result"]["maxMsgSize"] == 50_000


@fact(
    "wire 2", "chunks of one message are never mixed with those of another, whatever is published meanwhile"
)
@everywhere
async def test_messages_are_sent_whole(kind: str) -> None:
    async with serving(kind) as wire:
        client, other = await wire.client(), await wire.client()
        for number in range(4):
            wire.set(big=bytes([number]) * (LIMIT + 100))
            wire.set(small=number)
            await asyncio.sleep(0)
        await wire.settle(client, other)
        for raw in (client, other):
            numbers = [HEADER.unpack_from(frame)[0] for frame in raw.frames]
            runs = [number for at, number in enumerate(numbers) if at == 0 or numbers[at - 1] != number]
            assert len(runs) == len(set(runs))


@fact(
    "wire 2",
    "our Python client takes messages of any size",
    trame="its Python client ends at a message above `maxMsgSize`",
)
@ours
async def test_large_messages_for_the_python_client(kind: str) -> None:
    async with serving(kind) as wire:
        client = Client(f"{wire.url}/", {"secret": SECRET})
        life = asyncio.ensure_future(client.connect())
        await until(lambda: client.connected == ConnectionStatus.CONNECTED)
        wire.set(big=bytes(2 * LIMIT))
        await until(lambda: client.state.has("big") and client.state.big == bytes(2 * LIMIT))
        await client.disconnect()
        await life
