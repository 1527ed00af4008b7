"""``python app.py``: page, socket, signals, time-out."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.protocol.client_events import Refused
from jupyter_trame.server import Server, runtime_of
from tests.support.servers import TIMEOUT
from tests.support.sockets import SocketClient, run, started

pytestmark = pytest.mark.usefixtures("web_backend")

APP = """
import sys
from jupyter_trame.server import Server
server = Server("app")
server.state.n = 1
server.controller.add("on_server_exited")(lambda **_: print("goodbye", flush=True))
@server.controller.add("on_server_ready")
def ready(**_):
    print(f"port {server.port}", flush=True)
server.start(port=0, **ARGS)
print("after", flush=True)
"""


def test_a_client_over_the_socket() -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.n = 1

        @server.change("n")
        def on_n(n: int, **_: Any) -> None:
            server.state.twice = 2 * n

        task = await started(server)
        client = await (await SocketClient(runtime_of(server).secret).open(server)).ready()
        assert client.state["n"] == 1
        client.write(n=4)
        await client.until(lambda: client.state["twice"] == 8)
        await server.stop()
        await client.until(lambda: client.closed)
        assert client.closed == (1001, "Server shutdown")
        await task
        assert not server.running

    run(scenario)


def test_without_the_secret_nobody_gets_in() -> None:
    async def scenario() -> None:
        server = Server("app")
        await started(server)
        for secret in ("", "wslink-secret"):
            client = await SocketClient(secret).open(server)
            await client.until(lambda client=client: any(isinstance(e, Refused) for e in client.events))
            assert not client.state
            await client.shut()
        await server.stop()

    run(scenario)


def test_pushes_leave_while_the_loop_is_blocked() -> None:
    async def scenario() -> None:
        server = Server("app")
        await started(server)
        client = await (await SocketClient(runtime_of(server).secret).open(server)).ready()
        assert client.connection is not None
        sock = client.connection.stream.socket
        for step in range(20):
            server.state.progress = step
            server.state.flush()
            sock.setblocking(True)
            sock.settimeout(TIMEOUT)
            assert b"progress" in sock.recv(1 << 16)
            sock.setblocking(False)
        await client.shut()
        await server.stop()

    run(scenario)


def test_a_stalled_viewer_lags_alone_and_counts_as_pending_for_a_while() -> None:
    async def scenario() -> None:
        server = Server("app")
        await started(server)
        monitor = runtime_of(server).network
        slow, quick = [
            await (await SocketClient(runtime_of(server).secret).open(server)).ready() for _ in range(2)
        ]
        assert slow.connection is not None
        slow.connection.stream.io_loop.remove_handler(slow.connection.stream.fileno())
        assert monitor.pending == 0
        number = 0
        while not monitor.pending:
            number += 1
            server.state.big = [number, bytes(1 << 20)]
            server.state.flush()
            await quick.until(lambda: quick.state.get("big", [0])[0] == number)  # noqa: B023
        assert number < 50, "the memory that one viewer takes is bounded"
        for _ in range(20):
            number += 1
            server.state.big = [number, bytes(1 << 20)]
            server.state.flush()
            await quick.until(lambda: quick.state["big"][0] == number)  # noqa: B023
        assert monitor.pending == 1, "values conflate"
        backend: Any = runtime_of(server).backend
        backend._sockets.site.pump.stalled = -1.0
        assert monitor.pending == 0, "who takes nothing holds nobody back"
        await server.stop()
        slow.connection.stream.close()
        await quick.until(lambda: quick.closed)

    run(scenario)


def test_a_busy_port_is_the_callers_error() -> None:
    async def scenario() -> None:
        first, second = Server("first"), Server("second")
        await started(first)
        task = second.start(exec_mode="task", port=first.port)
        ready = second.ready
        assert task is not None
        with pytest.raises(OSError, match="in use"):
            await task
        with pytest.raises(OSError, match="in use"):
            await ready
        assert second._running_stage == 0
        await first.stop()

    run(scenario)


def test_a_server_starts_again_on_a_new_port() -> None:
    async def scenario() -> None:
        server = Server("app")
        for _ in range(2):
            task = await started(server)
            client = await (await SocketClient(runtime_of(server).secret).open(server)).ready()
            await server.stop()
            await task
            await client.until(lambda client=client: client.closed)

    run(scenario)


def test_a_server_that_starts_again_at_once_outlives_its_last_life() -> None:
    async def scenario() -> None:
        server = Server("app")
        first = await started(server)
        await server.stop()
        second = await started(server)
        await first
        assert server.running
        await server.stop()
        await second

    run(scenario)


def test_coroutine_mode_is_the_life_of_the_server() -> None:
    async def scenario() -> None:
        server = Server("app")
        life = server.start(exec_mode="coroutine", port=0, timeout=0)
        assert life is not None
        assert server._running_stage == 1
        server.controller.add("on_server_ready")(lambda **_: server.stop())
        await life
        assert not server.running

    run(scenario)


def test_a_life_that_is_cancelled_ends_in_order() -> None:
    async def scenario() -> None:
        server = Server("app")
        ended: list[str] = []
        server.controller.add("on_server_exited")(lambda **_: ended.append("exited"))
        task = await started(server)
        client = await (await SocketClient(runtime_of(server).secret).open(server)).ready()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (server.running, ended) == (False, ["exited"])
        await client.until(lambda: client.closed)
        assert client.closed == (1001, "Server shutdown")

    run(scenario)


def test_who_waits_for_a_server_behind_a_shield_can_be_cancelled_alone() -> None:
    async def scenario() -> None:
        server = Server("app")
        life = server.start(exec_mode="task", port=0, timeout=0)
        waiting = [asyncio.ensure_future(asyncio.shield(server.ready)) for _ in range(2)]
        waiting[0].cancel()
        assert await waiting[1]
        assert server.running
        await server.stop()
        assert life is not None
        await life

    run(scenario)


def test_main_mode_inside_a_loop_says_what_to_do() -> None:
    async def scenario() -> None:
        with pytest.raises(ServerError, match="task"):
            Server("app").start(port=0)

    run(scenario)


def test_there_are_no_views_here() -> None:
    server = Server("app")
    assert server._repr_mimebundle_() == ({"text/plain": "<Server 'app', stopped>"}, {})
    with pytest.raises(ServerError, match="a view is for a notebook"):
        server.view()
    with pytest.raises(ServerError, match="does not run"):
        server.open("window")
    with pytest.raises(ServerError, match="tab, right, split, window"):
        server.open("elsewhere")  # type: ignore[arg-type]


# -- as a program


@contextmanager
def program(tmp_path: Path, **arguments: Any) -> Iterator[subprocess.Popen[str]]:
    """The app as a program, which ends with the block whatever fails in it."""
    script = tmp_path / "app.py"
    script.write_text(APP.replace("ARGS", repr(arguments)))
    command = [sys.executable, str(script), "--server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as app:
        try:
            yield app
        finally:
            app.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program(tmp_path: Path, number: signal.Signals) -> None:
    with program(tmp_path, timeout=0) as app:
        assert app.stdout is not None
        lines = [app.stdout.readline() for _ in range(6)]
        port = int(lines[0].split()[1])
        assert lines[1:3] == ["\n", "App running at:\n"]
        found = re.fullmatch(rf" - Local:   http://localhost:{port}/\?secret=([a-z][a-z0-9]+)\n", lines[3])
        assert found is not None
        assert lines[4:6] == [
            "\n",
            "Note that for multi-users you need to use and configure a launcher.\n",
        ]
        app.send_signal(number)
        rest, _ = app.communicate(timeout=TIMEOUT)
        assert rest.splitlines()[-2:] == ["goodbye", "after"]
        assert app.returncode == 0


def test_a_program_without_clients_ends_by_itself(tmp_path: Path) -> None:
    with program(tmp_path, timeout=0.01) as app:
        out, _ = app.communicate(timeout=TIMEOUT)
        assert "after" in out
        assert app.returncode == 0


def test_stop_from_another_thread_says_goodbye_too() -> None:
    async def scenario() -> None:
        server = Server("app")
        task = await started(server)
        client = await (await SocketClient(runtime_of(server).secret).open(server)).ready()
        await asyncio.to_thread(lambda: server.stop() and None)  # type: ignore[truthy-bool]
        await client.until(lambda: client.closed)
        assert client.closed == (1001, "Server shutdown")
        await task

    run(scenario)


def test_the_clients_of_a_life_leave_with_it() -> None:
    async def scenario() -> None:
        server = Server("app")
        left: list[str] = []
        server.controller.add("on_client_exited")(lambda: left.append("client"))
        server.controller.add("on_server_exited")(lambda **_: left.append("server"))
        first = await started(server)
        client = await (await SocketClient(runtime_of(server).secret).open(server)).ready()
        assert runtime_of(server).primary.clients
        await server.stop()
        await client.until(lambda: client.closed)
        await first
        assert left == ["client", "server"]
        second = await started(server)
        assert runtime_of(server).primary.clients == []
        await server.stop()
        await second

    run(scenario)


def test_a_start_that_failed_is_forgotten_by_the_next() -> None:
    async def scenario() -> None:
        server = Server("app")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            task = server.start(exec_mode="task", host="127.0.0.1", port=taken.getsockname()[1])
            assert task is not None
            with pytest.raises(OSError, match="in use"):
                await server.ready
            with pytest.raises(OSError, match="in use"):
                await task
        task = await started(server)
        await server.stop()
        await task

    run(scenario)


EXITS = """
import asyncio, sys
from jupyter_trame.server import Server
server = Server("app")
server.controller.add("on_server_exited")(lambda **_: print("goodbye", flush=True))
def leave(*_, **__):
    sys.exit(3)
