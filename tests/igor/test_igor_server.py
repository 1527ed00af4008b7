"""`IgorServer` as users hold it."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.igor import CONFIG, IgorServer, run_forever
from tests.igor.support import TIMEOUT, client, run, serving


def echo(output: Any, data: Any, **kwargs: Any) -> None:
    output.send(data)


def test_both_documented_forms() -> None:
    server = IgorServer(api={"echo": echo})
    assert server.config["port"] == 5678
    config = CONFIG | {"port": 5000}
    server = IgorServer(host="127.0.0.1", api={"echo": echo}, config=config)
    assert (server.config["host"], server.config["port"]) == ("127.0.0.1", 5000)
    assert CONFIG["host"] == "localhost"


def test_start_and_stop_are_harmless_again() -> None:
    with serving({"echo": echo}) as server:
        url = server.url
        server.start()
        assert server.url == url

        async def scenario() -> None:
            await server.stop()
            await server.stop()
            assert not server.running
            with pytest.raises(ServerError, match="does not run"):
                _ = server.url

        run(scenario)
        assert server.wait()
        server.start()
        run(lambda: works(server))


async def works(server: IgorServer) -> None:
    async with client(server) as raw:
        assert await raw.call("echo", 5) == [5]


def test_a_server_that_never_ran() -> None:
    server = IgorServer({})
    assert server.wait(0)
    server.stop()
    assert repr(server) == "<IgorServer '5678'>"
    assert server.file_url is None


def test_actions_by_decorator_while_it_runs() -> None:
    async def scenario() -> None:
        async with client(server) as raw:

            @server.action("ns.late")
            def late(output: Any, data: Any) -> None:
                output.send("late")

            assert late is server.api["ns.late"] is server.paths["ns.late"]
            assert await raw.call("ns.late") == ["late"]
            with pytest.raises(ValueError, match=r"an action 'ns\.late' already"):
                server.action("ns.late")(late)
            wrong: Any = 5
            with pytest.raises(TypeError):
                server.action(wrong)

    with serving({}) as server:
        run(scenario)


def test_what_runs_can_be_looked_at() -> None:
    go_on = threading.Event()

    def wait(output: Any, data: Any) -> None:
        output.send(None)
        assert go_on.wait(TIMEOUT)

    async def scenario() -> None:
        async with client(server) as raw:
            await raw.ask("s", "wait")
            await raw.next()
            assert list(server.streams) == [(1, "s")]
            assert server.clients[1].address[0] == "127.0.0.1"
            assert server.clients[1]["id"] == 1
            assert "ws://" in repr(server)
            go_on.set()

    with serving({"wait": wait}) as server:
        run(scenario)
    assert server.session_delete_timeout == 10
    with pytest.raises(ValueError, match="seconds"):
        server.session_delete_timeout = -1
    with pytest.raises(ValueError, match="session_delete_timeout is seconds, 0 or more, not nan"):
        server.session_delete_timeout = float("nan")


def test_run_forever_of_the_module_runs_all_that_wait() -> None:
    config = {"logging": {"file_name": None}}
    servers = [IgorServer({"echo": echo}, config, port=0) for _ in range(2)]

    async def scenario() -> None:
        run_forever()  # a loop turns here, so it returns
        for server in servers:
            await works(server)
        for server in servers:
            await server.stop()
        with pytest.raises(ServerError, match="no Igor server to run"):
            run_forever()

    run(scenario)
    for server in servers:
        assert server.wait(TIMEOUT)  # awaiting the end does not wait for the last turn of its thread


def test_run_forever_of_several_runs_all_or_none() -> None:
    config = {"logging": {"file_name": None}}
    with serving({"echo": echo}) as running:
        first = IgorServer({}, config, port=0)
        second = IgorServer({}, config, port=int(running.url.rpartition(":")[2]))
        with pytest.raises(OSError, match="in use"):
            run_forever(running, first, second)
        assert [server.running for server in (running, first, second)] == [True, False, False]


def test_run_forever_blocks_until_stop() -> None:
    with serving({"echo": echo}) as server:
        timer = threading.Timer(0.1, server.stop)
        timer.start()
        server.run_forever()
        assert not server.running
        timer.join()


PROGRAM = """
import signal, threading
from jupyter_trame.igor import IgorServer
server = IgorServer({}, {"logging": {"file_name": None}}, port=0)

def tell():
    while signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        pass
    print("up", flush=True)

threading.Thread(target=tell).start()
try:
    server.run_forever()
except KeyboardInterrupt:
    print("interrupted", server.running)
else:
    print("returned", server.running)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "said"), [(signal.SIGINT, "interrupted False\n"), (signal.SIGTERM, "returned False\n")]
)
def test_signals_of_a_program(number: int, said: str) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "up\n"
        program.send_signal(number)
        assert program.wait(TIMEOUT) == 0
        assert program.stdout.read() == said


def test_awaiting_the_end_from_another_loop() -> None:
    with serving({"echo": echo}) as server:
        stopped = server.stop()

        async def scenario() -> None:
            await stopped
            await asyncio.to_thread(server.wait)

        run(scenario)


def test_a_start_during_the_end_waits_for_it() -> None:
    held, go = threading.Event(), threading.Event()

    async def hold(output: Any, data: Any) -> None:
        held.set()
        go.wait(TIMEOUT)

    async def scenario() -> None:
        async with client(server) as raw:
            await raw.ask(1, "hold")
            await asyncio.to_thread(held.wait, TIMEOUT)
            server.stop()
            assert server.running
            again = asyncio.create_task(asyncio.to_thread(server.start))
            go.set()
            await again
        await works(server)

    with serving({"hold": hold, "echo": echo}) as server:
        run(scenario)
