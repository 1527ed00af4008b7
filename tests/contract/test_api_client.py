"""The Python client, and `get_server` and `get_client`."""

import asyncio
import socket
from typing import Any

import pytest

from jupyter_trame import get_client, get_server
from jupyter_trame.client import Client
from jupyter_trame.runtime import registry
from jupyter_trame.server import Server
from tests.contract.facts import fact
from tests.contract.peers import OURS, TIMEOUT, TRAME, Peer, both, live, until


def client_of(peer: Peer, server: Any, **options: Any) -> Any:
    address = f"ws://127.0.0.1:{server.port}/ws"
    return peer.module("").Client(address, config={"secret": "wslink-secret"}, **options)


async def leave(client: Any, connecting: "asyncio.Task[None]") -> None:
    await client.disconnect()
    async with asyncio.timeout(TIMEOUT):
        await asyncio.wait([connecting])


@fact(
    "api 9",
    "`Client(url, config, translator, hot_reload)`; `connected` goes from DISCONNECTED by CONNECTING to CONNECTED",
)
@fact(
    "api 9",
    "`connect()` runs until the client is disconnected, and does nothing where it is not DISCONNECTED",
)
@both
@pytest.mark.asyncio
async def test_connect(peer: Peer) -> None:
    status = peer.module("client").ConnectionStatus
    assert [status.DISCONNECTED, status.CONNECTING, status.CONNECTED] == [0, 1, 2]
    async with live(OURS) as (server, _):
        client = client_of(peer, server, translator=peer.translator("c_"), hot_reload=False)
        assert client.connected == status.DISCONNECTED
        connecting = asyncio.ensure_future(client.connect())
        await until(lambda: client.connected != status.DISCONNECTED)
        await until(lambda: client.connected == status.CONNECTED)
        assert not connecting.done()
        assert await client.connect() is None
        await leave(client, connecting)
        assert client.connected == status.DISCONNECTED


@fact("api 9", "entries of `config` and of `connect(**kwargs)` form the hello: `secret=` has to be given")
@both
@pytest.mark.asyncio
async def test_secret(peer: Peer) -> None:
    async with live(OURS) as (server, _):
        client = peer.module("").Client()
        url = f"ws://127.0.0.1:{server.port}/ws"
        connecting = asyncio.ensure_future(client.connect(url, secret="wslink-secret"))
        await until(lambda: client.connected == 2)
        await leave(client, connecting)


@fact("api 9", "a refused secret raises an Exception with the error map of the server")
@both
@pytest.mark.asyncio
async def test_refused(peer: Peer) -> None:
    async with live(OURS) as (server, _):
        client = peer.module("").Client(f"ws://127.0.0.1:{server.port}/ws")
        with pytest.raises(Exception, match="code") as raised:
            await client.connect(secret="wrong")
        assert isinstance(raised.value.args[0], dict)
        assert client.connected == 0


@fact(
    "api 9",
    "where nobody listens an OSError is raised",
    trame="aiohttp's `ClientConnectorError`, an OSError too",
)
@both
@pytest.mark.asyncio
async def test_unreachable(peer: Peer) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{sock.getsockname()[1]}/ws"
        with pytest.raises(OSError, match="onnect"):
            await peer.module("").Client(url).connect(secret="x")


@fact("api 9", "`ConnectionError` where the socket closes before the hello is answered")
@pytest.mark.asyncio
async def test_hangs_up() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectionError):
            await Client(f"ws://127.0.0.1:{port}/ws").connect(secret="x")


@fact(
    "api 9",
    "`call_trigger(name, args, kwargs)` gives the result; `ConnectionError` where it is not connected",
)
@fact("api 9", "`call_trigger` raises an Exception with the error map where the server reports an error")
@both
@pytest.mark.asyncio
async def test_call_trigger(peer: Peer) -> None:
    async with live(OURS) as (server, _):
        server.trigger("add")(lambda a, b=0: a + b)
        server.trigger("fails")(lambda: 1 / 0)
        client = client_of(peer, server)
        with pytest.raises(ConnectionError):
            await client.call_trigger("add", [1])
        connecting = asyncio.ensure_future(client.connect())
        await until(lambda: client.connected == 2)
        assert await client.call_trigger("add", [1], {"b": 2}) == 3
        with pytest.raises(Exception, match="ZeroDivisionError") as raised:
            await client.call_trigger("fails")
        assert isinstance(raised.value.args[0], dict)
        await leave(client, connecting)


