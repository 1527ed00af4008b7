"""Trio beside a notebook: in this process, and in a real kernel with cells that block, interrupts and runs again."""

import gc
import os
import signal
import threading
import time
import weakref
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from jupyter_trame.trio import ConnectionClosed, WebSocketServerProtocol, connect, serve, start
from jupyter_trame.trio.background import _call_name, _host
from tests.kernel.support import BUSY, TIMEOUT, Kernel, listening_ports, running_kernel
from tests.trio.support import address_of, echo, hold, on_trio


@pytest.fixture(autouse=True)
def no_jobs() -> Iterator[None]:
    """Trio's thread goes with the test."""
    yield
    _host.stop()


def ask(address: str, message: str) -> str:
    """What an echo server at `address` answers."""

    async def main() -> str:
        with trio.fail_after(20):
            async with connect(address) as websocket:
                await websocket.send(message)
                return str(await websocket.recv())

    return trio.run(main)


def test_a_server_runs_on_a_thread_of_its_own_until_it_is_stopped() -> None:
    job = start(serve, echo, "127.0.0.1", 0)
    assert job.running
    address = address_of(job.value)
    assert ask(address, "x") == "x"
    assert job.stop()
    assert not job.running
    assert job.stop()
    with pytest.raises(ConnectionError):
        ask(address, "x")


def test_the_same_call_takes_the_place_of_the_one_before() -> None:
    jobs = [start(serve, echo, "127.0.0.1", 0) for _ in range(3)]
    other = start(serve, hold, "127.0.0.1", 0)
    named = start(serve, echo, "127.0.0.1", 0, name="another")
    assert [job.running for job in [*jobs, other, named]] == [False, False, True, True, True]
    assert [thread.name for thread in threading.enumerate()].count("trame-trio") == 1


@on_trio
async def test_clients_hear_that_the_server_goes() -> None:
    job = start(serve, echo, "127.0.0.1", 0)
    async with connect(address_of(job.value)) as websocket:
        assert await trio.to_thread.run_sync(job.stop)
        with pytest.raises(ConnectionClosed, match="1001"):
            await websocket.recv()


def test_what_keeps_it_from_starting_is_raised_and_others_go_on() -> None:
    job = start(serve, echo, "127.0.0.1", 0)
    port = job.value.sockets[0].getsockname()[1]
    with pytest.raises(OSError, match="in use"):
        start(serve, hold, "127.0.0.1", port)
    assert ask(address_of(job.value), "x") == "x"


def test_what_cannot_be_run_is_raised_in_the_cell(caplog: pytest.LogCaptureFixture) -> None:
    async def two(first: int, second: int) -> None: ...

    slip: Any = serve(echo, "127.0.0.1", 0)
    with pytest.raises(TypeError, match=r"start\(serve, handler, host, port\), not <"):
        start(slip)
    no_coroutine: Any = str
    with pytest.raises(TypeError, match=r"an async function, and str\(5\) gave '5'"):
        start(no_coroutine, 5)
    with pytest.raises(TypeError, match="'second'"):
        start(two, 1)
    assert not caplog.text


