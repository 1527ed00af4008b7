"""The workloads: each runs once against one server and gives its figures."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil

from benchmarks.jupyter import process
from benchmarks.peer.app import BIG
from benchmarks.peer.clients import Crowd, StockClient

__all__ = ["CASES", "Running", "server"]

Figures = dict[str, float]
"""Name of a figure -> value, in seconds, megabytes a second, megabytes or pieces."""

_MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Running:
    """One server in a process of its own."""

    port: int
    secret: str
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds of cpu that the process has used."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> float:
        """Resident memory in megabytes."""
        return float(self.process.memory_info().rss) / _MEGABYTE

    def client(self, *, deflate: bool = False) -> StockClient:
        """One more client."""
        return StockClient(self.port, self.secret, deflate=deflate)

    def crowd(self, count: int, *, deflate: bool = False) -> Crowd:
        """`count` more viewers."""
        return Crowd(self.port, self.secret, count, deflate=deflate)


@contextlib.contextmanager
def server(kind: str, backend: str) -> Iterator[Running]:
    """The app on the server `kind`, or what of it the ``floor`` has, until the end of the block."""
    program = "benchmarks.peer.floor" if kind == "floor" else "benchmarks.peer.app"
    command = (sys.executable, "-m", program, kind, backend)
    # The peer prints a traceback for each client that hangs up.
    with process(*command, quiet=kind == "peer") as child:
        port, secret = _first_line(child).split()
        yield Running(int(port), secret, psutil.Process(child.pid))


def _first_line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line:
        raise RuntimeError("the server ended before it was up")
    return line


def round_trip(running: Running) -> Figures:
    """From a client's write to the value that a listener answers."""
    with running.client() as client:
        times = []
        for value in range(1, 600):
            begin = time.perf_counter()
            client.write("x", value + int(begin))
            client.wait("y", f"<{value + int(begin)}>")
            times.append(time.perf_counter() - begin)
    return {"seconds": sorted(times)[len(times) // 2]}


def pipelined(running: Running) -> Figures:
    """Triggers a second, with 100 under way."""
    count, window = 4000, 100
    with running.client() as client:
        begin = time.perf_counter()
        sent = 0
        for received in range(count):
            while sent < min(received + window, count):
                client.send("trame.trigger", ["echo", [sent], {}])
                sent += 1
            client.receive()
        return {"a second": count / (time.perf_counter() - begin)}


def fan_out(running: Running, viewers: int = 100, pushes: int = 20) -> Figures:
    """1 MB to many viewers, the next when all have the last."""
    return _push(running, viewers, pushes, deflate=False)


def deflated(running: Running) -> Figures:
    """1 MB to 10 viewers that offer deflate, as browsers do."""
    return _push(running, viewers=10, pushes=5, deflate=True)


def _push(running: Running, viewers: int, pushes: int, *, deflate: bool) -> Figures:
    with running.crowd(viewers, deflate=deflate) as crowd:
        _deliver(crowd, 1)
        cpu, begin = running.cpu(), time.perf_counter()
        for number in range(2, pushes + 2):
            _deliver(crowd, number)
        seconds = time.perf_counter() - begin
    return {
        "MB/s": viewers * pushes * BIG / _MEGABYTE / seconds,
        "cpu seconds": running.cpu() - cpu,
    }


def _deliver(crowd: Crowd, number: int) -> None:
    crowd.trigger("push", number)
    if not crowd.read_until(lambda reader: reader.large >= number):
        raise RuntimeError("a push did not arrive")


def collaboration(running: Running, viewers: int = 50, updates: int = 30) -> Figures:
    """One of many clients writes; every other client gets the write and the answer of a listener."""
    times = []
    with running.client() as author, running.crowd(viewers - 1) as crowd:
        cpu = running.cpu()
        before = sum(reader.frames for reader in crowd.readers)
        for number in range(1, updates + 1):
            value = number * 1000 + int(time.perf_counter())
            answer = f"<{value}>".encode()
            crowd.forget()
            begin = time.perf_counter()
            author.write("x", value)
            if not crowd.read_until(lambda reader, answer=answer: answer in reader.seen):
                raise RuntimeError("an update did not arrive")
            times.append(time.perf_counter() - begin)
            crowd.read(0.02)
        frames = sum(reader.frames for reader in crowd.readers) - before
        cpu = running.cpu() - cpu
    return {
        "seconds": sorted(times)[len(times) // 2],
        "cpu seconds": cpu / updates,
        "frames": frames / updates / (viewers - 1),
    }


def many_keys(running: Running, keys: int = 100_000) -> Figures:
    """One key of many changes, ten listeners hear of it; a client asks for all."""
    with running.client() as client:
        client.trigger("grow", keys, 10)
        times = client.trigger("change_one", 7)
        gets = []
        for _ in range(5):
            begin = time.perf_counter()
            # Decoding the answer would take longer than anything else here.
            request = client.send("trame.state.get", []).encode()
            while request not in client.socket.receive()[:100]:
                pass
            gets.append(time.perf_counter() - begin)
    return {"seconds": sorted(times)[len(times) // 2], "get seconds": sorted(gets)[len(gets) // 2]}


def stalled(running: Running, count: int = 200) -> Figures:
    """200 pushes of 1 MB while one of four viewers does not read."""
    with running.client(), running.crowd(3) as crowd:
        idle = peak = running.memory()
        crowd.trigger("burst", count, 0.01)
        progress = time.monotonic()
        while time.monotonic() < progress + 3 and any(reader.large < count for reader in crowd.readers):
            before = sum(reader.large for reader in crowd.readers)
            crowd.read(0.1)
            if sum(reader.large for reader in crowd.readers) > before:
                progress = time.monotonic()
            peak = max(peak, running.memory())
        return {"delivered": min(reader.large for reader in crowd.readers), "MB over idle": peak - idle}


CASES: dict[str, Callable[[Running], Figures]] = {
    "round trip": round_trip,
    "pipelined": pipelined,
    "fan-out": fan_out,
    "deflate": deflated,
    "collaboration": collaboration,
    "many keys": many_keys,
    "stalled": stalled,
}
