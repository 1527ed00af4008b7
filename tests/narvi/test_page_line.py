"""What crosses between a page's socket and its app: in order, and bounded on both ways."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.narvi import page_line
from jupyter_trame.narvi.page_line import PageLine
from tests.narvi.support import run


class FakeApp:
    """The loop of an app, which turns when it is told to, and the site and port on it."""

    def __init__(self) -> None:
        self.calls: deque[Callable[[], object]] = deque()
        self.told: list[Any] = []
        self.over = False

    def run(self, call: Callable[[], object]) -> None:
        if self.over:
            raise ServerError("it has ended")
        self.calls.append(call)

    def turn(self) -> None:
        while self.calls:
            self.calls.popleft()()

    # the site

    def connected(self, transport: Any, request: Any) -> Any:
        self.told.append(request)
        return self

    def disconnected(self, port: Any) -> None:
        self.told.append("disconnected")

    # the port

    def receive(self, frame: bytes) -> None:
        self.told.append(frame)

    def ignored_text(self) -> None:
        self.told.append("text")

    def writable(self) -> None:
        self.told.append("writable")


class FakeSocket:
    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.waits = 0

    def send(self, data: bytes, *, text: bool) -> None:
        assert not text
        self.sent.append(data)

    def unsent(self) -> int:
        return self.waits


def make() -> tuple[PageLine, FakeApp, FakeSocket, list[Any]]:
    app, socket, closed = FakeApp(), FakeSocket(), []
    line = PageLine(socket, lambda *args: closed.append(args))
    line.connect(app, app)  # type: ignore[arg-type]
    app.turn()
    assert app.told == [{"type": "narvi"}]
    app.told.clear()
    return line, app, socket, closed


async def turns() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def test_frames_cross_in_order() -> None:
    async def scenario() -> None:
        line, app, socket, closed = make()
        assert line.receive(b"1") is None
        line.receive("text")
        line.receive(b"2")
        app.turn()
        assert app.told == [b"1", "text", b"2"]
        line.send(b"a")
        line.send(b"b")
        line.close(4000, "enough")
        line.close(4000, "again")
        line.send(b"late")
        await turns()
        assert socket.sent == [b"a", b"b"]
        assert closed == [(4000, "enough")]
        line.receive(b"late")
        line.ended()
        line.ended()
        app.turn()
        assert app.told == [b"1", "text", b"2", "disconnected"]

    run(scenario)


def test_a_page_waits_for_an_app_that_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_line, "_UNREAD", 10)

    async def scenario() -> None:
        line, app, _, _ = make()
        assert line.receive(bytes(10)) is None
        room = line.receive(b"1")
        assert isinstance(room, asyncio.Future)
        assert line.receive(b"2") is room
        await turns()
        assert not room.done()
        app.turn()
        await room
        # One that goes while it waits is not kept.
        line.receive(bytes(10))
        room = line.receive(b"1")
        assert room is not None
        line.ended()
        await room

    run(scenario)


def test_the_app_does_not_send_more_than_a_page_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_line, "_UNSENT", 10)

    async def scenario() -> None:
        line, app, socket, _ = make()
        assert line.room() == 10
        line.send(bytes(6))
        assert line.room() == 4
        line.send(bytes(5))
        assert line.room() == -1
        socket.waits = 11
        await turns()
        line.relieved()
        app.turn()
        assert app.told == []
        socket.waits = 4
        line.relieved()
        line.relieved()
        app.turn()
        assert app.told == ["writable"]
        assert line.room() == 6

    run(scenario)


def test_who_has_ended_hears_nothing() -> None:
    async def scenario() -> None:
        line, app, _, _ = make()
        app.over = True
        line.receive(b"1")
        line.ended()
        assert not app.calls

    run(scenario)
    lines: list[PageLine] = []

    async def made() -> None:
        lines.append(make()[0])

    run(made)
    lines[0].send(b"for a host whose loop is closed")
