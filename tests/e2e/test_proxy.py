"""An app behind a proxy that rewrites paths, and loses connections."""

import asyncio
from collections.abc import Iterator

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web
from playwright.sync_api import expect

from tests.e2e.conftest import MakePage
from tests.e2e.lab import Lab
from tests.e2e.loops import LoopThread
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.servers import TOKEN, JupyterServer

OUTER = "/outside"
"""What the proxy puts in front of every path of the server behind it."""
OWN = frozenset({"connection", "upgrade", "content-length", "transfer-encoding", "content-encoding"})
CUTS = 3


class Proxy:
    """Runs on a thread of its own, from the constructor until `close`."""

    def __init__(self, target: str) -> None:
        self._target = target.rstrip("/")
        self._connections: set[asyncio.Transport] = set()
        self._loop = LoopThread()
        self.url = self._loop.run(self._start())

    def cut(self) -> None:
        """Drop every websocket without a word."""
        self._loop.run(self._cut())

    def close(self) -> None:
        self._loop.run(self._stop())
        self._loop.close()

    async def _start(self) -> str:
        self._client = ClientSession()
        app = web.Application()
        app.router.add_route("*", OUTER + "{path:/.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}{OUTER}/"

    async def _stop(self) -> None:
        await self._cut()
        await self._runner.cleanup()
        await self._client.close()

    async def _cut(self) -> None:
        for connection in self._connections:
            connection.abort()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        address = self._target + request.raw_path.removeprefix(OUTER)
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in OWN and not name.lower().startswith("sec-websocket")
        }
        if request.headers.get("Upgrade", "").lower() == "websocket":
            async with self._client.ws_connect(address, headers=headers) as inner:
                return await self._join(request, inner)
        async with self._client.request(
            request.method, address, headers=headers, data=await request.read(), allow_redirects=False
        ) as answer:
            given = [(name, value) for name, value in answer.headers.items() if name.lower() not in OWN]
            moved = [
                (name, value.replace("Path=/", f"Path={OUTER}/") if name == "Set-Cookie" else value)
                for name, value in given
            ]
            return web.Response(status=answer.status, headers=moved, body=await answer.read())

    async def _join(self, request: web.Request, inner: ClientWebSocketResponse) -> web.WebSocketResponse:
        outer = web.WebSocketResponse(compress=False)
        await outer.prepare(request)
        connection = request.transport
        assert connection is not None
        self._connections.add(connection)

        async def up() -> None:
            async for message in outer:
                if message.type is WSMsgType.BINARY:
                    await inner.send_bytes(message.data)
            await inner.close()

        async def down() -> None:
            async for message in inner:
                await outer.send_bytes(message.data)
            await outer.close()

        await asyncio.gather(up(), down(), return_exceptions=True)
        self._connections.discard(connection)
        return outer


@pytest.fixture
def proxy(lab_server: JupyterServer) -> Iterator[Proxy]:
    proxy = Proxy(lab_server.url)
    yield proxy
    proxy.close()


def test_the_page_works_and_comes_back(lab: Lab, proxy: Proxy, make_page: MakePage) -> None:
    lab.open_cells([LOAD, APP])
    lab.run_all()
    page, watch = make_page(lab.server)
    watch.expected.append("WebSocket connection")  # those that are cut while they open
    page.goto(f"{proxy.url}trame/{lab.kernel_id()}/counter?token={TOKEN}")
    expect(page.locator(".double")).to_have_text("2", timeout=30_000)
    page.locator(".text").fill("kept")
    expect(page.locator(".echo")).to_have_text("kept/a")
    for cut in range(1, CUTS + 1):
        proxy.cut()
        page.locator(".slider").fill(str(cut))
        expect(page.locator(".double")).to_have_text(str(2 * cut), timeout=30_000)
    expect(page.locator(".text")).to_have_value("kept")
    lab.inline_view().expect_text(".double", str(2 * CUTS))
