"""The backend without a network: the program around the server carries the frames."""

import asyncio
import inspect
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgpack
import pytest

from jupyter_trame.errors import ServerError
from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both, until
from tests.contract.wire import HEADER, chunks, hello, request

pytestmark = pytest.mark.asyncio


class Running:
    """A server without a network, until the block ends."""

    def __init__(self, peer: Peer) -> None:
        self.server = peer.server("generic")
        self.server.state.n = 1

    async def __aenter__(self) -> Any:
        self.task = self.server.start(
            backend="generic", exec_mode="task", timeout=0, open_browser=False, show_connection_info=False
        )
        await self.server.ready
        return self.server

    async def __aexit__(self, *_: object) -> None:
        await self.server.stop()
        await asyncio.wait([self.task])


class Client:
    """A connection and what came over it."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.messages: list[Any] = []
        self.kinds: set[bool] = set()
        connection.on_message(self._take)

    async def send(self, payload: bytes) -> None:
        for frame in chunks(payload):
            await self.connection.send(True, SimpleNamespace(data=frame))

    async def answer(self, request_id: str) -> Any:
        await until(lambda: any(message["id"] == request_id for message in self.messages))
        return next(message for message in self.messages if message["id"] == request_id)

    async def _take(self, is_binary: bool, content: bytes) -> None:
        self.kinds.add(is_binary)
        _, offset, total = HEADER.unpack_from(content)
        assert (offset, total) == (0, len(content) - 12)
        self.messages.append(msgpack.unpackb(content[12:]))


@fact("wire 14", '`start(backend="generic")` opens no port: `port` is 0')
@both
async def test_no_port(peer: Peer) -> None:
    async with Running(peer) as server:
        assert server.port == 0
        assert server.running


@fact("wire 14", "`server._server` has the endpoints as attributes and items; None for an unknown one")
@both
async def test_endpoints(peer: Peer) -> None:
    async with Running(peer) as server:
        assert server._server.ws is not None
        assert server._server.ws is server._server["ws"]
        assert server._server.other is server._server["other"] is None


@fact(
    "wire 14",
    "`await endpoint.connect()` gives a connection with `client_id`, 32 hexadecimal digits, and `closed`",
)
@both
async def test_connect(peer: Peer) -> None:
    async with Running(peer) as server:
        first, second = await server._server.ws.connect(), await server._server.ws.connect()
        assert (len(first.client_id), int(first.client_id, 16) > 0) == (32, True)
        assert first.client_id != second.client_id
        assert not first.closed
        await first.close()
        assert first.closed
        assert not second.closed
        await second.close()


@fact(
    "wire 14",
    "frames are those of the websocket: `send(is_binary, message)` takes one, the receiver gets one",
)
@both
async def test_frames(peer: Peer) -> None:
    async with Running(peer) as server:
        client = Client(await server._server.ws.connect())
        await client.send(hello())
        answer = await client.answer("system:c0:0")
        assert answer["result"]["clientID"] == f"c{client.connection.client_id}"
        await client.send(request("rpc:raw:1", "trame.state.get"))
        state = (await client.answer("rpc:raw:1"))["result"]
        assert (state["name"], state["state"]["n"]) == ("generic", 1)
        assert client.kinds == {True}
        await client.connection.close()


@fact("wire 14", "the state goes both ways, and clients are kept equal")
@both
async def test_state(peer: Peer) -> None:
    async with Running(peer) as server:
        client, other = [Client(await server._server.ws.connect()) for _ in range(2)]
        for raw in (client, other):
            await raw.send(hello())
            await raw.answer("system:c0:0")
        await client.send(request("rpc:raw:1", "trame.state.update", [{"key": "n", "value": 2}]))
        assert (await client.answer("rpc:raw:1"))["result"] is None
        assert (await other.answer("publish:trame.state.topic:0"))["result"] == {"n": 2}
        assert server.state.n == 2
        for raw in (client, other):
            await raw.connection.close()


@fact(
    "wire 14",
    "whoever connects was let in by the program: any hello is accepted",
    trame="asks for the secret",
)
@both
async def test_the_secret(peer: Peer) -> None:
    async with Running(peer) as server:
        client = Client(await server._server.ws.connect())
        await client.send(hello("anything"))
        assert ("result" in await client.answer("system:c0:0")) == (peer is OURS)
        await client.connection.close()


@fact("wire 14", "`start()` waits until `stop()`, which ends the connections")
@both
async def test_start_waits(peer: Peer) -> None:
    running = Running(peer)
    async with running as server:
        connection = await server._server.ws.connect()
        assert not running.task.done()
    assert running.task.done()
    assert not running.server.running
    if peer is OURS:
        assert connection.closed


@fact("wire 14", "nobody can connect once the server has stopped: a `ServerError` says so")
async def test_connect_after_the_end() -> None:
    async with Running(OURS) as server:
        endpoint = server._server.ws
    with pytest.raises(ServerError):
        await endpoint.connect()


@fact("wire 14", "`write_static_content(folder)` copies the page and the folders of the app")
@both
async def test_write_static_content(peer: Peer, tmp_path: Path) -> None:
    for name in ("www/index.html", "pkg/a.js"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    running = Running(peer)
    running.server.enable_module({"www": str(tmp_path / "www"), "serve": {"__pkg": str(tmp_path / "pkg")}})
    async with running as server:
        out = tmp_path / "out"
        written = server._server.write_static_content(str(out))
        if inspect.isawaitable(written):
            await written
        assert (out / "index.html").read_text() == "www/index.html"
        assert (out / "__pkg" / "a.js").read_text() == "pkg/a.js"
