"""The way of a trio client to an app."""

from typing import Any

import pytest
import trio

from jupyter_trame.trio import ConnectionClosed, connect
from jupyter_trame.trio.app_connection import AppConnection, AppRoute
from tests.trio.support import on_trio, serving


def test_a_token_goes_in_a_header_and_is_never_shown() -> None:
    route = AppRoute.to("http://host/a/?secret=s", token="t", headers={"X": "1"}, ssl=None, path=None)
    assert route.headers == {"Authorization": "token t", "X": "1"}
    assert route.shown == "ws://host/a/ws"
    assert AppRoute.to("ws://h/", token=None, headers=None, ssl=None, path="/s").shown == "ws://h/ on /s"


class Frames:
    """What a session would say."""

    def __init__(self) -> None:
        self.due: list[bytes] = []

    def take(self) -> list[bytes]:
        due, self.due = self.due, []
        return due

    def leave(self) -> None:
        self.due.append(b"goodbye")


@pytest.mark.parametrize("how", ["end", "leave", "cancel"])
@on_trio
async def test_what_is_due_is_sent_before_the_end(how: str) -> None:
    got: list[bytes] = []

    async def handler(websocket: Any, path: str) -> None:
        with pytest.raises(ConnectionClosed):
            while True:
                got.append(await websocket.recv())

    async with serving(handler) as address, connect(address) as websocket:
        frames = Frames()
        connection = AppConnection(websocket, frames.take, frames.leave)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(connection.send)
            await trio.testing.wait_all_tasks_blocked()
            frames.due += [b"1", b"2"]
            connection.wake()
            if how == "cancel":
                nursery.cancel_scope.cancel()
            else:
                getattr(connection, how)()
        assert await connection.receive() is None
        assert connection.ending == (1000, "")
    assert got == [b"1", b"2"] + ([] if how == "end" else [b"goodbye"])


@on_trio
async def test_text_is_ignored(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send("text")
        await websocket.send(b"frame")

    async with serving(handler) as address, connect(address) as websocket:
        assert await AppConnection(websocket, list, list).receive() == b"frame"
    assert "a text frame" in caplog.text
