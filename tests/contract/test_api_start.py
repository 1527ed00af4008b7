"""`server.start` and `server.stop`."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Iterator
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.server import Server
from tests.contract.facts import fact
from tests.contract.peers import OURS, TIMEOUT, Peer, both, live, until

HERE: dict[str, Any] = {"port": 0, "host": "127.0.0.1", "open_browser": False}
MODES = ["main", "task", "coroutine"]


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield sock.getsockname()[1]


async def ended(task: Any) -> None:
    async with asyncio.timeout(TIMEOUT):
        await asyncio.wait([task])


@fact(
    "api 2",
    "the positional arguments are `port, thread, open_browser, show_connection_info, disable_logging, backend, "
    "follow_symlinks, exec_mode, timeout, host`",
)
@both
@pytest.mark.asyncio
async def test_positional_arguments(peer: Peer) -> None:
    server = peer.server()
    task = server.start(0, True, False, False, False, "aiohttp", False, "task", 0, "127.0.0.1")
    assert await server.ready
    assert (server.server_options.host, server.server_options.timeout) == ("127.0.0.1", 0)
    await server.stop()
    await ended(task)


@fact("api 2", "on a child: starts the root and returns None")
@both
@pytest.mark.asyncio
async def test_child(peer: Peer) -> None:
    root = peer.server()
    child = root.create_child_server(prefix="c_")
    assert child.start(exec_mode="task", **HERE) is None
    assert await child.ready
    assert root.running
    assert child.running
    assert child.port == root.port > 0
    await child.stop()
    assert not root.running


@pytest.mark.parametrize("mode", MODES)
@fact("api 2", "where the server starts or runs already: returns None and does nothing")
@both
@pytest.mark.asyncio
async def test_again(peer: Peer, mode: str) -> None:
    server = peer.server()
    task = server.start(exec_mode="task", **HERE)
    assert server.start(exec_mode=mode, **HERE) is None
    await server.ready
    port = server.port
    assert server.start(exec_mode=mode, **HERE) is None
    assert server.port == port
    await server.stop()
    await ended(task)


@fact("api 2", "`exec_mode='main'` blocks until the server has ended and returns None; it is the default")
@both
def test_main(peer: Peer) -> None:
    server = peer.server()
    stages: list[int] = []

    @server.controller.add_task("on_server_ready")
    async def on_ready(**_: Any) -> None:
        stages.append(server._running_stage)
        await server.stop()

    assert server.start(thread=True, **HERE) is None
    assert (stages, server._running_stage) == ([2], 0)


@fact("api 2", "`exec_mode='task'` returns a Task of the loop that turns; it ends when the server has ended")
@both
@pytest.mark.asyncio
async def test_task(peer: Peer) -> None:
    server = peer.server()
    task = server.start(exec_mode="task", **HERE)
    assert isinstance(task, asyncio.Task)
    assert server._running_stage == 1
    await server.ready
    assert not task.done()
    await server.stop()
    await ended(task)


@fact(
    "api 2",
    "`exec_mode='coroutine'` returns a coroutine: the stage is 1, and nothing listens until it is awaited",
)
@both
@pytest.mark.asyncio
async def test_coroutine(peer: Peer) -> None:
    server = peer.server()
    life = server.start(exec_mode="coroutine", show_connection_info=False, **HERE)
    await asyncio.sleep(0)
    assert isinstance(life, Awaitable)
    assert (server._running_stage, server.port) == (1, 0)
    task = asyncio.ensure_future(life)
    await server.ready
    assert server.port > 0
    await server.stop()
    await ended(task)


@fact(
    "api 2",
    "`exec_mode='desktop'` opens a window of its own, on any free port; it says so where pywebview is missing",
)
def test_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *_: None)
    server = Server("contract", compat="trame")
    with pytest.raises(ServerError, match="pywebview"):
        server.start(8080, exec_mode="desktop")
    assert server.server_options.port == 0
    assert server._running_stage == 0


@fact(
    "api 2",
    "an unknown mode raises `Unknown exec_mode: x`, and the server stays off",
    trame="the same message, but the stage stays 1, so the server can never be started",
)
@both
def test_unknown_mode(peer: Peer) -> None:
    server = peer.server()
    with pytest.raises(Exception, match="Unknown exec_mode: x"):
        server.start(exec_mode="x", **HERE)
    assert server._running_stage == (0 if peer is OURS else 1)


@fact("api 2", "the arguments `port` and `timeout` beat the command line; port 0 is any free port")
@fact(
    "api 1",
    "`server_options` holds the Namespace that is in force, `port` the real port once the server listens",
)
@fact("api 1", "`port` keeps its last value after stop")
@both
@pytest.mark.asyncio
async def test_arguments_beat_the_command_line(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAME_ARGS", "--port 1234 --timeout 7")
    async with live(peer, timeout=3) as (server, _):
        assert (server.server_options.port, server.server_options.timeout) == (0, 3)
        port = server.port
        assert port not in {0, 1234}
    assert server.port == port


@pytest.mark.parametrize(
    ("command_line", "argument", "variable", "expected"),
    [
        ("127.0.0.1", "localhost", "127.0.0.2", "127.0.0.1"),
        ("localhost", "127.0.0.1", "127.0.0.2", "127.0.0.1"),
        (None, "127.0.0.1", "127.0.0.2", "127.0.0.1"),
        (None, None, "127.0.0.1", "127.0.0.1"),
        (None, None, None, "localhost"),
    ],
)
@fact(
    "api 2",
    "host: the command line's unless that is `localhost`, else the argument, TRAME_DEFAULT_HOST, `localhost`",
)
@both
@pytest.mark.asyncio
async def test_host(
    peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
    command_line: str | None,
    argument: str | None,
    variable: str | None,
    expected: str,
) -> None:
    if command_line:
        monkeypatch.setenv("TRAME_ARGS", f"--host {command_line}")
    if variable:
        monkeypatch.setenv("TRAME_DEFAULT_HOST", variable)
    async with live(peer, host=argument) as (server, _):
        assert server.server_options.host == expected


@pytest.mark.parametrize("way", ["argument", "variable", "default"])
@fact("api 2", "backend: the argument, else TRAME_BACKEND, else aiohttp")
@pytest.mark.asyncio
async def test_backend(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setenv("TRAME_BACKEND", "tornado") if way != "default" else None
    async with live(OURS, backend="aiohttp" if way == "argument" else None) as (server, _):
        kind = type(server._server.app).__module__.partition(".")[0]
    assert kind == {"argument": "aiohttp", "variable": "jupyter_trame", "default": "aiohttp"}[way]


@pytest.mark.parametrize("name", ["tornado", "aiohttp", "generic"])
@fact(
    "api 2",
    "the backends `tornado`, `aiohttp` and `generic` carry a program's server, `jupyter` one in a kernel",
)
@pytest.mark.asyncio
async def test_backends(name: str) -> None:
    async with live(OURS, backend=name) as (server, _):
        assert server.running
    with pytest.raises(ServerError, match="tornado, aiohttp, generic, and jupyter in a kernel"):
        OURS.server().start(backend="unknown", **HERE)


@fact(
    "api 2",
    "without `compat` the default outside of a kernel is tornado, in a kernel always jupyter",
    trame="aiohttp, or jupyter where it is asked for",
)
@pytest.mark.asyncio
async def test_strict_backend() -> None:
    server = Server("contract")
    task = server.start(exec_mode="task", **HERE)
    await server.ready
    assert type(server._server.app).__module__ == "jupyter_trame.web.tornado"
    await server.stop()
    assert isinstance(task, asyncio.Task)
    await ended(task)


@pytest.mark.parametrize(
    ("arguments", "variables", "opened"),
    [
        ({"exec_mode": "coroutine"}, {}, True),
        ({"exec_mode": "task"}, {}, False),
        ({"exec_mode": "coroutine"}, {"TRAME_SERVER": "1"}, False),
        ({"exec_mode": "coroutine"}, {"TRAME_ARGS": "--server"}, False),
        ({"exec_mode": "coroutine", "open_browser": False}, {}, False),
    ],
)
@fact("api 2", "the browser opens at `http://host:port/` soon after ready, unless TRAME_SERVER is set")
@fact("api 2", "no browser with `open_browser=False`, with `--server` and in task mode")
@both
@pytest.mark.asyncio
async def test_open_browser(
    peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
    arguments: dict[str, Any],
    variables: dict[str, str],
    opened: bool,
) -> None:
    urls: list[str] = []
    for name in ("open", "open_new", "open_new_tab"):
        monkeypatch.setattr(f"webbrowser.{name}", lambda url, *_: urls.append(url) or True)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    server = peer.server()
    life = server.start(port=0, host="localhost", show_connection_info=False, **arguments)
    task = asyncio.ensure_future(life)
    await server.ready
    if opened:
        await until(lambda: urls)
        assert urls == [f"http://localhost:{server.port}/"]
    else:
        await asyncio.sleep(0.15)  # it opens 0.1 s after ready, if at all
        assert urls == []
    await server.stop()
    await ended(task)


@pytest.mark.parametrize("mode", ["coroutine", "task"])
@pytest.mark.parametrize("wanted", [True, False])
@fact("api 2", "`show_connection_info` prints where the app runs once it is ready, except in task mode")
@both
@pytest.mark.asyncio
async def test_connection_info(
    peer: Peer, capsys: pytest.CaptureFixture[str], mode: str, wanted: bool
) -> None:
    server = peer.server()
    task = asyncio.ensure_future(server.start(exec_mode=mode, show_connection_info=wanted, **HERE))
    await server.ready
    address = f"http://127.0.0.1:{server.port}/"
    await asyncio.sleep(0)
    printed = capsys.readouterr().out
    if wanted and mode == "coroutine":
        lines = printed.splitlines()
        start = lines.index("App running at:")
        assert lines[start - 1] == ""
        assert lines[start + 1] == f" - Local:   {address}"
        assert "Note that for multi-users you need to use and configure a launcher." in lines
    else:
        assert "App running at:" not in printed
    await server.stop()
    await ended(task)


@fact(
    "api 2",
    "` - Network: ...` is printed where other machines can reach the server",
    trame="always, with an address that does not work for a loopback host",
)
@pytest.mark.asyncio
async def test_network_line(capsys: pytest.CaptureFixture[str]) -> None:
    for host, expected in (("127.0.0.1", False), ("0.0.0.0", True)):
        server = OURS.server()
        task = asyncio.ensure_future(
            server.start(exec_mode="coroutine", port=0, host=host, open_browser=False)
        )
        await server.ready
        await asyncio.sleep(0)
        assert (" - Network: http://" in capsys.readouterr().out) is expected
        await server.stop()
        await ended(task)


@pytest.mark.parametrize("thread", [True, False])
@fact("api 2", "`thread=True` leaves the signals alone")
@both
def test_thread(peer: Peer, thread: bool) -> None:
    server = peer.server()
    before = signal.getsignal(signal.SIGTERM)
    seen: list[Any] = []

    @server.controller.add_task("on_server_ready")
    async def on_ready(**_: Any) -> None:
        seen.append(signal.getsignal(signal.SIGTERM))
        await server.stop()

    try:
        server.start(thread=thread, **HERE)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (seen[0] is before) is thread


@pytest.mark.parametrize(("debug", "disable"), [(True, False), (True, True), (False, False)])
@fact(
    "api 2",
    "`--debug` sets the logger `jupyter_trame` to DEBUG; `disable_logging` leaves levels alone",
    trame="sets the logger `wslink` to ERROR, or DEBUG with `--debug`",
)
@pytest.mark.asyncio
async def test_logging(monkeypatch: pytest.MonkeyPatch, debug: bool, disable: bool) -> None:
    logger = logging.getLogger("jupyter_trame")
    monkeypatch.setattr(logger, "level", logging.NOTSET)
    if debug:
        monkeypatch.setenv("TRAME_ARGS", "--debug")
    async with live(OURS, disable_logging=disable):
        assert logger.level == (logging.DEBUG if debug and not disable else logging.NOTSET)
    logger.setLevel(logging.NOTSET)


@fact("api 2", "in main mode a port that is taken raises for the caller of `start`")
@both
def test_busy_port_in_main_mode(peer: Peer, busy_port: int) -> None:
    with pytest.raises(OSError, match="address"):
        peer.server().start(**{**HERE, "port": busy_port}, thread=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@fact("api 2", "main mode ends with SIGINT and SIGTERM, in order: `on_server_exited` is called")
def test_signals(number: signal.Signals) -> None:
    server = OURS.server()
    calls: list[str] = []
    server.controller.add("on_server_exited")(lambda **_: calls.append("exited"))
    server.controller.add("on_server_ready")(lambda **_: os.kill(os.getpid(), number))
    before = {known: signal.getsignal(known) for known in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.start(**HERE)
    finally:
        for known, handler in before.items():
            signal.signal(known, handler)
    assert (calls, server.running) == (["exited"], False)
