"""The port of a program."""

import asyncio
import contextlib
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus

from jupyter_trame.igor import IgorServer, program
from jupyter_trame.protocol import Limits
from tests.igor.support import client, run, serving, until


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


def test_one_client_too_many_is_told() -> None:
    async def scenario() -> None:
        async with client(server):
            async with client(server):
                with pytest.raises(InvalidStatus) as refused:
                    async with client(server):
                        pass
                assert refused.value.response.status_code == 503
                assert b"max_clients" in (refused.value.response.body or b"")
            await until(lambda: len(server.clients) == 1)
            async with client(server) as raw:
                await raw.send("?")
                assert (await raw.next())["code"] == 400

    with serving({}, config={"max_clients": 2}) as server:
        run(scenario)


def test_connections_that_ask_for_nothing_keep_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_LIMITS", Limits(strangers=4))

    async def scenario() -> None:
        port = urlsplit(server.url).port
        async with client(server) as first:
            streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(30)]
            for reader, _ in streams[:26]:
                with contextlib.suppress(ConnectionResetError):
                    assert await reader.read() == b""
            async with client(server) as second:
                for raw in (first, second):
                    await raw.send("?")
                    assert (await raw.next())["code"] == 400
            for _, writer in streams:
                writer.close()

    with serving({}) as server:
        run(scenario)
