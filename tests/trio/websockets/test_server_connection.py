"""A server's connections: what is seen of them while they open and when the server ends."""

from typing import Any

import trio

from jupyter_trame.trio import InvalidStatusCode, WebSocketServerProtocol, connect, serve
from tests.trio.support import address_of, hold, on_trio, port_of


@on_trio
async def test_a_handshake_that_is_at_a_hook_is_refused_when_the_server_ends() -> None:
    asked, go_on = trio.Event(), trio.Event()

    class Protocol(WebSocketServerProtocol):
        async def process_request(self, path: str, request_headers: Any) -> None:
            asked.set()
            await go_on.wait()

    statuses: list[int] = []

    async def client(address: str) -> None:
        try:
            await connect(address)
        except InvalidStatusCode as error:
            statuses.append(error.status_code)

    async with (
        trio.open_nursery() as nursery,
        serve(hold, "127.0.0.1", 0, create_protocol=Protocol) as server,
    ):
        nursery.start_soon(client, address_of(server))
        await asked.wait()
        server.close()
        await trio.testing.wait_all_tasks_blocked()
        go_on.set()
        await server.wait_closed()
    assert statuses == [503]


@on_trio
async def test_a_client_that_says_nothing_does_not_hold_the_server_up() -> None:
    async with serve(hold, "127.0.0.1", 0, timeout=20) as server:
        stream = await trio.open_tcp_stream("127.0.0.1", port_of(server))
        await trio.testing.wait_all_tasks_blocked()
        with trio.fail_after(5):
            await server.aclose()
        await stream.aclose()


@on_trio
async def test_a_client_that_takes_too_long_is_left() -> None:
    async with (
        serve(hold, "127.0.0.1", 0, timeout=0.1) as server,
        await trio.open_tcp_stream("127.0.0.1", port_of(server)) as stream,
    ):
        await stream.send_all(b"GET / HTTP/1.1\r\n")
        assert await stream.receive_some() == b""
