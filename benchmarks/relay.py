"""Round trip over the replica in jupyter-server against a bare relay (`floor`)."""

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.jupyter import HEADERS, execute, process, server, socket_url, start_kernel
from benchmarks.measure import Sample, interleave, ratio, warm
from benchmarks.viewer import Viewer
from tests.e2e.servers import JupyterServer

__all__ = ["ECHO", "measure", "start_echo"]

ROUND_TRIPS = 400
ROUNDS = 7

ECHO = """
from jupyter_trame import Server
server = Server("echo")
server.state.update({"x": 0, "y": 0})
@server.change("x")
def follow(x, **_):
    server.state.y = x
server.start()
"""


def start_echo(running: JupyterServer) -> str:
    """The websocket address of an app, in a kernel of its own, that sets ``y`` to each new ``x``."""
    kernel = start_kernel(running)
    execute(running, kernel, ECHO)
    return socket_url(running, f"trame/{kernel}/echo/ws")


@contextlib.contextmanager
def _floor() -> Iterator[Viewer]:
    with tempfile.TemporaryDirectory() as folder:
        socket = str(Path(folder) / "s")
        command = (sys.executable, "-m", "benchmarks.floor")
        with process(*command, "kernel", socket) as kernel, process(*command, "relay", socket) as relay:
            assert kernel.stdout is not None
            assert relay.stdout is not None
            kernel.stdout.readline()
            with Viewer(f"ws://127.0.0.1:{int(relay.stdout.readline())}/ws", greet=False) as viewer:
                yield viewer


def round_trips(viewer: Viewer, start: int) -> list[float]:
    """Seconds from writing ``x`` to seeing ``y``."""
    times = []
    for value in range(start, start + ROUND_TRIPS):
        begin = time.perf_counter()
        viewer.write("x", value)
        viewer.wait("y", value)
        times.append(time.perf_counter() - begin)
    return times


def measure() -> dict[str, Sample]:
    """Both cases in turn."""
    with server() as running, _floor() as floor, Viewer(start_echo(running), HEADERS) as viewer:
        counter = iter(range(1, 10**9, ROUND_TRIPS))
        cases = {
            "replica": lambda: round_trips(viewer, next(counter)),
            "floor": lambda: round_trips(floor, next(counter)),
        }
        for case in cases.values():
            warm(case)
        return interleave(cases, ROUNDS)


if __name__ == "__main__":
    result = measure()
    for name, sample in result.items():
        print(f"{name}: p50 {sample.p50 * 1e6:.0f} us, p95 {sample.p95 * 1e6:.0f} us")
    print("replica / floor: {:.2f} ({:.2f} .. {:.2f})".format(*ratio(result["replica"], result["floor"])))
