"""aiohttp in front of a server; what all web servers have in common is in test_site and test_standalone."""

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path

import aiohttp
import psutil
import pytest
from aiohttp import web

from jupyter_trame.server import Server
from jupyter_trame.transports import _aiohttp_private
from jupyter_trame.web.aiohttp import _GOODBYE_TIMEOUT as GOODBYE_TIMEOUT
from jupyter_trame.web.aiohttp import AiohttpWeb, _Guest
from tests.support.sockets import file_cookie


async def greet(_: web.Request) -> web.Response:
    return web.Response(text="hello")


def by_routes(app: web.Application) -> None:
    app.add_routes([web.get("/page.js", greet), web.post("/api/greeting", greet)])


def by_router(app: web.Application) -> None:
    app.router.add_get("/page.js", greet)
    app.router.add_route("POST", "/api/greeting", greet)


def by_prefix(app: web.Application) -> None:
    app.router.add_route("*", "/{path:(page.js|api/.*)}", greet)


def test_a_connection_that_is_closed_is_watched_until_its_last_bytes_have_left() -> None:
    """asyncio keeps its descriptor for that long, and a client may never take them."""

    async def main() -> None:
        runner = web.AppRunner(web.Application())
        await runner.setup()
        assert runner.server is not None
        near, far = socket.socketpair()
        guest = _Guest(runner.server, near, None)
        await guest._opening
        transport = guest._connection.transport
        assert transport is not None
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        while not transport.get_write_buffer_size():
            transport.write(bytes(1 << 16))
        transport.close()
        await asyncio.sleep(0)
        assert not guest.gone
        assert guest.owes
        guest.abort()
        while not guest.gone:  # noqa: ASYNC110 - the loop's turn is what is waited for
            await asyncio.sleep(0)
        assert near.fileno() == -1
        far.close()
        await runner.cleanup()

    asyncio.run(main())


@pytest.mark.parametrize("add", [by_routes, by_router, by_prefix])
def test_routes_of_the_app_come_before_files(add: Callable[[web.Application], None]) -> None:
    async def main() -> None:
        server = Server("app")

        @server.controller.add("on_server_bind")
        def bind(bound: AiohttpWeb) -> None:
            add(bound.app)
            assert server._server is bound

        task = server.start(exec_mode="task", port=0, timeout=0, backend="aiohttp")
        await server.ready
        url = f"http://127.0.0.1:{server.port}"
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{url}/page.js") as answer:
                assert await answer.text() == "hello"
            async with session.post(f"{url}/api/greeting") as answer:
                assert await answer.text() == "hello"
            async with session.get(f"{url}/index.html", headers=file_cookie(server)) as answer:
                assert answer.status == 200
        await server.stop()
        assert task is not None
        await task

    asyncio.run(main())


@pytest.mark.parametrize("watched", [True, False])
def test_large_files_are_sent_whatever_aiohttp_has(
    watched: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without its private parts a file is sent as a whole, and says so."""
    monkeypatch.setattr(_aiohttp_private, "watched", watched)
    content = os.urandom(600_000)
    (tmp_path / "large.bin").write_bytes(content)

    async def main() -> None:
        server = Server("app")
        server.serve["files"] = str(tmp_path)
        task = server.start(exec_mode="task", port=0, timeout=0, backend="aiohttp")
        await server.ready
        url = f"http://127.0.0.1:{server.port}/files/large.bin"
        async with aiohttp.ClientSession(headers=file_cookie(server)) as session:
            async with session.get(url) as answer:
                assert (answer.status, await answer.read() == content) == (200, True)
                assert answer.headers["Accept-Ranges"] == ("bytes" if watched else "none")
                tag = answer.headers["ETag"]
            async with session.get(url, headers={"Range": "bytes=5-9"}) as answer:
                expected = (206, content[5:10]) if watched else (200, content)
                assert (answer.status, await answer.read()) == expected
            async with session.get(url, headers={"If-None-Match": tag}) as answer:
                assert (answer.status, await answer.read()) == (304, b"")
            async with session.head(url) as answer:
                assert (answer.status, answer.content_length) == (200, len(content))
        await server.stop()
        assert task is not None
        await task
        while any(  # noqa: ASYNC110
            file.path.endswith("large.bin") for file in psutil.Process().open_files()
        ):
            await asyncio.sleep(0)  # aiohttp closes files in a thread

    asyncio.run(main())


def test_a_request_that_runs_does_not_keep_the_server_alive() -> None:
    async def main() -> None:
        server, arrived = Server("app"), asyncio.Event()

        async def wait(_: web.Request) -> web.Response:
            arrived.set()
            await asyncio.Event().wait()
            raise AssertionError

        server.controller.add("on_server_bind")(lambda bound: bound.app.router.add_get("/wait", wait))
        task = server.start(exec_mode="task", port=0, timeout=0, backend="aiohttp")
        await server.ready
        async with aiohttp.ClientSession() as session:
            asking = asyncio.ensure_future(session.get(f"http://127.0.0.1:{server.port}/wait"))
            await arrived.wait()
            await server.stop()
            assert task is not None
            await task
            with pytest.raises(aiohttp.ClientError):
                await asking

    asyncio.run(main())


UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
GOODBYE = b"\x88\x82\0\0\0\0\x03\xe9"  # masked with zeros: 1001


def test_a_client_that_says_goodbye_too_is_let_go_at_once() -> None:
    async def main() -> None:
        server = Server("app")
        task = server.start(exec_mode="task", port=0, timeout=0, backend="aiohttp")
        await server.ready
        assert task is not None
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(UPGRADE)
        await reader.readuntil(b"\r\n\r\n")
        began = asyncio.get_running_loop().time()
        await server.stop()
        assert await reader.readuntil(b"Server shutdown")
        for _ in range(20):  # as from another machine: the server goes on meanwhile
            await asyncio.sleep(0)
        writer.write(GOODBYE)
        assert await reader.read() == b"", "it is the server that hangs up"
        await task
        assert asyncio.get_running_loop().time() - began < GOODBYE_TIMEOUT
        writer.close()

    asyncio.run(main())
