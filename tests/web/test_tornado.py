"""tornado in front of a server; what all web servers have in common is in test_site and test_standalone."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from tornado.httpclient import AsyncHTTPClient
from tornado.web import RequestHandler

from jupyter_trame.errors import ServerError
from jupyter_trame.server import Server
from jupyter_trame.web.tornado import TornadoWeb


class Greeting(RequestHandler):
    def get(self) -> None:
        self.finish("hello")


def test_routes_of_the_app_come_before_files() -> None:
    async def main() -> None:
        server = Server("app")

        @server.controller.add("on_server_bind")
        def bind(bound: TornadoWeb) -> None:
            bound.app.add_handlers(r".*", [(r"/page.js", Greeting), (r"/api/greeting", Greeting)])
            assert server._server is bound

        task = server.start(exec_mode="task", port=0, timeout=0, backend="tornado")
        await server.ready
        for path in ("/page.js", "/api/greeting"):
            answer = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{server.port}{path}")
            assert answer.body == b"hello"
        await server.stop()
        assert task is not None
        await task
        assert server._server is None

    asyncio.run(main())


@pytest.mark.parametrize(
    "use",
    [
        lambda app: app.add_routes([web.get("/x", lambda _: web.Response())]),  # type: ignore[arg-type, return-value]
        lambda app: app.router.add_get("/x", lambda _: web.Response()),
        lambda app: app.router.add_static("/x", "."),
    ],
)
def test_routes_of_aiohttp_are_refused_with_what_to_do(use: Callable[[Any], object]) -> None:
    refused: list[ServerError] = []

    async def main() -> None:
        server = Server("app")

        @server.controller.add("on_server_bind")
        def bind(bound: TornadoWeb) -> None:
            with pytest.raises(ServerError, match='backend="aiohttp"') as caught:
                use(bound.app)
            refused.append(caught.value)

        server.start(exec_mode="task", port=0, timeout=0, backend="tornado")
        await server.ready
        await server.stop()

    asyncio.run(main())
    assert len(refused) == 1


class Echo(RequestHandler):
    def post(self) -> None:
        self.finish(str(len(self.request.body)))


def test_only_routes_of_the_app_collect_bodies() -> None:
    async def main() -> None:
        server = Server("app")

        @server.controller.add("on_server_bind")
        def bind(bound: TornadoWeb) -> None:
            bound.app.add_handlers(r".*", [(r"/echo", Echo)])

        task = server.start(exec_mode="task", port=0, timeout=0, backend="tornado")
        await server.ready
        for path, host, expected in (
            ("/echo", "127.0.0.1", b"200"),
            ("/x", "127.0.0.1", b"400"),
            ("/ws", "127.0.0.1", b"400"),
            ("/paraview/", "127.0.0.1", b"400"),
            ("/echo", "elsewhere.example", b"400"),
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000000\r\n\r\n"
            writer.write(head.encode())
            if expected == b"200":
                writer.write(bytes(1_000_000))
            assert (await reader.readline()).split()[1] == expected, (path, host)
            writer.close()
        await server.stop()
        assert task is not None
        await task

    asyncio.run(main())
