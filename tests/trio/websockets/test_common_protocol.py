"""Both ends of a connection, beyond the rows of the contract."""

from contextlib import suppress
from typing import Any

import pytest
import trio

from jupyter_trame.trio import (
    ConnectionClosed,
    InvalidState,
    WebSocketClientProtocol,
    WebSocketProtocolError,
    connect,
)
from jupyter_trame.trio.websockets import common_protocol
from jupyter_trame.trio.websockets.common_protocol import encode_data
from tests.trio.support import echo, hold, on_trio, opened, serving


def test_payloads() -> None:
    assert encode_data("é") == "é".encode()
    assert encode_data(memoryview(b"x")) == b"x"
    with pytest.raises(TypeError, match="int"):
        encode_data(1)  # type: ignore[arg-type]


@on_trio
async def test_before_it_is_connected() -> None:
    protocol = WebSocketClientProtocol(host="localhost")
    assert (protocol.open, protocol.closed, protocol.close_code, protocol.path) == (False, False, None, None)
    assert (protocol.local_address, protocol.remote_address, protocol.raw_request_headers) == (
        None,
        None,
        None,
    )
    with pytest.raises(InvalidState, match="isn't established"):
        await protocol.recv()
    await protocol.close()
    assert repr(protocol) == "<WebSocketClientProtocol, CONNECTING>"


@on_trio
async def test_what_a_connection_says_of_itself() -> None:
    async with serving(echo) as address, connect(address + "there?x") as websocket:
        assert (websocket.is_client, websocket.side, websocket.path) == (True, "client", "/there?x")
        assert websocket.remote_address == ("127.0.0.1", websocket.port)
        assert websocket.local_address[0] == "127.0.0.1"
        assert websocket.raw_response_headers
        assert (websocket.open, websocket.closed) == (True, False)
        assert repr(websocket) == f"<WebSocketClientProtocol with {websocket.remote_address}, OPEN>"
        await websocket.close()
        assert (websocket.open, websocket.closed) == (False, True)


@pytest.mark.parametrize("data", [None, 1, 1.5, ["a"], {"a": 1}, object()])
@on_trio
async def test_what_is_no_message(data: Any) -> None:
    async with serving(echo) as address, connect(address) as websocket:
        with pytest.raises(TypeError, match="has to be str or bytes"):
            await websocket.send(data)
        await websocket.send("x")
        assert await websocket.recv() == "x"


@on_trio
async def test_sending_on_a_closed_connection() -> None:
    async with serving(echo) as address, connect(address) as websocket:
        await websocket.close()
        for call in (websocket.send("x"), websocket.ping(), websocket.pong(), websocket.recv()):
            with pytest.raises(ConnectionClosed):
                await call


@pytest.mark.parametrize(
    ("code", "reason"), [(999, ""), (1005, ""), (1006, ""), (5000, ""), (1000, "x" * 124)]
)
@on_trio
async def test_what_no_close_frame_can_say(code: int, reason: str) -> None:
    async with serving(echo) as address, connect(address) as websocket:
        for end in (websocket.close, websocket.fail_connection):
            with pytest.raises(WebSocketProtocolError):
                await end(code, reason)
        assert websocket.open


@pytest.mark.parametrize(("code", "reason"), [("1000", ""), (1000, None), (1000, b"x")])
@on_trio
async def test_what_is_no_code_and_no_reason(code: Any, reason: Any) -> None:
    async with serving(echo) as address, connect(address) as websocket:
        with pytest.raises(TypeError, match="an int and a str"):
            await websocket.close(code, reason)
        assert websocket.open


@on_trio
async def test_what_no_ping_can_hold() -> None:
    async with serving(echo) as address, connect(address) as websocket:
        for call in (websocket.ping(b"x" * 126), websocket.pong(b"x" * 126)):
            with pytest.raises(WebSocketProtocolError, match="125"):
                await call
        assert websocket.open


@on_trio
async def test_what_came_before_the_end_is_given_out_after_it() -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send("1")
        await websocket.send("2")

    async with serving(handler) as address, connect(address) as websocket:
        await websocket.wait_closed()
        assert [message async for message in websocket] == ["1", "2"]


