"""A client that reads nothing lags alone, and costs the Jupyter server bounded memory."""

import asyncio
import sys

import pytest

from tests.e2e.servers import JupyterServer
from tests.faults.conftest import MakePlace
from tests.faults.load import Viewer, until
from tests.faults.processes import MEGABYTE, memory, reset_peak

APP = """
import os
from jupyter_trame import Server
server = Server("faults")
server.state.update({"number": 0, "picture": b""})

@server.trigger("draw")
def draw(number):
    server.state.update({"number": number, "picture": os.urandom(1 << 20)})

server.start()
"""
PICTURES = 100
BOUND = 32
"""Megabytes: what waits in one socket, a queue of 16 MB, and pictures that are on their way to the other."""


@pytest.mark.skipif(sys.platform != "linux", reason="peaks of other processes are Linux's to tell")
def test_a_stalled_reader_lags_alone(steady_server: JupyterServer, make_place: MakePlace) -> None:
    found = make_place(steady_server, APP)

    async def main() -> None:
        stalled, other = Viewer(found.url), Viewer(found.straight)
        await stalled.start()
        await other.start()
        await other.client.call_trigger("draw", [-1])
        await until(lambda: stalled.client.state.number == -1, "the first picture")
        found.cutter.silence()
        before = memory(found.server.pid)
        reset_peak(found.server.pid)
        for number in range(PICTURES):
            await other.client.call_trigger("draw", [number])
            await until(lambda number=number: other.client.state.number == number, "the next picture")
        grown = memory(found.server.pid, "VmHWM") - before
        assert stalled.client.state.number == -1
        print(f"the Jupyter server grew {grown / MEGABYTE:.1f} MB at most, of {PICTURES} pictures of 1 MB")
        assert grown < BOUND * MEGABYTE
        found.cutter.cut_all()
        await until(lambda: stalled.client.state.number == PICTURES - 1, "what the stalled reader missed")
        assert stalled.state() == other.state()
        await stalled.stop()
        await other.stop()

    asyncio.run(main())