async def leave_later(*_, **__):
    await asyncio.sleep(0)
    sys.exit(3)
@server.controller.add("on_server_ready")
def ready(**_):
    @server.change("x")
    def changed(x, **_):
        WHAT == "listener" and leave()
    if WHAT == "timer":
        asyncio.get_running_loop().call_later(0.01, leave)
    if WHAT == "task":
        server.tasks = [asyncio.get_running_loop().create_task(leave_later())]
    server.state.x = 1
if WHAT.startswith("on_"):
    server.controller.add(WHAT)(leave)
    server.controller.add(WHAT)(lambda *_, **__: print("others", flush=True))
elif WHAT == "coroutine":
    server.controller.add("on_server_ready")(leave_later)
elif WHAT == "stop":
    server.controller.add("on_server_ready")(lambda **_: server.stop() and None)
    server.controller.add("on_server_exited")(leave)
async def main():
    try:
        life = server.start(exec_mode=MODE, port=0)
        await life
    except SystemExit:
        print("seen", flush=True)
        raise
if MODE == "main":
    server.start(port=0)
else:
    asyncio.run(main())
print("after", flush=True)
"""


@pytest.mark.parametrize("mode", ["main", "task", "coroutine"])
@pytest.mark.parametrize(
    "what",
    [
        "on_server_ready",
        "on_server_start",
        "on_server_bind",
        "listener",
        "coroutine",
        "stop",
        "timer",
        "task",
    ],
)
def test_an_exit_of_a_callback_ends_the_program_in_order(tmp_path: Path, what: str, mode: str) -> None:
    script = tmp_path / "app.py"
    script.write_text(f"WHAT = {what!r}; MODE = {mode!r}\n{EXITS}")
    done = subprocess.run(
        [sys.executable, str(script), "--server"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 3, done.stderr
    lines = done.stdout.splitlines()
    assert "after" not in lines
    assert ("goodbye" in lines) == (what not in {"on_server_start", "on_server_bind"})
    assert ("others" in lines) == what.startswith("on_")
    assert "Traceback" not in done.stderr


def test_a_long_secret_lets_in() -> None:
    secret = "s" * 600

    async def scenario() -> None:
        server = Server("app")
        task = await started(server, args=["--authKey", secret])
        client = await (await SocketClient(secret).open(server)).ready()
        assert client.closed is None
        await server.stop()
        await task

    run(scenario)


def test_a_larger_hello_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("WSLINK_AUTH_MSG_SIZE", "4000")
    monkeypatch.setenv("WSLINK_MAX_MSG_SIZE", "17")

    class Judge:
        async def validateToken(self, token: str, client_id: str) -> bool:  # noqa: N802 - wslink's name
            return len(token) == 3000

    async def scenario() -> None:
        server = Server("app")
        server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(Judge()))
        task = await started(server)
        await (await SocketClient("t" * 3000).open(server)).ready()
        await server.stop()
        await task

    run(scenario)
    assert "the environment variable WSLINK_MAX_MSG_SIZE is ignored" in caplog.text


def test_several_servers_are_started_before_their_loop_turns() -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        servers = [Server("one"), Server("two")]
        for server in servers:
            server.controller.add("on_server_ready")(lambda server=server, **_: server.stop() and None)
        tasks = [server.start(exec_mode="task", port=0) for server in servers]
        assert all(isinstance(task, asyncio.Task) for task in tasks)

        async def both() -> None:
            await asyncio.wait_for(asyncio.gather(*tasks), TIMEOUT)  # type: ignore[arg-type]

        loop.run_until_complete(both())
        assert all(server.port and not server.running for server in servers)
    finally:
        asyncio.set_event_loop(None)
        loop.close()
