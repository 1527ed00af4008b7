"""Clients that the program around the server connects, and trame's own tool that does so."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from trame.tools import serve
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

from jupyter_trame.errors import ServerError
from jupyter_trame.protocol.client_events import StateChanged
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.server import Server
from jupyter_trame.transports.backlog import Backlog
from jupyter_trame.web import generic
from jupyter_trame.web.generic import GenericConnection

pytestmark = pytest.mark.asyncio


async def started(name: str = "app") -> tuple[Server, asyncio.Task[None]]:
    server = Server(name)
    server.state.n = 1
    task = server.start(backend="generic", exec_mode="task", timeout=0)
    assert isinstance(task, asyncio.Task)
    await server.ready
    return server, task


class Client:
    """A client of ours over a connection."""

    def __init__(self, connection: GenericConnection) -> None:
        self.connection = connection
        self.session = ClientSession("")
        self.state: dict[str, Any] = {}
        self.news = asyncio.Event()
        connection.on_message(self._receive)

    async def _receive(self, is_binary: bool, content: bytes) -> None:
        assert is_binary
        for event in self.session.receive(content):
            if isinstance(event, StateChanged):
                self.state.update(event.changes)
        self.news.set()
        await self.flush()

    async def flush(self) -> None:
        for frame in self.session.take_output():
            await self.connection.send(True, SimpleNamespace(data=frame))

    async def until(self, **state: Any) -> None:
        while not state.items() <= self.state.items():
            self.news.clear()
            await self.news.wait()


async def test_a_client_in_the_same_process() -> None:
    server, task = await started()
    assert server.port == 0
    assert server._server["ws"] is server._server.ws
    assert server._server.nothing is server._server["nothing"] is None
    connection = await server._server.ws.connect()
    assert len(connection.client_id) == 32
    assert not connection.closed
    client = Client(connection)
    client.session.connected()
    await client.flush()
    await client.until(n=1)
    assert client.session.client_id == f"c{connection.client_id}"
    client.session.write({"n": 2})
    await client.flush()
    while server.state.n != 2:  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0)
    await connection.close()
    await connection.close()
    assert connection.closed
    await connection.send(True, SimpleNamespace(data=b"late"))
    await server.stop()
    await task


async def test_stopping_closes_connections() -> None:
    server, task = await started()
    endpoint = server._server.ws
    connection = await endpoint.connect()
    await server.stop()
    await task
    assert connection.closed
    with pytest.raises(ServerError, match="stopped"):
        await endpoint.connect()


async def test_protocols_hear_of_the_connection() -> None:
    heard: list[Any] = []

    class Protocol:
        def onConnect(self, request: Any, client_id: str) -> None:  # noqa: N802
            heard.append((request["type"], request["connection"].client_id == client_id))

    server = Server("app")
    server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(Protocol()))
    server.start(backend="generic", exec_mode="task")
    await server.ready
    await server._server.ws.connect()
    assert heard == [("generic", True)]
    await server.stop()


async def test_a_slow_receiver_gets_the_latest_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generic, "Backlog", partial(Backlog, 1000))
    server, task = await started()
    client = Client(await server._server.ws.connect())
    client.session.connected()
    await client.flush()
    await client.until(n=1)
    taken: list[int] = []
    may_take = asyncio.Event()
    receive = client._receive

    async def slowly(is_binary: bool, content: bytes) -> None:
        taken.append(len(content))
        await may_take.wait()
        await receive(is_binary, content)

    client.connection.on_message(slowly)
    for number in range(100):
        server.state.big = str(number) * 500
        server.state.flush()
        await asyncio.sleep(0)
    may_take.set()
    await client.until(big="99" * 500)
    assert len(taken) < 20
    await server.stop()
    await task


async def test_a_receiver_that_fails_loses_its_connection(caplog: pytest.LogCaptureFixture) -> None:
    server, task = await started()
    connection = await server._server.ws.connect()

    async def fail(*_: Any) -> None:
        raise ZeroDivisionError("theirs")

    connection.on_message(fail)
    session = ClientSession("")
    session.connected()
    for frame in session.take_output():
        await connection.send(True, SimpleNamespace(data=frame))
    while not connection.closed:  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0)
    assert "theirs" in caplog.text
    await server.stop()
    await task


async def test_text_is_ignored(caplog: pytest.LogCaptureFixture) -> None:
    server, _ = await started()
    connection = await server._server.ws.connect()
    await connection.send(False, SimpleNamespace(data="hello"))
    assert "text frame" in caplog.text
    await server.stop()


async def test_the_pages_files_can_be_written(tmp_path: Path, static: Path) -> None:
    server, _ = await started()
    package = tmp_path / "package"
    package.mkdir()
    (package / "a.js").write_text("a")
    server.serve["__pkg"] = str(package)
    server._server.write_static_content(tmp_path / "out")
    assert (tmp_path / "out" / "page.js").read_text() == (static / "page.js").read_text()
    assert (tmp_path / "out" / "__pkg" / "a.js").read_text() == "a"
    await server.stop()


class App:
    """What `trame.tools.serve` starts for each of its clients."""

    servers: list[Server] = []

    def __init__(self, name: str) -> None:
        self.server = Server(name)
        self.servers.append(self.server)
        self.server.state.who = name
        with DivLayout(self.server):
            html.Div("{{ who }}")


@pytest_asyncio.fixture
async def runners(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The tool leaves its web server open."""
    made: list[web.AppRunner] = []
    real = web.AppRunner

    def make(*args: Any, **kwargs: Any) -> web.AppRunner:
        made.append(real(*args, **{**kwargs, "handle_signals": False}))
        return made[-1]

    monkeypatch.setattr(serve.aiohttp_web, "AppRunner", make)
    yield
    for runner in made:
        await runner.cleanup()


@pytest.mark.usefixtures("runners")
async def test_trames_tool_serves_an_app_to_each_of_its_clients(capsys: pytest.CaptureFixture[str]) -> None:
    """The stock page's hello, over the stock tool's websocket."""
    tool = serve.MultiClientServer(App)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    running = asyncio.ensure_future(tool.run("127.0.0.1", port))
    async with aiohttp.ClientSession() as http:
        while True:
            with contextlib.suppress(aiohttp.ClientConnectorError):
                async with http.get(f"http://127.0.0.1:{port}/index.html") as page:
                    assert page.status == 200
                    break
            await asyncio.sleep(0.01)
        seen = []
        for _ in range(2):
            ws = await http.ws_connect(f"ws://127.0.0.1:{port}/ws")
            session = ClientSession("wslink-secret")
            session.connected()
            state: dict[str, Any] = {}
            while "who" not in state:
                for frame in session.take_output():
                    await ws.send_bytes(frame)
                for event in session.receive((await ws.receive()).data):
                    if isinstance(event, StateChanged):
                        state.update(event.changes)
            seen.append(state["who"])
            await ws.close()
    tool.stop()
    await running
    assert len(set(seen)) == 2
    assert "Traceback" not in capsys.readouterr().err
