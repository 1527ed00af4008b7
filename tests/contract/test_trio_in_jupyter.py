"""A trio program and an app in a kernel of a Jupyter server, with the server's token."""

from collections.abc import Iterator

import pytest
import trio

from benchmarks.jupyter import execute, start_kernel
from jupyter_trame.trio import Client
from tests.e2e.servers import TOKEN, JupyterServer
from tests.faults.place import serving
from tests.trio.apps import until
from tests.trio.support import on_trio

APP = """
import threading
from jupyter_trame import Server
server = Server("faults")
server.state.x = 1

@server.trigger("where")
def where(value):
    server.state.x = value
    return [value, threading.get_ident() == threading.main_thread().ident]

server.start()
"""


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with serving(tmp_path_factory.mktemp("server") / "home") as server:
        yield server


@on_trio
async def test_row_15_state_and_triggers_of_a_kernel(jupyter: JupyterServer) -> None:
    kernel = await trio.to_thread.run_sync(start_kernel, jupyter)

    async def cell(code: str) -> str:
        return await trio.to_thread.run_sync(execute, jupyter, kernel, code)

    await cell(APP)
    address = f"{jupyter.url}trame/{kernel}/faults/"
    async with Client(address, token=TOKEN) as client:
        assert client.state.x == 1
        await cell("with server.state:\n    server.state.x = 2")
        await until(lambda: client.state.x == 2)
        assert await client.call_trigger("where", [3]) == [3, True]
        assert client.state.x == 3
        assert await cell("print(server.state.x)") == "3\n"
        with client.state:
            client.state.x = 4
        while await cell("print(server.state.x)") != "4\n":
            pass
    for token in (None, "wrong"):
        with pytest.raises(ConnectionError, match="403"):
            async with Client(address, token=token):
                pytest.fail("who has no token has no rights")
