"""Values of 10 MB to and from an app behind a Kernel Gateway: how long do answers of the control channel take?

Beside it: the same without any value on its way, and a comm that sends the same bytes, as base64, in messages of 2 MB
(jupyter-server's connection to a gateway ends with one of 10 MB).
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from websockets.sync.client import ClientConnection, connect

from benchmarks.gateway import far
from benchmarks.jupyter import HEADERS, execute, socket_url, start_kernel
from benchmarks.measure import percentile
from benchmarks.prober import message
from benchmarks.viewer import Viewer

__all__ = ["CASES", "Answers", "measure"]

SIZE = 10_000_000
ROUNDS = 10
IDLE = 1.0
"""Seconds without a value on its way."""
CASES = ("nothing", "down", "up", "comm")

APP = f"""
import base64, os, comm
from jupyter_trame import Server
server = Server("large")
server.state.update({{"n": 0, "done": 0, "down": b"", "up": b""}})
@server.change("n")
def send(n, **_):
    server.state.down = os.urandom({SIZE})
    server.state.done = n
@server.change("up")
def note(up, **_):
    server.state.done = len(up)
server.start()
def opened(channel, _):
    @channel.on_msg
    def answer(message):
        for _ in range({SIZE} // 2_000_000):
            channel.send({{"text": base64.b64encode(os.urandom(2_000_000)).decode()}})
        channel.send({{"done": True}})
comm.get_comm_manager().register_target("bare", opened)
"""


@dataclass
class Answers:
    """Seconds that the answers of the control channel took, and until a value was there."""

    times: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    @property
    def worst(self) -> float:
        """The longest."""
        return max(self.times)

    @property
    def p99(self) -> float:
        """What one of a hundred exceeds."""
        return percentile(self.times, 0.99)


@contextmanager
def _prober(url: str) -> Iterator[Callable[[], list[float]]]:
    """Gives the times since it was last asked for them."""
    command = (sys.executable, "-m", "benchmarks.prober", url)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        asks, answers = child.stdin, child.stdout
        assert asks is not None
        assert answers is not None

        def take() -> list[float]:
            asks.write("\n")
            asks.flush()
            times: list[float] = json.loads(answers.readline())
            return times

        while not take():
            time.sleep(0.1)
        yield take


def _bare(channels: ClientConnection, comm: str) -> None:
    channels.send(json.dumps(message("comm_msg", "shell", {"comm_id": comm, "data": {}})))
    while '"done"' not in channels.recv()[-2000:]:
        pass


def _exchange(viewer: Viewer, key: str, value: object, done: int) -> None:
    viewer.write(key, value)
    viewer.wait("done", done)


def measure() -> dict[str, Answers]:
    """For each of `CASES`, in turn."""
    found = {case: Answers() for case in CASES}
    with far() as (running, gateway):
        kernel = start_kernel(running)
        execute(running, kernel, APP)
        channels = f"api/kernels/{kernel}/channels"
        with (
            _prober(f"ws{gateway[4:]}/{channels}") as take,
            connect(socket_url(running, channels), additional_headers=HEADERS, max_size=None) as comm,
            Viewer(socket_url(running, f"trame/{kernel}/large/ws"), HEADERS) as viewer,
        ):
            comm.send(
                json.dumps(message("comm_open", "shell", {"comm_id": "c", "target_name": "bare", "data": {}}))
            )
            for number in range(1, ROUNDS + 2):
                runs: tuple[Callable[[], object], ...] = (
                    partial(time.sleep, IDLE),
                    partial(_exchange, viewer, "n", number, number),
                    partial(_exchange, viewer, "up", os.urandom(SIZE + number), SIZE + number),
                    partial(_bare, comm, "c"),
                )
                for case, run in zip(CASES, runs, strict=True):
                    take()
                    begin = time.perf_counter()
                    run()
                    took = time.perf_counter() - begin
                    times = take()
                    if number > 1:  # the first round is for warming up
                        found[case].times += times
                        found[case].took.append(took)
    return found


if __name__ == "__main__":
    for case, answers in measure().items():
        print(
            f"{case}: worst {answers.worst * 1e3:.0f} ms, p99 {answers.p99 * 1e3:.0f} ms, "
            f"p50 {percentile(answers.times, 0.5) * 1e3:.0f} ms of {len(answers.times)}; "
            f"there after {percentile(answers.took, 0.5):.2f} s"
        )
