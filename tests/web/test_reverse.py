"""A server that calls a relay, where the client is."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from jupyter_trame.errors import ServerError
from jupyter_trame.protocol.client_events import StateChanged
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.server import Server, runtime_of

pytestmark = pytest.mark.asyncio


class Relay:
    """Takes the server's call and is its client."""

    def __init__(self, secret: str) -> None:
        self.session = ClientSession(secret)
        self.state: dict[str, Any] = {}
        self.hang_up = asyncio.Event()
        self.closed: int | None = None
        self.news = asyncio.Event()

    async def listen(self) -> str:
        app = web.Application()
        app.router.add_get("/relay", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"ws://127.0.0.1:{self._runner.addresses[0][1]}/relay"

    async def close(self) -> None:
        await self._runner.cleanup()

    async def until(self, **state: Any) -> None:
        while not state.items() <= self.state.items():
            self.news.clear()
            await self.news.wait()

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        self.ws = ws = web.WebSocketResponse(max_msg_size=0)
        await ws.prepare(request)
        self.session.connected()
        await self.flush()
        async for message in ws:
            for event in self.session.receive(message.data):
                if isinstance(event, StateChanged):
                    self.state.update(event.changes)
            self.news.set()
            await self.flush()
        self.closed = ws.close_code
        return ws

    async def flush(self) -> None:
        for frame in self.session.take_output():
            await self.ws.send_bytes(frame)


async def test_the_relay_is_the_client() -> None:
    server = Server("app")
    server.state.n = 1
    relay = Relay(runtime_of(server).secret)
    url = await relay.listen()
    task = server.start(exec_mode="task", timeout=0, args=["--reverse-url", url])
    await server.ready
    assert server.port == 0
    await relay.until(n=1)
    relay.session.write({"n": 2})
    await relay.flush()
    while server.state.n != 2:  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0)
    big = "x" * 9_000_000
    server.state.big = big
    server.state.flush()
    await relay.until(big=big)
    await server.stop()
    assert task is not None
    await task
    while relay.closed is None:  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0.001)
    assert relay.closed == 1001
    await relay.close()


async def test_without_the_relay_the_server_ends() -> None:
    server = Server("app")
    relay = Relay(runtime_of(server).secret)
    url = await relay.listen()
    task = server.start(exec_mode="task", timeout=0, args=["--reverse-url", url])
    await server.ready
    await relay.until()
    await relay.ws.close()
    assert task is not None
    await task
    assert not server.running
    await relay.close()


async def test_a_relay_that_is_not_there_is_the_callers_error() -> None:
    server = Server("app")
    task = server.start(exec_mode="task", args=["--reverse-url", "ws://127.0.0.1:1/relay"])
    assert task is not None
    with pytest.raises(OSError, match="refused"):
        await task
    assert server._running_stage == 0


@pytest.mark.parametrize("arguments", [[], ["--authKey", "wslink-secret"]])
async def test_the_secret_that_all_know_is_refused(arguments: list[str]) -> None:
    relay = Relay("wslink-secret")
    url = await relay.listen()
    server = Server("app", compat="trame")
    task = server.start(exec_mode="task", timeout=0, args=["--reverse-url", url, *arguments])
    assert task is not None
    with pytest.raises(ServerError, match=r"--reverse-url would let in everybody at the relay.*--authKey"):
        await task
    assert not hasattr(relay, "ws")
    await relay.close()
