"""What a 1 MB value costs the kernel's process with one viewer and with a hundred."""

import sys

from benchmarks.jupyter import execute, process, server, socket_url, start_kernel
from benchmarks.measure import Sample, interleave, ratio
from tests.e2e.servers import TOKEN, JupyterServer

__all__ = ["measure"]

PUSHES = 20
PERIOD = 0.25
"""Seconds between pushes: more than a hundred viewers need, so that both crowds get them at the same pace."""
ROUNDS = 5

APP = """
import asyncio, os, time
from jupyter_trame import Server
server = Server("big")
server.state.update({"seen": 0, "big": b""})
server.start()
values = [os.urandom(1_000_000) for _ in range(8)]
seen = asyncio.Event()
@server.change("seen")
def note(**_):
    seen.set()
"""

PUSH = f"""
begin = time.process_time()
for number in range({PUSHES}):
    due = time.monotonic() + {PERIOD}
    seen.clear()
    with server.state as state:
        state.big = values[number % 8]
    await asyncio.wait_for(seen.wait(), 60)
    await asyncio.sleep(max(due - time.monotonic(), 0))
print((time.process_time() - begin) / {PUSHES})
"""


def _cost(running: JupyterServer, count: int) -> list[float]:
    """Seconds of the kernel's cpu for one push to `count` viewers."""
    kernel = start_kernel(running)
    execute(running, kernel, APP)
    url = socket_url(running, f"trame/{kernel}/big/ws")
    with process(sys.executable, "-m", "benchmarks.crowd", url, TOKEN, str(count)) as crowd:
        assert crowd.stdout is not None
        crowd.stdout.readline()
        cost = float(execute(running, kernel, PUSH))
    running.api(f"kernels/{kernel}", "DELETE")
    return [cost]


def measure() -> dict[str, Sample]:
    """Both crowds in turn."""
    with server() as running:
        return interleave({"100": lambda: _cost(running, 100), "1": lambda: _cost(running, 1)}, ROUNDS)


if __name__ == "__main__":
    result = measure()
    for name, sample in result.items():
        print(f"{name} viewers: {sample.p50 * 1e3:.2f} ms of the kernel's cpu for a push of 1 MB")
    print("100 / 1: {:.2f} ({:.2f} .. {:.2f})".format(*ratio(result["100"], result["1"])))
