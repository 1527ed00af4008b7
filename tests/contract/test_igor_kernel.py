"""Igor in a kernel: rows 11 and 14, and that cells, interrupts and cells that run again cost its clients nothing."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect

from jupyter_trame.transports.joining import join
from jupyter_trame.transports.rendezvous import read_record, service_record_path
from tests.igor.support import TIMEOUT, Raw, run
from tests.kernel.support import BUSY, Kernel, listening_ports, running_kernel

CELL = """
import sys, time
from jupyter_trame.igor import IgorServer, IgorProcess

def echo(output, data, **kwargs):
    output.send(data)

async def later(output, data, **kwargs):
    output.send(data)

def leave(output, data, **kwargs):
    sys.exit(1)

def fail(output, data, **kwargs):
    print("printed in the handler")
    raise ValueError("it went wrong")

class Ticker(IgorProcess):
    def run(self):
        while not self.output.stopping.wait(0.01):
            self.output.send("tick")

robot = IgorServer(api={"echo": echo, "later": later, "leave": leave, "fail": fail}, name="robot")
robot.add_process("ticker", Ticker())
robot.run_forever()
print(robot.url)
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        yield kernel


@asynccontextmanager
async def client(kernel: Kernel, name: str = "robot") -> AsyncIterator[Raw]:
    """As the extension comes in: by the record, with the secret; then a websocket on the same socket."""
    record = read_record(service_record_path(kernel.manager.connection_file, "igor", name))
    assert record is not None, "no such server runs"
    sock = await join(record, name, "")
    opened: ClientConnection
    async with connect("ws://kernel/ws", sock=sock, proxy=None, max_size=None) as opened:
        yield Quiet(opened)


class Quiet(Raw):
    """Leaves out what the process says."""

    async def next(self) -> Any:
        while (message := await super().next()).get("streamId") == "ticker":
            pass
        return message


def test_a_cell_returns_at_once_and_opens_no_port(kernel: Kernel) -> None:
    before = listening_ports(kernel.pid)
    began = time.perf_counter()
    cell = kernel.run(CELL)
    assert time.perf_counter() - began < 10
    assert "trame/igor/0123-test/robot/ws" in cell.stream
    assert listening_ports(kernel.pid) == before

    async def scenario() -> None:
        async with client(kernel) as raw:
            assert await raw.call("echo", 1) == [1]
            assert await raw.call("later", 2) == [2]

    run(scenario)


def test_a_cell_that_blocks_delays_nobody(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run(CELL)
    busy = kernel.start(BUSY.format(folder=str(tmp_path)))

    async def scenario() -> None:
        async with client(kernel) as raw:
            while not (tmp_path / "started").exists():  # noqa: ASYNC110 - the cell makes it
                await asyncio.sleep(0.01)
            ends = time.perf_counter() + 3
            slowest = 0.0
            while time.perf_counter() < ends:
                began = time.perf_counter()
                assert await raw.call("echo", 1) == [1]
                assert await raw.call("later", 2) == [2]
                slowest = max(slowest, time.perf_counter() - began)
            assert slowest < 1

    try:
        run(scenario)
    finally:
        (tmp_path / "go").touch()
        kernel.finish(busy)


def test_row_11_an_exit_stops_the_server_and_not_the_kernel(kernel: Kernel) -> None:
    kernel.run(CELL)

    async def scenario() -> None:
        async with client(kernel) as raw:
            assert await raw.call("leave") == []
            await raw.connection.wait_closed()
            assert raw.connection.close_code == 1001

    run(scenario)
    assert kernel.value("(robot.wait(10), robot.running)") == (True, False)
    assert not service_record_path(kernel.manager.connection_file, "igor", "robot").exists()


def test_errors_and_prints_reach_the_cell(kernel: Kernel) -> None:
    message = kernel.start(CELL)
    kernel.finish(message)

    async def scenario() -> None:
        async with client(kernel) as raw:
            assert await raw.call("fail") == [{"error": "it went wrong"}]

    run(scenario)
    cell = kernel.cells[message]
    kernel.until(
        lambda: "ValueError: it went wrong" in cell.stream and "printed in the handler" in cell.stream
    )


def test_a_hundred_interrupts(kernel: Kernel) -> None:
    """Each meets a cell that runs, while a client is served."""
    kernel.run(CELL)
    running = "import time\nprint('running', flush=True)\nwhile True: time.sleep(0.01)"

    def interrupt() -> None:
        for _ in range(100):
            cell = kernel.start(running)
            kernel.until(lambda cell=cell: "running" in kernel.cells[cell].stream)
            kernel.manager.interrupt_kernel()
            assert "KeyboardInterrupt" in str(kernel.finish(cell).error)

    async def scenario() -> None:
        async with client(kernel) as raw:
            interrupts = asyncio.create_task(asyncio.to_thread(interrupt))
            count = 0
            while not interrupts.done():
                assert await raw.call("echo", count) == [count]
                assert await raw.call("later", count) == [count]
                count += 1
            await interrupts
            assert count

    run(scenario, patience=5 * TIMEOUT)
    assert kernel.value("robot.running") is True


def test_nothing_is_left_after_fifty_runs_of_the_cell(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run(CELL)
    kernel.run(CELL)
    process = psutil.Process(kernel.pid)
    runtime = Path(kernel.manager.connection_file).parent

    def count() -> tuple[int, int, int]:
        threads = kernel.value("sum(thread.is_alive() for thread in __import__('threading').enumerate())")
        return threads, process.num_fds(), len(list(runtime.iterdir()))

    before = count()
    for _ in range(50):
        kernel.run(CELL)
    kernel.until(lambda: all(now <= then for now, then in zip(count(), before, strict=True)))

    async def scenario() -> None:
        async with client(kernel) as raw:
            assert await raw.call("echo", 1) == [1]

    run(scenario)
    kernel.run("robot.stop(); robot.wait(10)")
    assert [path.name for path in runtime.iterdir() if "igor" in path.name] == []


def test_awaiting_the_end_in_a_cell(kernel: Kernel) -> None:
    kernel.run(CELL)
    kernel.run("await robot.stop()\nassert not robot.running")


def test_open_to_all_is_for_programs(kernel: Kernel) -> None:
    cell = kernel.finish(
        kernel.start(
            'from jupyter_trame.igor import IgorServer\nIgorServer({}, allow_reclaim="open").run_forever()'
        )
    )
    assert cell.error is not None
    assert "is for programs" in cell.error


def test_the_kernel_ends_and_leaves_nothing(tmp_path: Path) -> None:
    with running_kernel(tmp_path) as kernel:
        kernel.run(CELL)
        assert json.dumps(kernel.value("robot.connection_info()"))
        kernel.client.shutdown()
        psutil.Process(kernel.pid).wait(30)
        assert [path.name for path in tmp_path.iterdir() if "igor" in path.name] == []
