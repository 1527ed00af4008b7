"""trame-server's own Python client, unmodified, with a server of ours on every backend."""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from trame_server.client import Client

from tests.contract.facts import fact
from tests.contract.peers import TIMEOUT, until
from tests.contract.wire import SECRET, everywhere, serving
from tests.e2e.servers import TOKEN, JupyterServer, jupyter_server

CONNECTED = 2

APP = """
def build(server):
    server.state.update({"n": 1, "double": 2})

    @server.state.change("n")
    def on_n(n, **_):
        server.state.double = 2 * n

    @server.trigger("add")
    async def add(a, b=0):
        return a + b

    @server.trigger("fail")
    def fail():
        raise ValueError("on purpose")

    @server.trigger("set")
    def set_(value):
        server.state.n = value
"""
KERNEL = """
%load_ext jupyter_trame
from jupyter_trame import Server
server = Server("stock", compat="trame")
build(server)
server.start()
"""


def build(server: Any) -> None:
    scope: dict[str, Any] = {}
    exec(APP, scope)
    scope["build"](server)


@asynccontextmanager
async def connected(url: str, **hello: Any) -> AsyncIterator[Client]:
    """A stock client, until the block ends."""
    client = Client()
    life = asyncio.ensure_future(client.connect(url, **hello))
    await until(lambda: client.connected == CONNECTED or life.done())
    if life.done():
        await life
    try:
        yield client
    finally:
        await client.disconnect()
        async with asyncio.timeout(TIMEOUT):
            await life


def received(client: Client, **values: Any) -> bool:
    state = client.state
    return all(state.has(key) and state[key] == value for key, value in values.items())


async def heard(*clients: Client) -> None:
    """Wait until the server has what `clients` sent before.

    They send back each change that they get; one that crosses a write of another undoes it, with trame-server too.
    """
    for client in clients:
        assert await client.call_trigger("add", [0]) == 0


async def exercise(url: str, **hello: Any) -> None:
    """Everything that the stock client can do."""
    async with connected(url, **hello) as client, connected(url, **hello) as other:
        assert await client.call_trigger("add", [1, 2]) == 3
        assert await client.call_trigger("add", [1], {"b": 5}) == 6
        assert await client.call_trigger("set", [20]) is None
        await until(lambda: received(client, n=20, double=40) and received(other, n=20, double=40))
        await heard(client, other)
        with client.state as state:
            state.n = 21
        await until(lambda: received(client, double=42) and received(other, n=21, double=42))
        with pytest.raises(Exception, match="on purpose"):
            await client.call_trigger("fail")
        assert await other.call_trigger("add", [2, 2]) == 4
        await client.disconnect()
        await until(lambda: client.connected == 0)
        with pytest.raises(ConnectionError):
            await client.call_trigger("add", [1])
        assert await other.call_trigger("add", [3, 3]) == 6


@fact("wire 18", "trame-server's Python client works: state both ways, calls, errors, leaving")
@everywhere
@pytest.mark.asyncio
async def test_the_stock_python_client(kind: str) -> None:
    async with serving(kind, build) as wire:
        await exercise(f"{wire.url.replace('http', 'ws')}/ws", secret=SECRET)


@fact("wire 18", "trame-server's Python client is told of a wrong secret, and when the server stops")
@everywhere
@pytest.mark.asyncio
async def test_refusals(kind: str) -> None:
    async with serving(kind, build) as wire:
        url = f"{wire.url.replace('http', 'ws')}/ws"
        with pytest.raises(Exception, match="Authentication failed"):
            async with connected(url, secret="wrong"):
                pass
        async with connected(url, secret=SECRET) as client:
            await wire.server.stop()
            await until(lambda: client.connected == 0)


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with jupyter_server(tmp_path_factory.mktemp("jupyter")) as server:
        yield server
        server.shut_kernels_down()


def start_app(server: JupyterServer) -> str:
    """A kernel with the app; its id."""
    request = urllib.request.Request(
        f"{server.url}api/kernels",
        data=json.dumps({"name": "python3"}).encode(),
        method="POST",
        headers={"Authorization": f"token {TOKEN}"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        kernel_id = str(json.load(response)["id"])
    client = BlockingKernelClient(connection_file=str(Path(server.runtime) / f"kernel-{kernel_id}.json"))
    client.load_connection_file()
    client.start_channels()
    try:
        reply = client.execute(APP + KERNEL, reply=True, timeout=60)
        assert reply["content"]["status"] == "ok", reply["content"]
    finally:
        client.stop_channels()
    return kernel_id


@fact(
    "wire 18",
    "it works with a server in a kernel, through the Jupyter server; the Jupyter token takes the secret's place",
)
def test_in_a_kernel(jupyter: JupyterServer) -> None:
    kernel_id = start_app(jupyter)
    url = f"{jupyter.url.replace('http', 'ws')}trame/{kernel_id}/stock/ws?token={TOKEN}"
    asyncio.run(exercise(url, secret="any"))
