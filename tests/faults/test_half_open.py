"""A connection that both sides believe in and that passes nothing: each finds out, and the session goes on."""

import asyncio
import time
from unittest.mock import patch

import psutil

from tests.e2e.servers import JupyterServer
from tests.faults.conftest import BEAT, MakePlace
from tests.faults.load import Viewer, until

APP = """
import asyncio
from jupyter_trame import Server
server = Server("faults")
server.state.n = 0
heard, go = [], asyncio.Event()
server.controller.on_client_connected.add(lambda: heard.append("in"))
server.controller.on_client_exited.add(lambda: heard.append("out"))

@server.trigger("wait")
async def wait():
    heard.append("call")
    await go.wait()
    return "done"

server.start()
"""


def test_a_connection_that_passes_nothing_is_replaced(
    impatient_server: JupyterServer, make_place: MakePlace
) -> None:
    found = make_place(impatient_server, APP)
    jupyter = psutil.Process(found.server.pid)

    async def main() -> None:
        one = Viewer(found.url)
        await one.start()
        session, before = one.client._exchange.session.client_id, jupyter.num_fds()
        call = asyncio.create_task(one.client.call_trigger("wait"))
        await until(lambda: found.run("print(*heard)").split() == ["in", "call"], "the call")
        connection = one.client._exchange.connection
        found.cutter.silence()
        silent = time.monotonic()
        with one.client.state as state:
            state.n = 7
        await until(
            lambda: one.client._exchange.connection is not connection and one.client.connected,
            "another connection",
        )
        print(f"back after {time.monotonic() - silent:.1f} s, with pings each {BEAT} s")
        found.run("go.set()")
        assert await call == "done"
        await one.settled()
        assert one.client._exchange.session.client_id == session
        await until(
            lambda: jupyter.num_fds() <= before, "the server to give the old connection up", 10 * BEAT
        )
        assert found.run("print(server.state.n, *heard)").split() == ["7", "in", "call"]
        await one.stop()

    with patch("jupyter_trame.client.connections._HEART_BEAT", BEAT):
        asyncio.run(main())
