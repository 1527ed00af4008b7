"""The two ways to a server; what they carry is tested in test_client.py."""

import asyncio
import socket
from typing import Any

import pytest

from jupyter_trame.client import connections
from jupyter_trame.client.address import Address
from jupyter_trame.client.connections import InProcessConnection, SocketConnection
from jupyter_trame.server import Server
from tests.client.support import TIMEOUT, running


def test_a_server_that_does_not_run() -> None:
    async def main() -> None:
        with pytest.raises(ConnectionError, match="<Server 'app', stopped> does not run"):
            await InProcessConnection.open(Server("app"))

    asyncio.run(main())


def test_no_websocket() -> None:
    async def main() -> None:
        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectionError, match=f"answers at ws://127.0.0.1:{port}/ws: HTTP 404"):
            await SocketConnection.open(Address(f"ws://127.0.0.1:{port}/ws?token=t", None))
        server.close()
        await server.wait_closed()

    asyncio.run(main())


def test_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_CONNECT_TIMEOUT", 0.05)

    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = Address(f"ws://127.0.0.1:{server.getsockname()[1]}/ws", None)
            with pytest.raises(ConnectionError, match="Timeout during request"):
                await asyncio.wait_for(SocketConnection.open(address), TIMEOUT / 2)

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["socket", "inside"])
def test_the_end(kind: str) -> None:
    async def main() -> None:
        async with running(kind) as place:
            connection: Any = (
                await InProcessConnection.open(place.server)
                if kind == "inside"
                else await SocketConnection.open(Address(f"ws://127.0.0.1:{place.server.port}/ws", None))
            )
            connection.close()
            connection.close()
            assert await connection.receive() is None
            connection.send(b"")
            await asyncio.sleep(0)

    asyncio.run(main())
