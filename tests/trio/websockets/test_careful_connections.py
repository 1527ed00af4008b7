"""The library's connections, where ours differ: closing, cancelling, and headers of the program."""

from typing import Any

import pytest
import trio

from jupyter_trame.trio import connect
from tests.trio.support import echo, hold, on_trio, serving


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
