"""Clients and servers of others, and what the documentation of the library below shows, against ours."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import trio
import websockets.asyncio.client
import websockets.asyncio.server
import websockets.trio.client
import websockets.trio.server
from aiohttp import web

from jupyter_trame.trio import connect, serve
from tests.trio.support import address_of, echo, on_trio, serving

MESSAGES: list[str | bytes] = ["", "x", "é" * 1000, b"", b"\x00\xff" * 40_000]


@contextmanager
def echo_server() -> Iterator[str]:
    """The address of an echo server of ours, on a thread."""
    up, addresses, tokens = threading.Event(), list[str](), list[Any]()

    async def main() -> None:
        async with serve(echo, "127.0.0.1", 0) as server, trio.open_nursery() as nursery:
            addresses.append(address_of(server))
            tokens.append((trio.lowlevel.current_trio_token(), nursery.cancel_scope))
            up.set()
            await trio.sleep_forever()

    thread = threading.Thread(target=trio.run, args=(main,))
    thread.start()
    up.wait()
    try:
        yield addresses[0]
    finally:
        token, scope = tokens[0]
        token.run_sync_soon(scope.cancel)
        thread.join()


def test_clients_of_the_library_on_asyncio() -> None:
    async def main(address: str) -> None:
        async with websockets.asyncio.client.connect(address) as websocket:
            for message in MESSAGES:
                await websocket.send(message)
                assert await websocket.recv() == message
            await websocket.send(["a", "b", "c"])  # in fragments
            assert await websocket.recv() == "abc"
            await (await websocket.ping())
        assert websocket.close_code == 1000

    with echo_server() as address:
        asyncio.run(main(address))


def test_clients_of_aiohttp() -> None:
    async def main(address: str) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(address, compress=15) as websocket:
            assert websocket.compress
            for message in MESSAGES:
                if isinstance(message, str):
                    await websocket.send_str(message)
                else:
                    await websocket.send_bytes(message)
                assert (await websocket.receive()).data == message
            await websocket.close(code=4001, message=b"bye")

    with echo_server() as address:
        asyncio.run(main(address))


@contextmanager
def asyncio_server(kind: str) -> Iterator[str]:
    """The address of somebody's echo server."""
    up, addresses, loops = threading.Event(), list[str](), list[asyncio.AbstractEventLoop]()
    ended = asyncio.Event()

    async def echo_of_library(websocket: Any) -> None:
        async for message in websocket:
            await websocket.send(message)

    async def echo_of_aiohttp(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse()
        await websocket.prepare(request)
        async for message in websocket:
            if message.type is aiohttp.WSMsgType.TEXT:
                await websocket.send_str(message.data)
            else:
                await websocket.send_bytes(message.data)
        return websocket

    @asynccontextmanager
    async def serving_aiohttp() -> AsyncIterator[Any]:
        app = web.Application()
        app.router.add_get("/", echo_of_aiohttp)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield site._server
        finally:
            await runner.cleanup()

    async def main() -> None:
        context = (
            serving_aiohttp()
            if kind == "aiohttp"
            else websockets.asyncio.server.serve(echo_of_library, "127.0.0.1", 0)
        )
        async with context as server:
            addresses.append(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
            loops.append(asyncio.get_running_loop())
            up.set()
            await ended.wait()

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    up.wait()
    try:
        yield addresses[0]
    finally:
        loops[0].call_soon_threadsafe(ended.set)
        thread.join()


@pytest.mark.parametrize("kind", ["websockets", "aiohttp"])
def test_servers_of_others(kind: str) -> None:
    async def main(address: str) -> None:
        async with connect(address) as websocket:
            for message in MESSAGES:
                await websocket.send(message)
                assert await websocket.recv() == message
            await (await websocket.ping())
        assert websocket.close_code == 1000

    with asyncio_server(kind) as address:
        trio.run(main, address)


# -- the examples of the library's own trio client and server, with the other end of ours


@on_trio
async def test_the_library_s_client_says_hello() -> None:
    async with serving(echo) as address, websockets.trio.client.connect(address) as websocket:
        await websocket.send("Hello world!")
        assert await websocket.recv() == "Hello world!"


@on_trio
async def test_the_library_s_server_echoes() -> None:
    async def library_echo(websocket: Any) -> None:
        async for message in websocket:
            await websocket.send(message)

    async with trio.open_nursery() as nursery:
        start: Any = websockets.trio.server.serve
        server = await nursery.start(start, library_echo, 0)
        port = server.listeners[0].socket.getsockname()[1]
        async with server, connect(f"ws://localhost:{port}") as websocket:
            await websocket.send("Hello world!")
            assert await websocket.recv() == "Hello world!"


@on_trio
async def test_the_library_s_client_sees_who_are_there() -> None:
    """The synchronised counter: everybody registers, sees the users and the value, and changes it."""
    users: set[Any] = set()
    value = 0

    async def tell_all(**event: Any) -> None:
        async with trio.open_nursery() as nursery:
            for user in users:
                nursery.start_soon(user.send, json.dumps(event))

    async def counter(websocket: Any, path: str) -> None:
        nonlocal value
        users.add(websocket)
        try:
            await tell_all(type="users", count=len(users))
            await websocket.send(json.dumps({"type": "state", "value": value}))
            async for message in websocket:
                value += {"plus": 1, "minus": -1}[json.loads(message)["action"]]
                await tell_all(type="state", value=value)
        finally:
            users.remove(websocket)

    async with serving(counter) as address:
        async with websockets.trio.client.connect(address) as first, connect(address) as second:
            await first.send(json.dumps({"action": "plus"}))
            await second.send(json.dumps({"action": "plus"}))
            await second.send(json.dumps({"action": "minus"}))
            for websocket in (first, second):
                states = []
                while states.count(1) < 2 or 2 not in states:
                    event = json.loads(await websocket.recv())
                    if event["type"] == "state":
                        states.append(event["value"])
        assert value == 1


@on_trio
async def test_producer_and_consumer_in_one_nursery() -> None:
    got: list[str] = []

    async def both(websocket: Any, path: str) -> None:
        async def consume() -> None:
            got.extend([message async for message in websocket])
            nursery.cancel_scope.cancel()

        async def produce() -> None:
            for number in range(3):
                await websocket.send(str(number))
            await trio.sleep_forever()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(consume)
            nursery.start_soon(produce)

    async with serving(both) as address, connect(address) as websocket:
        assert [await websocket.recv() for _ in range(3)] == ["0", "1", "2"]
        await websocket.send("a")
        await websocket.send("b")
    assert got == ["a", "b"]


@on_trio
async def test_a_clock_for_whoever_looks() -> None:
    gone = trio.Event()

    async def show_time(websocket: Any, path: str) -> None:
        try:
            while True:
                await websocket.send(datetime.now(UTC).isoformat())
                await trio.sleep(0.01)
        finally:
            gone.set()

    async with serving(show_time) as address:
        async with websockets.trio.client.connect(address) as websocket:
            times = [datetime.fromisoformat(str(await websocket.recv())) for _ in range(3)]
        await gone.wait()
    assert times == sorted(times)


@on_trio
async def test_keep_alive_with_a_ping_and_a_timeout() -> None:
    async with serving(echo) as address, connect(address) as websocket:
        with trio.move_on_after(0.01):
            await websocket.recv()
        with trio.fail_after(10):
            await (await websocket.ping())
        await websocket.send("alive")
        assert await websocket.recv() == "alive"
