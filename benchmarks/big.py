"""What a value of 100 MB for three viewers costs in memory: the peak of each process beyond what it had before."""

import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.held import HOSTS, MEGABYTE, running, sink
from benchmarks.viewer import Viewer

__all__ = ["SIZE", "measure", "memory"]

SIZE = 100
VIEWERS = 3

APP = """
import os
from jupyter_trame import Server
server = Server("held")
server.state.update({"go": 0, "big": b""})
value = %s
@server.change("go")
def push(go, **_):
    if go:
        server.state.big = value
"""


def memory(pid: int, name: str) -> int:
    """In bytes; ``VmRSS`` or ``VmHWM``, its peak."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise LookupError(name)


def _peaks(host: str, size: int, value: str) -> dict[str, float]:
    with running(host, APP % value) as server, sink(server, VIEWERS, size, 1) as viewers:
        assert viewers.stdin is not None
        assert viewers.stdout is not None
        before = {}
        for name, pid in server.pids.items():
            Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")  # the peak begins anew
            before[name] = memory(pid, "VmRSS")
        viewers.stdin.write("go\n")
        viewers.stdin.flush()
        viewers.stdout.readline()
        # Somebody who comes later gets the whole state.
        with Viewer(server.url, server.headers, secret=server.secret):
            pass
        return {name: (memory(pid, "VmHWM") - before[name]) / MEGABYTE for name, pid in server.pids.items()}


def measure(
    hosts: Iterable[str] = HOSTS, size: int = SIZE, value: str = "os.urandom(%d)"
) -> dict[tuple[str, str], float]:
    """Megabytes by host and process, for an expression with the place of its bytes.

    The app holds the value before, so that its own object does not count.
    """
    size *= MEGABYTE
    return {(host, name): peak for host in hosts for name, peak in _peaks(host, size, value % size).items()}


if __name__ == "__main__":
    for (host, name), peak in measure(sys.argv[1:] or HOSTS).items():
        print(f"{host}: {SIZE} MB to {VIEWERS} viewers take {peak:.0f} MB in the {name}")
