"""The library's connections, where ours differ: closing, cancelling, and headers of the program."""

from typing import Any

import pytest
import trio

from jupyter_trame.trio import ConnectionClosed, connect
from tests.trio.support import echo, hold, on_trio, opened, serving


@on_trio
async def test_headers_are_replaced_and_not_doubled() -> None:
    seen: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        seen.append(websocket.request_headers)

    headers = {"Host": "front.example", "User-Agent": "Me"}
    async with serving(handler) as address, connect(address, extra_headers=headers) as websocket:
        await websocket.wait_closed()
    assert seen[0].get_all("Host") == ["front.example"]
    assert seen[0].get_all("User-Agent") == ["Me"]


@on_trio
async def test_a_handler_that_reads_nothing_does_not_hold_the_end_up() -> None:
    full = trio.Event()

    async def handler(websocket: Any, path: str) -> None:
        await full.wait()

    async with serving(handler, max_queue=4) as address, connect(address) as websocket:
        for number in range(100):
            await websocket.send(str(number))
        await trio.testing.wait_all_tasks_blocked(0.05)
        full.set()
        with trio.fail_after(5):
            await websocket.wait_closed()
        assert websocket.close_code == 1000


@on_trio
async def test_a_close_that_is_cancelled_ends_the_connection_and_says_so() -> None:
    async with serving(hold) as address, connect(address) as websocket:
        with trio.CancelScope() as scope:
            scope.cancel()
            await websocket.close()
            pytest.fail("it is cancelled")
        assert scope.cancelled_caught
        await websocket.wait_closed()


@on_trio
async def test_an_interrupt_of_a_close_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(echo) as address:
        websocket = await connect(address)
        connection: Any = websocket._connection

        def interrupt(*_: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(connection.protocol, "send_close", interrupt)
        with pytest.raises(KeyboardInterrupt):
            await websocket.close()
        await websocket.wait_closed()


@pytest.mark.parametrize("interval", [0.001, 0.5], ids=["a ping has left", "no ping can leave"])
@on_trio
async def test_a_peer_that_takes_nothing_is_given_up(interval: float) -> None:
    ends: list[Any] = []
    ended = trio.Event()

    async def handler(websocket: Any, path: str) -> None:
        try:
            while True:
                await websocket.send(b"x" * 2**20)
        except ConnectionClosed as error:
            ends.append(error)
            ended.set()

    async with (
        serving(handler, timeout=0.2, ping_interval=interval, ping_timeout=0.2) as address,
        await opened(address),
    ):
        with trio.fail_after(5):
            await ended.wait()
    assert ends[0].code == 1006


@on_trio
async def test_a_peer_that_takes_a_message_slowly_is_not_given_up() -> None:
    size = 2**23
    ends: list[str] = []

    async def handler(websocket: Any, path: str) -> None:
        await websocket.send(b"x" * size)
        ends.append("sent")

    options = {"ping_interval": 0.05, "ping_timeout": 0.5, "compression": None}
    async with serving(handler, **options) as address, await opened(address) as stream:
        taken, since = 0, trio.current_time()
        while taken < size:
            taken += len(await stream.receive_some(2**17))
            await trio.sleep(0.02)
        assert trio.current_time() - since > 1
    assert ends == ["sent"]


@on_trio
async def test_a_peer_that_waits_for_a_full_queue_is_not_given_up() -> None:
    got: list[str] = []

    async def handler(websocket: Any, path: str) -> None:
        await trio.sleep(1)  # several times the time for a pong
        got.extend([await websocket.recv() for _ in range(200)])

    options = {"max_queue": 4, "ping_interval": 0.1, "ping_timeout": 0.1}
    async with serving(handler, **options) as address, connect(address, ping_interval=None) as websocket:
        for number in range(200):
            await websocket.send(str(number) * 10_000)
        await websocket.close()
    assert len(got) == 200


@on_trio
async def test_closing_has_an_end_though_the_peer_takes_nothing() -> None:
    async def fill(websocket: Any) -> None:
        with pytest.raises(ConnectionClosed):
            while True:
                await websocket.send(b"x" * 2**20)

    ended = trio.Event()

    async def handler(websocket: Any, path: str) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fill, websocket)
            await trio.testing.wait_all_tasks_blocked(0.05)
            await websocket.close()
        ended.set()

    async with serving(handler, timeout=0.2, ping_interval=None) as address, await opened(address):
        with trio.fail_after(5):
            await ended.wait()


@on_trio
async def test_a_server_ends_without_ado_over_a_peer_that_takes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handler(websocket: Any, path: str) -> None:
        while True:
            await websocket.send(b"x" * 2**20)

    async with serving(handler, timeout=0.2) as address:
        stream = await opened(address)
        await trio.testing.wait_all_tasks_blocked(0.05)
    await stream.aclose()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@on_trio
async def test_a_message_that_recv_refuses_ends_the_connection_though_the_queue_is_full() -> None:
    full, ended = trio.Event(), trio.Event()

    async def handler(websocket: Any, path: str) -> None:
        await full.wait()
        with pytest.raises(ConnectionClosed, match="1007"):
            await websocket.recv()
        ended.set()

    async with serving(handler, max_queue=4, compression=None) as address, await opened(address) as stream:
        for _ in range(100):
            # Text that is no UTF-8, under a mask that changes nothing.
            await stream.send_all(b"\x81\x81\0\0\0\0\xff")
        await trio.testing.wait_all_tasks_blocked(0.05)
        full.set()
        await stream.send_eof()
        with trio.fail_after(5):
            await ended.wait()
