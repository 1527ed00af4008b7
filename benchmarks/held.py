"""How long a large push to a hundred viewers holds a server's loop: the longest turn, in cpu time of its thread."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.jupyter import execute, process, socket_url, start_kernel
from benchmarks.probe import PORT, take_turns
from tests.e2e.servers import TOKEN, free_port, jupyter_server

__all__ = ["HOSTS", "Held", "Running", "app", "measure", "running", "sink"]

VIEWERS = 100
PUSHES = 5
MEGABYTE = 1_000_000
HOSTS = {
    "jupyter": "the Jupyter server",
    "tornado": "a program on tornado",
    "aiohttp": "a program on aiohttp",
}

APP = """
import os
from jupyter_trame import Server
server = Server("held")
server.state.update({"go": 0, "big": b""})
values = [os.urandom(%d) for _ in range(2)]
@server.change("go")
def push(go, **_):
    if go:
        server.state.big = values[go %% 2]
"""

JUPYTER = "server.start()\nprint(os.getpid())\n"

PROBE = """
import asyncio
from benchmarks.probe import install
server.controller.on_server_ready.add(lambda **_: install(asyncio.get_running_loop()))
"""
PROGRAM = """
@server.controller.add("on_server_ready")
def announce(**_):
    print(server.port, server.protocol.secret, flush=True)
server.start(port=0, host="127.0.0.1", open_browser=False, show_connection_info=False, timeout=0, backend="%s")
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What was seen of the turns of a loop, in seconds."""

    longest: float
    total: float
    """Of all turns above half a millisecond."""
    delivered: float
    """From a push until all have it, the median."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server; its turns are measured where that was asked for."""

    url: str
    token: str
    secret: str
    port: int
    """Where its turns can be asked for."""
    pids: dict[str, int]
    """Its processes."""

    @property
    def headers(self) -> dict[str, str]:
        """Of a request that opens a websocket."""
        return {"Authorization": f"token {self.token}"} if self.token else {}


@contextmanager
def running(host: str, app: str, *, probe: bool = False) -> Iterator[Running]:
    """The program `app` on one of the `HOSTS`, until the end of the block.

    With `probe` its turns are measured, which takes time of its own in each.
    """
    port = free_port()
    os.environ[PORT] = str(port)
    if host == "jupyter":
        with (
            tempfile.TemporaryDirectory() as folder,
            jupyter_server(Path(folder), extensions=["benchmarks.probe"] if probe else []) as server,
        ):
            kernel = start_kernel(server)
            pid = int(execute(server, kernel, app + JUPYTER))
            url = socket_url(server, f"trame/{kernel}/held/ws")
            yield Running(url, TOKEN, "", port, {"kernel": pid, "Jupyter server": server.pid})
            server.shut_kernels_down()
    else:
        with process(sys.executable, "-c", app + PROBE * probe + PROGRAM % host) as child:
            assert child.stdout is not None
            own, secret = child.stdout.readline().split()
            yield Running(f"ws://127.0.0.1:{own}/ws", "", secret, port, {"program": child.pid})


@contextmanager
def sink(server: Running, count: int, size: int, pushes: int) -> Iterator[subprocess.Popen[str]]:
    """Viewers that are connected; see `benchmarks.sink`."""
    command = (server.url, server.token, server.secret, str(count), str(size), str(pushes))
    with subprocess.Popen(
        (sys.executable, "-m", "benchmarks.sink", *command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        if child.stdout.readline() != "ready\n":
            raise RuntimeError("the viewers did not connect")
        try:
            yield child
        finally:
            child.kill()


def app(size: int) -> str:
    """The program whose values have `size` bytes."""
    return APP % size


def _held(host: str, size: int) -> Held:
    with running(host, app(size), probe=True) as server, sink(server, VIEWERS, size, PUSHES) as viewers:
        assert viewers.stdin is not None
        assert viewers.stdout is not None
        take_turns(server.port)
        viewers.stdin.write("go\n")
        viewers.stdin.flush()
        times = sorted(float(viewers.stdout.readline()) for _ in range(PUSHES))
        turns = take_turns(server.port)
        return Held(max(turns), sum(turns), times[PUSHES // 2])


def measure(hosts: Iterable[str] = HOSTS) -> dict[tuple[str, int], Held]:
    """By host and megabytes."""
    return {(host, size): _held(host, size * MEGABYTE) for host in hosts for size in (1, 10)}


if __name__ == "__main__":
    for (host, size), held in measure(sys.argv[1:] or HOSTS).items():
        print(
            f"{host}, {size} MB to {VIEWERS} viewers: longest turn {held.longest * 1e3:.1f} ms of cpu,"
            f" {held.total / PUSHES * 1e3:.0f} ms a push in all, delivered in {held.delivered * 1e3:.0f} ms"
        )
