"""What client and server say to each other, where the server breaks the protocol or refuses."""

from typing import Any

import pytest

from jupyter_trame.trio import ConnectionClosed, connect
from jupyter_trame.trio.app_exchange import AppExchange
from jupyter_trame.trio.trio_owner import TrioOwner
from tests.trio.support import on_trio, serving


@on_trio
async def test_a_server_that_breaks_the_protocol_hears_so() -> None:
    codes: list[int] = []

    async def handler(websocket: Any, path: str) -> None:
        await websocket.send(b"nonsense")
        with pytest.raises(ConnectionClosed) as caught:
            while True:
                await websocket.recv()
        codes.append(caught.value.code)

    exchange = AppExchange(TrioOwner())
    async with serving(handler) as address:
        websocket = await connect(address)
        with pytest.raises(ConnectionError, match="broke the protocol"):
            await exchange.serve(websocket, list)
        assert websocket.closed
    assert codes
    assert codes[0] in {1002, 1007}


@on_trio
async def test_what_the_server_refuses_is_said_and_forgotten() -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.recv()
        await websocket.close(1009, "too large")

    exchange = AppExchange(TrioOwner())
    exchange.write({"x": 1})
    async with serving(handler) as address:
        assert await exchange.serve(await connect(address), list) == "too large"
    assert not exchange.session.pending
