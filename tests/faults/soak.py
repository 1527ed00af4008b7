"""Load and random cuts for a long time, and then everything is as before: ``python -m tests.faults.soak <seconds>``.

Three writers, and fifty viewers that come and go, some with a word and some without, through a proxy that cuts.
"""

import asyncio
import inspect
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from jupyter_trame.client import Client
from tests.faults import census
from tests.faults.load import APP, STOP, Viewer, Writer, check, loaded
from tests.faults.place import Place, place, serving
from tests.faults.processes import MEGABYTE, kernels, memory
from tests.support import RUNTIME

__all__ = ["Figures", "soak"]

NAMES = ["one", "two", "three"]
"""Of the writers."""
VIEWERS, LOOKERS = 50, 3
GRACE = 15
"""Seconds for which sessions outlive their connections here: more than several cuts in a row, and all are over soon."""
LONGEST = 12.0
"""Seconds for which a connection lives at most."""
STAY = 6.0
"""Seconds for which a viewer stays at most."""
PAUSE, SIZE = 0.25, 100_000
WARM_UP = 300.0
"""Seconds, after which allocators have come to rest: what lies scattered in their memory grows for some minutes."""
COUNT = "\n".join(
    (
        "import asyncio, ctypes, gc, os, re, sys, tempfile, threading",
        f"_MALL_INFO = {census._MALL_INFO}",
        *(inspect.getsource(each) for each in (census._MallInfo, census.in_use, census.count)),
        "print(json.dumps(count()))",
    )
)
MEMORY = ("in use", "resident")
ASK = 3.0
"""Seconds between two questions: each is a cell, of which the kernel keeps what it keeps of cells."""
IDLE = f"print(len({RUNTIME}.primary.clients), heard['in'] - heard['out'])"


@dataclass
class Figures:
    """What a soak found; memory in bytes, and what else processes hold, at rest after the warm-up and at the end."""

    seconds: float = 0
    cuts: int = 0
    connections: int = 0
    came: int = 0
    """Clients, as the app counted them."""
    writers: list[str] = field(default_factory=list)
    before: dict[str, dict[str, int]] = field(default_factory=dict)
    after: dict[str, dict[str, int]] = field(default_factory=dict)

    def growth(self, process: str, what: str) -> float:
        """Of its memory that is `what`, in parts of what it was."""
        return self.after[process][what] / self.before[process][what] - 1

    def __str__(self) -> str:
        lines = [
            f"{self.seconds:.0f} s, {self.cuts} cuts of {self.connections} connections, {self.came} clients"
        ]
        lines += self.writers
        for process, before in self.before.items():
            after = self.after[process]
            held = [f"{before[what]} -> {after[what]} {what}" for what in before if what not in MEMORY]
            sizes = [
                f"{before[what] / MEGABYTE:.1f} -> {after[what] / MEGABYTE:.1f} MB {what}"
                f" ({self.growth(process, what):+.1%})"
                for what in MEMORY
            ]
            lines.append(f"{process}: {', '.join(sizes + held)}")
        return "\n  ".join(lines)


class _Crowd:
    """Viewers that come and go until `stopped`."""

    def __init__(self, url: str, stopped: Callable[[], object]) -> None:
        self._url = url
        self._stopped = stopped

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(VIEWERS):
                group.create_task(self._come_and_go(Random(number)))

    async def _come_and_go(self, random: Random) -> None:
        while not self._stopped():
            client = Client(self._url)
            life = asyncio.create_task(client.connect())
            with suppress(ConnectionError):  # cut before the state was there
                await client.until_connected()
            await asyncio.wait([life], timeout=random.uniform(0.1, STAY))
            if random.random() < 0.5 and client._exchange.connection is not None:
                client._exchange.connection._socket.protocol.stream.close()  # type: ignore[attr-defined]
            else:
                await client.disconnect()
            with suppress(ConnectionError):
                await life