@fact(
    "api 9",
    "`state` and `change` follow the server: each delta is applied with a flush; a flush here is sent",
)
@both
@pytest.mark.asyncio
async def test_state(peer: Peer) -> None:
    async with live(OURS) as (server, _):
        client = client_of(peer, server)
        seen: list[Any] = []
        client.change("a")(lambda a, **_: seen.append(a))
        connecting = asyncio.ensure_future(client.connect())
        await until(lambda: client.connected == 2)
        with server.state as state:
            state.a = 1
        await until(lambda: seen == [1])
        with client.state as state:
            state.b = {"x": 1, "hidden": 2, "_filter": ["hidden", "_filter"]}
        await until(lambda: server.state.b)
        assert server.state.b == {"x": 1}
        await leave(client, connecting)


@fact(
    "api 9",
    "once connected, the state of the client holds all that the server's does",
    trame="it starts empty",
)
@fact("api 9", "what the server sent is not sent back to it", trame="every delta is echoed")
@pytest.mark.asyncio
async def test_filled_state() -> None:
    for peer in (OURS, TRAME):
        async with live(OURS, lambda server: server.state.update(a=1)) as (server, _):
            client = client_of(peer, server)
            connecting = asyncio.ensure_future(client.connect())
            await until(lambda client=client: client.connected == 2)
            assert client.state.a == (1 if peer is OURS else None)
            await leave(client, connecting)
    async with live(OURS) as (server, make_client):
        writes: list[Any] = []
        async with make_client() as client:
            server.change("a")(lambda **_: writes.append(server.protocol.current.get()))
            with server.state as state:
                state.a = 1
            await until(lambda: client.state.a == 1)
            await client.call("trame.state.get")
        assert writes == [None]


@fact(
    "api 13",
    "`get_server(name=None)`: the server of that name, `trame` without one, made where there is none",
)
@fact("api 13", "with `create_if_missing=False` None where there is none")
def test_get_server() -> None:
    assert get_server("x", create_if_missing=False) is None
    server = get_server("x", my_option=1)
    assert get_server("x") is server
    assert server.options["my_option"] == 1
    assert get_server().name == "trame"


@fact("api 13", "a server is returned as it is")
def test_get_server_of_a_server() -> None:
    server = Server("x")
    assert get_server(server) is server


@fact(
    "api 13",
    "anything that is neither a name nor a server raises TypeError",
    trame="is used as a key: a server appears",
)
def test_get_server_of_anything() -> None:
    with pytest.raises(TypeError, match="name"):
        get_server(3)  # type: ignore[call-overload]


@fact("api 13", "`client_type` is applied; TypeError where the server has another")
def test_get_server_with_client_type() -> None:
    assert get_server("x", client_type="vue2").client_type == "vue2"
    with pytest.raises(TypeError):
        get_server("x", client_type="vue3")


@fact("api 13", "a server that is made so has trame-client's `VirtualNode` for its templates")
def test_get_server_with_virtual_nodes() -> None:
    from trame_client.widgets.core import VirtualNode

    assert isinstance(get_server("x").ui.main, VirtualNode)


@fact("api 13", "`get_client(url=None, hot_reload=False, **config)`: one client for each address")
def test_get_client(process: registry.Process) -> None:
    client = get_client("ws://127.0.0.1:1/ws", secret="x")
    assert get_client("ws://127.0.0.1:1/ws") is client
    assert get_client("ws://127.0.0.1:2/ws") is not client


@fact("api 13", "`trame.app.get_server` and `trame.app.core.AVAILABLE_SERVERS` see the same servers as ours")
def test_registry(process: registry.Process) -> None:
    from jupyter_trame.compat.server_names import patch_registry

    module = pytest.importorskip("trame.app.core")
    undo = patch_registry(module)
    try:
        server = Server("x")
        assert module.AVAILABLE_SERVERS["x"] is server
    finally:
        undo()
