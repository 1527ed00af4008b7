"""Tasks, the state queue, hot reload, the network log and what a program prints."""

import asyncio
import logging
import queue
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both, live, until
from tests.contract.test_api_life_cycle import with_wire


async def fail() -> None:
    raise ValueError("broken task")


async def answer() -> int:
    return 1


@fact("api 10", "10.1 `create_task(coro, loop=None)` logs the exception of the task on the root logger")
@both
@pytest.mark.asyncio
async def test_create_task(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    asynchronous = peer.module("utils.asynchronous")
    assert await asynchronous.create_task(answer()) == 1
    assert await asynchronous.create_task(answer(), loop=asyncio.get_running_loop()) == 1
    asynchronous.create_task(fail())
    await until(lambda: caplog.records)
    assert caplog.records[-1].name == "root"
    assert caplog.records[-1].levelno == logging.ERROR
    assert "Exception raised by task = " in caplog.text
    assert "broken task" in caplog.text


@fact("api 10", "10.1 a cancelled task says nothing")
@both
@pytest.mark.asyncio
async def test_cancelled_task(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    task = peer.module("utils.asynchronous").create_task(asyncio.Event().wait())
    task.cancel()
    await until(task.done)
    await asyncio.sleep(0)
    assert caplog.records == []


@fact(
    "api 10",
    "10.1 `decorate_task(task)` does the same for a task that exists, `handle_task_result(task)` for a done one",
)
@both
@pytest.mark.asyncio
async def test_decorate_task(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    asynchronous = peer.module("utils.asynchronous")
    task = asyncio.get_running_loop().create_task(fail())
    assert asynchronous.decorate_task(task) is task
    await until(lambda: len(caplog.records) == 1)
    asynchronous.handle_task_result(task)
    assert len(caplog.records) == 2


@fact("api 10", "10.1 `@task` has calls of a coroutine function start it and return None")
@both
@pytest.mark.asyncio
async def test_task_decorator(peer: Peer) -> None:
    calls: list[int] = []

    @peer.module("utils.asynchronous").task
    async def work(x: int) -> None:
        calls.append(x)

    assert work(1) is None
    await until(lambda: calls == [1])


@fact("api 10", "10.1 `get_event_loop()`: the loop that turns, else the thread's, else a new one that is set")
@both
def test_get_event_loop(peer: Peer) -> None:
    get_event_loop = peer.module("utils.asynchronous").get_event_loop

    async def inside() -> bool:
        return get_event_loop() is asyncio.get_running_loop()

    assert asyncio.run(inside())
    own = asyncio.new_event_loop()
    asyncio.set_event_loop(own)
    try:
        assert get_event_loop() is own
        asyncio.set_event_loop(None)
        new = get_event_loop()
        assert new is not own
        assert get_event_loop() is new
        new.close()
    finally:
        own.close()
        asyncio.set_event_loop(None)


@fact("api 10", "10.1 `StateQueue`: attributes and items get and set, `update`, `flush`, `exit`, `queue`")
@both
def test_state_queue(peer: Peer) -> None:
    channel: queue.Queue[Any] = queue.Queue()
    state = peer.module("utils.asynchronous").StateQueue(channel)
    assert state.queue is channel
    state.a = 1
    state["b"] = 2
    state.update({"c": 3})
    assert (state.a, state["b"], state.c) == (1, 2, 3)
    state.flush()
    state.exit()
    items = [channel.get_nowait() for _ in range(channel.qsize())]
    merged = {key: value for item in items[:-1] for key, value in item.items()}
    assert (merged, items[-1]) == ({"a": 1, "b": 2, "c": 3}, "STOP")


@fact("api 10", "10.1 the end of the outermost `with StateQueue(...)` flushes and sends `STOP`")
@both
def test_state_queue_context(peer: Peer) -> None:
    channel: queue.Queue[Any] = queue.Queue()
    with peer.module("utils.asynchronous").StateQueue(channel, auto_flush=False) as state:
        with state:
            state.a = 1
        state.b = 2
        assert channel.qsize() == 0
    assert [channel.get_nowait() for _ in range(channel.qsize())] == [{"a": 1, "b": 2}, "STOP"]


@fact(
    "api 10",
    "10.1 `create_state_queue_monitor_task(server, queue, delay)` applies dicts with a flush until `STOP`",
)
@both
@pytest.mark.asyncio
async def test_queue_monitor(peer: Peer) -> None:
    channel: queue.Queue[Any] = queue.Queue()
    async with live(peer) as (server, _):
        monitor = peer.module("utils.asynchronous").create_state_queue_monitor_task
        task = monitor(server, channel, delay=0.01)
        channel.put({"a": 1})
        await until(lambda: server.state.a == 1 and not server.state.is_dirty("a"))
        channel.put("STOP")
        await until(task.done)


MODULE = """
from {package}.utils.hot_reload import hot_reload

class Part:
    def method(self):
        return ("{version}", self)

def ctrl(fn):
    return fn

@ctrl
@hot_reload
def decorated():
    return "{version}"

def plain():
    return "{version}"

shout = lambda: "{version}"
"""


def write(path: Path, peer: Peer, version: str) -> dict[str, Any]:
    """The names of a module whose functions return `version`."""
    source = MODULE.format(package=peer.package, version=version)
    path.write_text(source)
    names: dict[str, Any] = {"__name__": path.stem, "__file__": str(path)}
    exec(compile(source, str(path), "exec"), names)
    return names


@fact(
    "api 10",
    "10.2 `hot_reload(fn)`: each call runs what the source file says now; decorators up to it are stripped",
)
@fact("api 10", "10.2 `reload(fn)` gives the new function, bound where the old one was")
@fact("api 10", "10.2 lambdas and what is no function come back unchanged")
def test_hot_reload(tmp_path: Path) -> None:
    path = tmp_path / "reloaded.py"
    names = write(path, OURS, "old")
    reload = OURS.module("utils.hot_reload").reload
    assert (reload(names["plain"])(), names["decorated"]()) == ("old", "old")
    part = names["Part"]()
    write(path, OURS, "newer")
    assert (reload(names["plain"])(), names["decorated"]()) == ("newer", "newer")
    assert reload(part.method)() == ("newer", part)
    assert reload(names["shout"]) is names["shout"]
    assert reload(len) is len
    assert reload(reload) is reload


@fact("api 10", "10.2 functions of installed packages come back unchanged")
@both
def test_hot_reload_leaves_packages_alone(peer: Peer) -> None:
    reload = peer.module("utils.hot_reload").reload
    assert reload(pytest.raises) is pytest.raises


@fact("api 10", "10.2 methods of the user's own widgets come back unchanged, too")
def test_hot_reload_leaves_widgets_alone() -> None:
    from trame_client.widgets.html import Div

    class Mine(Div):
        def on_click(self) -> None:
            """Of a widget."""

    method = Mine(trame_server=OURS.server()).on_click
    assert OURS.module("utils.hot_reload").reload(method) is method


@fact("api 10", "10.2 in a terminal the user is asked, and the file is read again")
def test_hot_reload_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "asked.py"
    names = write(path, OURS, "old")
    path.write_text("def plain(:\n")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)  # nobody is asked in a kernel

    def repair(_: str) -> str:
        write(path, OURS, "repaired")
        return ""

    monkeypatch.setattr("builtins.input", repair)
    assert OURS.module("utils.hot_reload").reload(names["plain"])() == "repaired"


@fact("api 10", "10.2 where the file cannot be read, and nobody can be asked, the function before stays")
def test_hot_reload_of_a_broken_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "broken.py"
    names = write(path, OURS, "old")
    path.write_text("def plain(:\n")
    assert OURS.module("utils.hot_reload").reload(names["plain"])() == "old"


@fact("api 10", "10.5 `print_informations(server)`, `print_banner()`, `open_browser(server)`")
@pytest.mark.asyncio
async def test_printing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    urls: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: urls.append(url) or True)
    async with live(OURS) as (server, _):
        OURS.module("utils.server").print_informations(server)
        assert f"http://127.0.0.1:{server.port}/" in capsys.readouterr().out
        OURS.module("utils.browser").open_browser(server)
        assert urls == [f"http://127.0.0.1:{server.port}/"]
    OURS.module("utils.banner").print_banner(anything=1)
    assert len(capsys.readouterr().out) > 100


@fact("api 10", "10.7 `log_network=path` empties the file at start and appends a section for each message")
@fact(
    "api 10",
    "10.7 sections are titled INITIAL STATE and STATE or EVENT with the direction; bytes by their type",
)
@both
@pytest.mark.asyncio
async def test_network_log(peer: Peer, tmp_path: Path) -> None:
    path = tmp_path / "network.log"
    path.write_text("of yesterday")

    def use(wire: Any) -> None:
        wire.write(from_client=b"binary")
        wire.trigger("go", 1)
        wire.expect(from_server=1)

    server_peer = SimpleNamespace(server=lambda: peer.server(log_network=str(path)))
    async with live(server_peer, lambda server: server.trigger("go")(lambda x: None)) as (server, _):  # type: ignore[arg-type]

        @server.trigger("go")
        def go(x: int) -> None:
            server.state.from_server = x
            server.js_call("ref", "focus")

        await with_wire(server, use)
    text = path.read_text()
    assert "of yesterday" not in text
    for title in (
        "----------- INITIAL STATE -----------",
        "STATE: Client => Server",
        "STATE: Server => Client",
        "EVENT: Client => Server",
        "EVENT: Server => Client",
        "-" * 20,
        "bytes",
    ):
        assert title in text