@on_trio
async def test_closing_does_not_wait_for_messages_that_nobody_receives() -> None:
    async def handler(websocket: Any, path: str) -> None:
        for number in range(1000):
            await websocket.send(str(number))
        await websocket.wait_closed()

    async with serving(handler) as address, connect(address, max_queue=4) as websocket:
        await trio.testing.wait_all_tasks_blocked(0.05)  # the queue is full
        with trio.fail_after(5):
            await websocket.close()
        assert websocket.close_code == 1000
        got = [message async for message in websocket]
        assert got == [str(number) for number in range(len(got))]
        assert len(got) < 1000


@on_trio
async def test_a_full_queue_makes_the_peer_wait() -> None:
    sent: list[int] = []

    async def handler(websocket: Any, path: str) -> None:
        for _ in range(1000):
            await websocket.send(bytes(2**16))
            sent.append(1)

    async with (
        serving(handler, compression=None) as address,
        connect(address, max_queue=2, compression=None) as websocket,
    ):
        await trio.testing.wait_all_tasks_blocked(0.1)
        assert 0 < len(sent) < 1000
        await websocket.fail_connection()


@on_trio
async def test_a_send_that_is_cancelled_half_way_ends_the_connection() -> None:
    async with (
        serving(hold, max_queue=1, max_size=None, compression=None) as address,
        connect(address, compression=None, timeout=1) as websocket,
    ):
        with trio.move_on_after(0.2) as scope:
            for _ in range(100):
                await websocket.send(bytes(2**20))
        assert scope.cancelled_caught
        await websocket.wait_closed()
        assert websocket.close_code == 1006
        with pytest.raises(ConnectionClosed):
            await websocket.send("x")


@on_trio
async def test_a_send_that_is_cancelled_before_sends_nothing() -> None:
    async with serving(echo) as address, connect(address) as websocket:
        with trio.CancelScope() as scope:
            scope.cancel()
            await websocket.send("lost")
        await websocket.send("found")
        assert await websocket.recv() == "found"


@on_trio
async def test_failing_a_connection_tells_the_code() -> None:
    ends: list[int] = []

    async def handler(websocket: Any, path: str) -> None:
        with pytest.raises(ConnectionClosed) as caught:
            await websocket.recv()
        ends.append(caught.value.code)

    async with serving(handler) as address, connect(address) as websocket:
        await websocket.fail_connection(4005)
        assert websocket.closed
    assert ends == [4005]


@on_trio
async def test_many_tasks_use_one_connection() -> None:
    async with serving(echo) as address, connect(address) as websocket:
        got: list[str] = []

        async def talk(number: int) -> None:
            await websocket.send(str(number))
            got.append(await websocket.recv())
            await (await websocket.ping())
            await websocket.pong()

        async with trio.open_nursery() as nursery:
            for number in range(50):
                nursery.start_soon(talk, number)
        assert sorted(map(int, got)) == list(range(50))


@on_trio
async def test_a_peer_that_takes_nothing_does_not_hold_up_who_fails_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(common_protocol, "_HURRY", 0.1)
    failed = trio.Event()

    async def handler(websocket: Any, path: str) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(swallow, websocket)
            await trio.testing.wait_all_tasks_blocked()
            with trio.fail_after(5):
                await websocket.fail_connection(1011)
            failed.set()

    async def swallow(websocket: Any) -> None:
        with suppress(ConnectionClosed):
            await websocket.send(bytes(2**25))

    async with serving(handler, timeout=None, ping_interval=None) as address:
        stream = await opened(address)
        await failed.wait()
        await stream.aclose()


@on_trio
async def test_addresses_after_the_end() -> None:
    ends: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        ends.append(websocket)
        await websocket.wait_closed()

    async with serving(handler) as address:
        async with connect(address) as websocket:
            here, there = websocket.local_address, websocket.remote_address
        assert (websocket.local_address, websocket.remote_address) == (here, there)
    assert (ends[0].remote_address, ends[0].local_address) == (here, there)
