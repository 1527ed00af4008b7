"""The library's connections: a header of the program takes the place of the library's."""

from typing import Any

from jupyter_trame.trio import connect
from tests.trio.support import on_trio, serving


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