@pytest.mark.parametrize("error", [KeyError("x"), SystemExit(1), KeyboardInterrupt()], ids=repr)
def test_an_exception_later_is_logged_and_others_go_on(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    other = start(serve, echo, "127.0.0.1", 0)

    async def fail() -> None:
        async with trio.open_nursery():
            raise error

    job = start(fail)
    assert job._over.wait(20)
    assert job.error is error
    assert "has ended with an exception" in caplog.text
    assert ask(address_of(other.value), "x") == "x"


def test_a_function_that_tells_nothing_is_not_waited_for() -> None:
    job = start(trio.sleep_forever)
    assert job.running
    assert "running" in repr(job)
    assert job.stop()
    assert job.error is None


def test_trio_s_own_thread_starts_nothing_here() -> None:
    errors: list[Exception] = []

    async def nested() -> None:
        try:
            start(trio.sleep_forever)
        except RuntimeError as error:
            errors.append(error)

    job = start(nested)
    assert job._over.wait(20)
    assert "use a nursery" in str(errors[0])


def test_calls_have_the_same_name_when_a_cell_runs_again() -> None:
    async def handler(*_: object, **__: object) -> None:
        pass

    first = _call_name(serve, (partial(handler, 1), "localhost", 8765))
    assert first == _call_name(serve, (partial(handler, 1), "localhost", 8765))
    assert first != _call_name(serve, (partial(handler, 2), "localhost", 8765))
    assert _call_name(partial(serve, handler, port=1), ()) != _call_name(partial(serve, handler, port=2), ())
    assert " at 0x" not in first


# -- in a kernel

SERVER = """
from jupyter_trame.trio import serve, start

async def echo(websocket, path):
    async for message in websocket:
        await websocket.send(message)

job = start(serve, echo, None, 0)
"""
ADDRESS = "'ws://%s:%s' % job.value.sockets[0].getsockname()[:2]"
CENSUS = (
    "(len(__import__('threading').enumerate()), len(__import__('os').listdir('/proc/self/fd')), "
    "len(job.value.sockets))"
)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    with running_kernel(tmp_path) as kernel:
        yield kernel


def test_row_14_it_answers_while_a_cell_blocks(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run(SERVER)
    address = kernel.value(ADDRESS)
    assert address.startswith("ws://127.0.0.1:")
    cell = kernel.start(BUSY.format(folder=str(tmp_path)))
    kernel.until((tmp_path / "started").exists)
    began = time.monotonic()
    times = []
    while time.monotonic() - began < 3:
        asked = time.monotonic()
        assert ask(address, "x") == "x"
        times.append(time.monotonic() - asked)
    (tmp_path / "go").touch()
    assert kernel.finish(cell).error is None
    assert max(times) < 1, f"{len(times)} answers, the slowest after {max(times):.2f} s"


def test_row_14_it_survives_100_interrupts(kernel: Kernel) -> None:
    kernel.run(SERVER)
    address = kernel.value(ADDRESS)
    for _ in range(100):
        cell = kernel.start("import time\nprint('sleeping', flush=True)\nwhile True: time.sleep(0.01)")
        kernel.until(lambda cell=cell: "sleeping" in kernel.cells[cell].stream)
        os.kill(kernel.pid, signal.SIGINT)
        assert "KeyboardInterrupt" in str(kernel.finish(cell).error)
    assert ask(address, "x") == "x"
    assert kernel.value("job.running") is True


def test_row_14_it_stops_when_the_kernel_restarts(kernel: Kernel) -> None:
    kernel.run(SERVER)
    address = kernel.value(ADDRESS)

    async def main() -> int:
        with trio.fail_after(30):
            async with connect(address) as websocket:
                await trio.to_thread.run_sync(partial(kernel.manager.restart_kernel, now=False))
                with pytest.raises(ConnectionClosed) as caught:
                    await websocket.recv()
                return caught.value.code

    assert trio.run(main) == 1001
    with pytest.raises(ConnectionError):
        ask(address, "x")


def test_nothing_is_left_of_50_runs_of_the_cell(kernel: Kernel) -> None:
    kernel.run(SERVER)
    ask(kernel.value(ADDRESS), "x")
    before = kernel.value(CENSUS)
    for _ in range(50):
        kernel.run(SERVER)
        assert ask(kernel.value(ADDRESS), "x") == "x"
    deadline = time.monotonic() + TIMEOUT
    while any(now > then for now, then in zip(kernel.value(CENSUS), before, strict=True)):
        # The last connection may still be at its end.
        assert time.monotonic() < deadline, (before, kernel.value(CENSUS))
    port = int(kernel.value(ADDRESS).rpartition(":")[2])
    assert f"0100007F:{port:04X}" in listening_ports(kernel.pid)
    kernel.run("job.stop()")
    assert f"0100007F:{port:04X}" not in listening_ports(kernel.pid)


def test_an_app_beside_trio_survives_what_a_cell_does(kernel: Kernel, tmp_path: Path) -> None:
    """A trio program in the kernel serves the state that cells write, while one of them blocks."""
    kernel.run(
        "%load_ext jupyter_trame\nfrom jupyter_trame import Server\nserver = Server('app')\nserver.start()"
    )
    code = """
from functools import partial
from jupyter_trame.trio import serve, start

async def show(websocket, path):
    async for _ in websocket:
        await websocket.send(str(server.state.x))

server.state.x = 1
job = start(partial(serve, show, port=0))
"""
    kernel.run(code)
    address = kernel.value(ADDRESS)
    assert ask(address, "?") == "1"
    blocked = "server.state.x = 2\nserver.state.flush()\n" + BUSY.format(folder=str(tmp_path))
    cell = kernel.start(blocked)
    kernel.until((tmp_path / "started").exists)
    assert ask(address, "?") == "2"
    (tmp_path / "go").touch()
    kernel.finish(cell)


def test_an_app_runs_beside_trio_in_a_kernel(kernel: Kernel) -> None:
    """On a thread of its own, so that a cell may wait for what it answers."""
    code = """
import trio
from jupyter_trame import Server
from jupyter_trame.trio import Client, running

server = Server("beside")
server.state.x = 1

@server.trigger("double")
def double():
    server.state.x *= 2
    return server.state.x

async def program():
    async with running(server) as address, Client(address) as client:
        return [address[:17], await client.call_trigger("double"), client.state.x]

found = trio.run(program)
"""
    kernel.run(code)
    assert kernel.value("found") == ["http://127.0.0.1:", 2, 2]
    assert kernel.value("server.running") is False


def test_nothing_is_kept_of_a_job_that_has_ended() -> None:
    job = start(serve, echo, "127.0.0.1", 0)
    gone = weakref.ref(job.value)
    gc.collect()
    assert gone() is not None
    job.stop()
    del job
    gc.collect()
    assert gone() is None


def test_a_job_that_nobody_keeps_runs_and_is_replaced() -> None:
    address = address_of(start(serve, echo, "127.0.0.1", 0).value)
    gc.collect()
    assert ask(address, "x") == "x"
    start(serve, echo, "127.0.0.1", 0)
    with pytest.raises(ConnectionError):
        ask(address, "x")


def test_a_job_that_stops_itself_does_not_wait_for_itself() -> None:
    waited: list[bool] = []

    async def handler(websocket: WebSocketServerProtocol, path: str) -> None:
        waited.append(job.stop())
        await websocket.wait_closed()

    job = start(serve, handler, "127.0.0.1", 0)
    began = time.monotonic()
    with pytest.raises(ConnectionClosed):
        ask(address_of(job.value), "x")
    assert job._over.wait(TIMEOUT)
    assert waited == [False]
    assert time.monotonic() - began < 5
