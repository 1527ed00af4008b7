"""A kernel that talks to trame's own Jupyter bridge."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.facts import fact
from tests.kernel.bridge import Bridge
from tests.kernel.support import Kernel, running_kernel

OURS = """
from jupyter_trame import Server
def start(name):
    server = Server(name, compat="trame")
    build(server)
    server.start()
    return server
"""
TRAME = """
import asyncio
from trame_server import Server
def start(name):
    server = Server(name)
    build(server)
    server.start(backend="jupyter", exec_mode="task", open_browser=False, show_connection_info=False)
    return server
"""
BUILD = """
import asyncio
gate = asyncio.Event()
def build(server):
    server.state.n = 1
    @server.state.change("n")
    def on_n(n, **_):
        server.state.twice = 2 * n
    @server.trigger("wait")
    async def wait():
        await gate.wait()
        return "waited"
    server.trigger("quick")(lambda: "quick")
"""
PEERS = {"ours": OURS, "trame": TRAME}


@pytest.fixture(scope="module", params=list(PEERS))
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel with `start(name)`; `peer` says whose servers those are."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    with running_kernel(folder) as kernel:
        if request.param == "ours":
            kernel.run("%load_ext jupyter_trame")
        kernel.run(BUILD + PEERS[request.param])
        yield kernel


@pytest.fixture
def peer(kernel: Kernel, request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["kernel"])


@pytest.fixture
def app(kernel: Kernel, request: pytest.FixtureRequest) -> str:
    """The name of a server of this test alone, in the variable `server`."""
    name = f"app {abs(hash(request.node.name))}"
    kernel.run(f"gate.clear()\nserver = start({name!r})")
    return name


@fact("wire 15", "the kernel answers comms of the target `wslink_comm`, opened by the page without data")
def test_the_target(kernel: Kernel, app: str) -> None:
    bridge = Bridge(kernel)
    assert bridge.hello(app)["result"]["clientID"].startswith("c")
    assert kernel.value("'wslink_comm' in get_ipython().kernel.comm_manager.targets")


@fact(
    "wire 15",
    "a message has `{server, client}` as data and one chunk as its buffer, both ways; then all is as elsewhere",
)
def test_messages(kernel: Kernel, app: str) -> None:
    bridge = Bridge(kernel)
    bridge.hello(app)
    bridge.request(app, "0", "trame.state.get", request_id="rpc:x:1")
    assert bridge.answer(app, "0", "rpc:x:1")["result"]["state"]["twice"] == 2
    bridge.request(app, "0", "trame.state.update", [{"key": "n", "value": 4}], request_id="rpc:x:2")
    assert bridge.answer(app, "0", "rpc:x:2")["result"] is None
    kernel.until(lambda: bridge.pushed(app).get("twice") == 8)
    assert set(bridge.chunks) == {1}
    assert set(bridge.messages) == {(app, "0")}


@fact("wire 15", "messages may come in chunks, one a comm message")
def test_chunks(kernel: Kernel, app: str) -> None:
    bridge = Bridge(kernel)
    bridge.hello(app)
    entry = {"key": "text", "value": "x" * 10_000}
    bridge.request(app, "0", "trame.state.update", [entry], request_id="rpc:x:2", limit=1000)
    bridge.answer(app, "0", "rpc:x:2")
    assert kernel.value("len(server.state.text)") == 10_000


@fact(
    "wire 15",
    "one comm serves all servers of the kernel: `server` is the name, and an unknown one is ignored",
)
def test_servers(kernel: Kernel, app: str) -> None:
    kernel.run("other = start('another')\nother.state.n = 50\nother.state.flush()")
    bridge = Bridge(kernel)
    for name in (app, "another"):
        bridge.hello(name)
    bridge.request("nobody", "0", "wslink.hello", {"secret": "wslink-secret"}, request_id="system:c0:0")
    bridge.request("another", "0", "trame.state.get", request_id="rpc:x:1")
    assert bridge.answer("another", "0", "rpc:x:1")["result"]["name"] == "another"
    assert set(bridge.messages) == {(app, "0"), ("another", "0")}


@fact(
    "wire 15",
    "`client` is any text of the page; the first message with it opens a connection, which needs a hello",
)
def test_clients(kernel: Kernel, app: str) -> None:
    bridge = Bridge(kernel)
    first = bridge.hello(app, "0")["result"]["clientID"]
    bridge.request(app, "some page", "trame.state.get", request_id="rpc:x:1")
    assert bridge.answer(app, "some page", "rpc:x:1")["error"]["code"] == -32000
    assert bridge.hello(app, "some page")["result"]["clientID"] != first


@fact("wire 15", "a page that opens its comm takes the place of the one before")
def test_the_latest_page(kernel: Kernel, app: str) -> None:
    old = Bridge(kernel)
    old.hello(app, "old")
    new = Bridge(kernel)
    new.hello(app, "new")
    kernel.run("server.state.n = 7\nserver.state.flush()")
    kernel.until(lambda: new.pushed(app, "new").get("n") == 7)
    assert "n" not in old.pushed(app, "old")


@fact(
    "wire 15",
    "a page that is loaded again has to say hello again, and the one before has left",
    trame="keeps the old connection, which the new page goes on with",
)
def test_a_page_again(kernel: Kernel, app: str, peer: str) -> None:
    old = Bridge(kernel)
    first = old.hello(app)["result"]["clientID"]
    new = Bridge(kernel)
    new.request(app, "0", "trame.state.get", request_id="rpc:x:1")
    assert ("error" in new.answer(app, "0", "rpc:x:1")) == (peer == "ours")
    assert (new.hello(app)["result"]["clientID"] == first) == (peer == "trame")


@fact(
    "wire 15",
    "answers to one client come in the order of its requests, here too",
    trame="answers what is ready first",
)
def test_order(kernel: Kernel, app: str, peer: str) -> None:
    bridge = Bridge(kernel)
    bridge.hello(app)
    bridge.request(app, "0", "trame.trigger", "wait", [], {}, request_id="rpc:x:1")
    bridge.request(app, "0", "trame.trigger", "quick", [], {}, request_id="rpc:x:2")
    if peer == "trame":
        bridge.answer(app, "0", "rpc:x:2")
    kernel.run("gate.set()")
    assert bridge.answer(app, "0", "rpc:x:1")["result"] == "waited"
    assert bridge.answer(app, "0", "rpc:x:2")["result"] == "quick"
    ids = [message["id"] for message in bridge.messages[app, "0"] if message["id"].startswith("rpc")]
    assert ids == (["rpc:x:2", "rpc:x:1"] if peer == "trame" else ["rpc:x:1", "rpc:x:2"])


@fact("wire 15", "`server.port` is 0, and the chunks announced are of 4 MiB")
def test_port(kernel: Kernel, app: str) -> None:
    assert kernel.value("server.port") == 0
    result: dict[str, Any] = Bridge(kernel).hello(app)["result"]
    assert result["maxMsgSize"] == 4194304
