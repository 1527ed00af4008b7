"""A proxy that rewrites paths, and loses connections."""

import asyncio
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientWebSocketResponse, WSCloseCode, WSMessage, WSMsgType, web

from tests.e2e.loops import LoopThread

OUTER = "/outside"
"""What the proxy puts in front of every path of the server behind it."""
OWN = frozenset({"connection", "upgrade", "content-length", "transfer-encoding", "content-encoding"})


class Proxy:
    """Runs on a thread of its own, from the constructor until `close`."""

    def __init__(self, target: str) -> None:
        self._target = target.rstrip("/")
        self._base = urlsplit(target).path
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
                (
                    name,
                    value.replace(f"Path={self._base}", f"Path={OUTER}/") if name == "Set-Cookie" else value,
                )
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
                await _pass_on(message, inner)
            await inner.close()

        async def down() -> None:
            async for message in inner:
                await _pass_on(message, outer)
            await outer.close(code=inner.close_code or WSCloseCode.GOING_AWAY)

        await asyncio.gather(up(), down(), return_exceptions=True)
        self._connections.discard(connection)
        return outer


async def _pass_on(message: WSMessage, to: ClientWebSocketResponse | web.WebSocketResponse) -> None:
    if message.type is WSMsgType.BINARY:
        await to.send_bytes(message.data)
    elif message.type is WSMsgType.TEXT:
        await to.send_str(message.data)
