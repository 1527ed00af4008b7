"""The port of a program."""

import pytest

from jupyter_trame.igor import IgorServer
from tests.igor.support import client, run, serving


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0.0.0.0", "::1"])
def test_its_address(host: str) -> None:
    async def scenario() -> None:
        async with client(server) as raw:
            await raw.send("?")
            assert (await raw.next())["code"] == 400

    with serving({}, host=host) as server:
        shown = {"0.0.0.0": "localhost", "::1": "[::1]"}.get(host, host)
        assert server.url.startswith(f"ws://{shown}:")
        run(scenario)


def test_any_path_is_the_socket() -> None:
    async def scenario() -> None:
        from websockets.asyncio.client import connect

        async with connect(f"{server.url}/some/path?x=1", proxy=None) as socket:
            await socket.send("?")
            assert "400" in str(await socket.recv())

    with serving({}) as server:
        run(scenario)


def test_a_host_that_is_not_ours() -> None:
    server = IgorServer({}, host="192.0.2.1")
    with pytest.raises(OSError, match=r"192\.0\.2\.1"):
        server.start()
