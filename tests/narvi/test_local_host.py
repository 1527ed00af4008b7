"""The host of a program: threads, signals, two of them, and calls before and after its life."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_trame.narvi import NarviServer, ServiceFailedError
from tests.contract import narvi_services
from tests.contract.narvi_hosts import LocalHostOfTests, fetch, fetch_now, page
from tests.narvi.support import TIMEOUT, run

PROGRAM = """
import sys, threading
from jupyter_trame.narvi import NarviServer
server = NarviServer(port=0)
service = server.register_service("w", "echo", "tests.contract.narvi_services.Echo", fixed_service_id="x")
try:
    server.run(lambda: print("ready", server.port, flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
print("over", [thread.name for thread in threading.enumerate() if not thread.daemon], flush=True)
"""


@pytest.mark.parametrize(
    ("number", "said"), [(signal.SIGINT, ["interrupted", "over"]), (signal.SIGTERM, ["over"])]
)
def test_signals_end_a_program(number: signal.Signals, said: list[str], tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        [sys.executable, program], stdout=subprocess.PIPE, text=True, env=environment, cwd=root
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready ")
        began = time.monotonic()
        process.send_signal(number)
        lines = process.stdout.read().splitlines()
        assert process.wait(TIMEOUT) == 0
        assert time.monotonic() - began < 5
    assert [line.split()[0] for line in lines] == said
    assert lines[-1] == "over ['MainThread']"


STUBBORN = """
import threading
from jupyter_trame.narvi import NarviServer

class Stubborn:
    def __init__(self, services):
        services.add_app_close_listener(lambda: (print("ending", flush=True), threading.Event().wait()))

server = NarviServer(port=0)
server.register_service("w", "stubborn", f"{__name__}.Stubborn", fixed_service_id="x")
try:
    server.run(lambda: print("ready", flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_a_second_interrupt_waits_for_nothing(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(STUBBORN)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, program], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "ending\n"
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert process.wait(TIMEOUT) == 0
        assert time.monotonic() - began < 5  # the service would have 10 s


def test_two_servers_in_a_process_do_not_meet() -> None:
    host = LocalHostOfTests()

    async def scenario() -> None:
        async with page(one, "w/echo/x/connect", hello=False):
            one_status = await fetch(one, "GET", "w/echo/x/status")
            assert one_status.json["session_count"] == 1
            assert (await fetch(two, "GET", "w/echo/x/status")).status == 404

    with host.running(narvi_services.echo) as one, host.running(narvi_services.echo) as two:
        run(scenario)
        one.call("close")
        assert fetch_now(two, "GET", "w/echo/x/index.html").status == 200
        with pytest.raises(ConnectionRefusedError):
            fetch_now(one, "GET", "w/echo/x/index.html")


def test_it_runs_again_after_its_end() -> None:
    server = NarviServer(port=0)
    for _ in range(2):
        ports: list[int] = []
        server.run(lambda ports=ports: (ports.append(server.port), server.close()))
        assert ports[0] > 0
    server.close()


def test_one_life_at_a_time() -> None:
    server = NarviServer(port=0)

    def ready() -> None:
        with pytest.raises(RuntimeError, match="runs already"):
            server.run()
        server.close()

    server.run(ready)


def test_a_callback_that_raises_ends_the_server() -> None:
    def fail() -> None:
        raise KeyError("ready")

    with pytest.raises(KeyError, match="ready"):
        NarviServer(port=0).run(fail)


def test_close_ends_at_once_while_a_service_is_at_work() -> None:
    async def scenario() -> None:
        async with page(site) as one:
            await one.tell("sleep", seconds=1)
            began = time.monotonic()
            site.call("close")
            assert time.monotonic() - began < 3

    with LocalHostOfTests().running(narvi_services.probe) as site:
        run(scenario)


def test_services_may_close_and_restart_from_their_own_threads() -> None:
    seen: list[Any] = []

    class Service:
        def __init__(self, services: Any) -> None:
            services.add_message_listener(self.message)
            seen.append("made")

        def message(self, msg: str, session_id: str) -> None:
            if msg == "restart":
                server.restart_service("w", "service", "x")
            else:
                server.close()

    server = NarviServer(port=0)
    globals()["Service"] = Service
    service = server.register_service("w", "service", f"{__name__}.Service")
    server.register_app("app", service)

    def ready() -> None:
        from websockets.exceptions import ConnectionClosed
        from websockets.sync.client import connect

        for word in ("restart", "close"):
            with connect(f"ws://localhost:{server.port}/narvi/w/app/x/connect", proxy=None) as one:
                one.recv()
                one.send(word)
                with pytest.raises(ConnectionClosed):
                    one.recv(timeout=10)

    server.run(ready)
    # The restart has made a second one, which the page then found.
    assert seen == ["made"] * 2


def test_what_is_asked_before_it_runs(caplog: pytest.LogCaptureFixture) -> None:
    server = NarviServer(port=0)
    narvi_services.probe(server, service_id_validator=lambda service_id: service_id in {"x", "y"})
    server.start_service("w", "probe_service", "x")
    server.start_service("w", "probe_service", "y")
    server.stop_service("w", "probe_service", "y")
    server.restart_service("w", "probe_service", "x")
    assert server.get_service_statuses("w") == {}
    with pytest.raises(ValueError, match="has no service id 'z'"):
        server.start_service("w", "probe_service", "z")
    with pytest.raises(ValueError, match="there is no service 'nobody' in the workspace 'w'"):
        server.stop_service("w", "nobody", "x")
    found: list[Any] = []
    server.run(lambda: (found.append(server.get_service_statuses("w")), server.close()))
    assert list(found[0]["probe_service"]["instances"]) == ["x"]


def test_what_cannot_be_started_says_why() -> None:
    server = NarviServer(port=0)
    narvi_services.broken(server)
    own = server.register_service("w", "own", "tests.contract.narvi_services.Echo", shared_service=False)
    assert own.is_shared_service is False
    with pytest.raises(ValueError, match="is not shared"):
        server.start_service("w", "own", "x")

    def ready() -> None:
        with pytest.raises(ServiceFailedError, match="the database is not there"):
            server.start_service("w", "raises_service", "x")
        server.close()

    server.run(ready)


def test_what_a_service_cannot_start_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Starter:
        def __init__(self, services: Any) -> None:
            server.start_service("w", "raises_service", "x")

    server = NarviServer(port=0)
    narvi_services.broken(server)
    globals()["Starter"] = Starter
    server.register_service("w", "starter", f"{__name__}.Starter", fixed_service_id="x")

    def ready() -> None:
        deadline = time.monotonic() + TIMEOUT
        while "what a service asked of its server failed" not in caplog.text:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        server.close()

    server.run(ready)
    line = next(line for line in caplog.text.splitlines() if "what a service asked" in line)
    assert "the database is not there" in line


def test_a_service_of_one_id_that_fails_keeps_no_other_from_starting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = NarviServer(port=0)
    for name, kind in (("one", "Nobody"), ("two", "Echo"), ("three", "Nobody")):
        server.register_service("w", name, f"{narvi_services.MODULE}.{kind}", fixed_service_id="x")
    found: list[Any] = []
    server.run(lambda: (found.extend(server.get_service_statuses("w")), server.close()))
    assert found == ["two"]
    assert "the service one was not started" in caplog.text
    assert "the service three was not started" in caplog.text


def test_a_service_that_is_replaced_ends() -> None:
    async def scenario() -> None:
        async with page(site) as one:
            server = site.server  # type: ignore[attr-defined]
            await run_in_thread(lambda: narvi_services.probe(server))
            with pytest.raises(Exception, match="1012"):
                await one.next()

    with LocalHostOfTests().running(narvi_services.probe) as site:
        run(scenario)


async def run_in_thread(call: Any) -> Any:
    import asyncio

    return await asyncio.to_thread(call)


@pytest.mark.parametrize(
    ("host", "address"), [("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("", "0.0.0.0")]
)
def test_it_listens_where_it_was_told_to(host: str, address: str) -> None:
    server = NarviServer(host, port=0)
    found: list[str] = []

    def ready() -> None:
        listening = (
            one for one in psutil.Process().net_connections("tcp") if one.status == psutil.CONN_LISTEN
        )
        found.extend(one.laddr.ip for one in listening if one.laddr.port == server.port)
        server.close()

    server.run(ready)
    assert found == [address]


def test_threads_of_it_are_gone_when_run_returns() -> None:
    server = NarviServer(port=0)
    narvi_services.probe(server)
    server.start_service("w", "probe_service", "x")
    server.run(server.close)
    assert not [thread for thread in threading.enumerate() if thread.name == "jupyter-trame-narvi"]
