"""The sockets of a life: how long they wait for clients, and who is told of them."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from jupyter_trame.program.standalone import StandAlone
from jupyter_trame.server import Server, life_cycle_of, runtime_of
from tests.support.servers import TIMEOUT
from tests.support.sockets import SocketClient, run, started

pytestmark = pytest.mark.usefixtures("web_backend")


def test_the_last_client_starts_the_countdown() -> None:
    async def scenario() -> None:
        server = Server("app")
        task = server.start(exec_mode="task", port=0, timeout=10 * TIMEOUT)
        await server.ready
        backend = life_cycle_of(server).backend
        assert isinstance(backend, StandAlone)
        sockets = backend._sockets
        assert sockets is not None
        assert sockets._idle is not None
        client = await (await SocketClient(runtime_of(server).secret).open(server)).ready()
        assert sockets._idle is None  # nothing counts while somebody is there
        assert server.running
        # Only now, since a client may be long in coming on a busy machine.
        sockets._settings = replace(sockets._settings, timeout=0.01)
        await client.shut()
        assert task is not None
        await task

    run(scenario)


def test_a_blocked_loop_does_not_count_as_time_without_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.start(exec_mode="task", port=0, timeout=1000)
        await server.ready
        loop = asyncio.get_running_loop()
        now = loop.time
        monkeypatch.setattr(loop, "time", lambda: now() + 2000)
        client = await (await SocketClient(runtime_of(server).secret).open(server)).ready()
        assert server.running
        await client.shut()
        await server.stop()

    asyncio.run(scenario())


@pytest.mark.parametrize("opened_by", ["start", "open"])
def test_the_browser_s_command_line_holds_no_secret(opened_by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    pages: list[Path] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)

    async def scenario() -> None:
        server = Server("app")
        life = server.start(exec_mode="coroutine", port=0, timeout=0, open_browser=opened_by == "start")
        task = asyncio.ensure_future(cast("Any", life))
        await server.ready
        if opened_by == "open":
            server.open()
        while not opened:  # noqa: ASYNC110 - another thread opens it
            await asyncio.sleep(0.01)
        (address,) = opened
        assert address.startswith("file:")
        assert runtime_of(server).secret not in address
        page = Path(url2pathname(urlsplit(address).path))
        content = page.read_text()  # noqa: ASYNC240 - a small one
        assert f"http://localhost:{server.port}/?secret={runtime_of(server).secret}" in content
        await server.stop()
        await task
        pages.append(page)

    run(scenario)
    assert not pages[0].parent.exists()


def test_where_there_is_no_private_file_no_browser_is_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))

    async def scenario() -> None:
        server = Server("app")
        task = await started(server)
        server.open()
        await server.stop()
        await task

    run(scenario)
    assert not opened
    assert "there is no private file" in caplog.text