async def _load(found: Place, seconds: float, figures: Figures) -> None:
    """Everybody at work for `seconds`; at the end all see the same, and leave."""
    end = time.monotonic() + seconds

    def stopped() -> bool:
        return time.monotonic() > end

    writers = [Writer(found.url, name, pause=PAUSE, size=SIZE) for name in NAMES]
    viewers = [*writers, *(Viewer(found.url) for _ in range(LOOKERS))]
    await asyncio.to_thread(found.run, STOP + "".join(f"follow({name!r})\n" for name in NAMES) + TICK)
    for each in viewers:
        await each.start()
    cuts, made = found.cutter.cuts, found.cutter.made
    found.cutter.cut_randomly(sys.maxsize, LONGEST)
    async with loaded(viewers, stopped):
        await _Crowd(found.url, stopped).run()
        found.cutter.cut_randomly(0)
    heard = await check(viewers, found.run)
    for each in viewers:
        await each.stop()
    figures.seconds, figures.came = seconds, heard["in"]
    figures.cuts, figures.connections = found.cutter.cuts - cuts, found.cutter.made - made
    figures.writers = [str(each) for each in writers]


TICK = """
ticking, tick_pause = True, 0.2
ticker = asyncio.get_running_loop().create_task(tick())
"""


def _held(found: Place, pid: int) -> dict[str, dict[str, int]]:
    server, kernel = found.server.fetch(census.ADDRESS), json.loads(found.run(COUNT))
    (only,) = kernels(found.server.pid)
    assert only == pid, "one kernel, the same one"
    return {
        "the Jupyter server": {"resident": memory(found.server.pid), **server},
        "the kernel": {"resident": memory(pid), **kernel},
    }


async def _rest(found: Place, pid: int, most: dict[str, dict[str, int]] | None) -> dict[str, dict[str, int]]:
    """What the processes hold when nobody is there any more; waits for `most`, if that is given, as long as it may."""

    def left() -> list[str]:
        return [*found.run(IDLE).split(), str(len(found.cutter.roads))]

    end = time.monotonic() + 4 * GRACE
    while (remain := left()) != ["0", "0", "0"] and time.monotonic() < end:  # noqa: ASYNC110 - another process has it
        await asyncio.sleep(ASK)
    assert remain == ["0", "0", "0"], f"clients, those that came and did not leave, connections: {remain}"
    end = time.monotonic() + 2 * GRACE
    while True:
        await asyncio.sleep(2 * GRACE if most is None else ASK)
        held = _held(found, pid)
        rest = (
            held[process][what] <= count
            for process, counts in (most or {}).items()
            for what, count in counts.items()
            if what not in MEMORY
        )
        if time.monotonic() > end or (most and all(rest)):
            return held


async def _soak(found: Place, seconds: float) -> Figures:
    figures = Figures()
    pid = found.kernel_pid
    await _load(found, min(WARM_UP, seconds / 3), figures)
    figures.before = await _rest(found, pid, None)
    await _load(found, seconds, figures)
    figures.after = await _rest(found, pid, figures.before)
    return figures


def soak(home: Path, seconds: float) -> Figures:
    """Load for `seconds`, behind a warm-up. Raises AssertionError or TimeoutError for what is lost or comes twice.

    What the processes hold then is for the caller to judge.
    """
    with (
        serving(home, f"c.TrameExtension.grace = {GRACE}", ["tests.faults.census"]) as server,
        place(server, APP) as found,
    ):
        return asyncio.run(_soak(found, seconds))


def judge(figures: Figures, in_use: float = 0.05, resident: float = 0.05) -> None:
    """Nothing is left, and memory is within these parts of what it was. Raises AssertionError."""
    bounds = dict(zip(MEMORY, (in_use, resident), strict=True))
    for process, before in figures.before.items():
        for what, count in before.items():
            if what in bounds:
                assert figures.growth(process, what) <= bounds[what], f"{process}: {what}\n{figures}"
            else:
                assert figures.after[process][what] <= count, f"{process}: {what}\n{figures}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        outcome = soak(Path(folder), float(sys.argv[1]))
    print(outcome)
    judge(outcome)
