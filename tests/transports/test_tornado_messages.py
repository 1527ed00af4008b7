"""Messages that tornado reads and writes itself."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import Mock

import pytest
import pytest_asyncio
from tornado.websocket import WebSocketClosedError

from jupyter_trame.protocol import Limits
from jupyter_trame.transports import _tornado_private
from jupyter_trame.transports.backlog import HIGH_WATER
from jupyter_trame.transports.tornado_messages import MessageTransport, PlainTornadoTransport
from tests.transports.support import INTERVAL, read_slowly, until
from tests.transports.test_tornado import Site

pytestmark = pytest.mark.asyncio


class Websocket:
    """Writes when the test says so."""

    def __init__(self) -> None:
        self.writes: list[tuple[bytes, asyncio.Future[None]]] = []
        self.closed: tuple[Any, ...] | None = None

    def write_message(self, message: bytes, binary: bool) -> "asyncio.Future[None]":
        assert binary
        if self.closed is not None:
            raise WebSocketClosedError
        written = asyncio.get_running_loop().create_future()
        self.writes.append((message, written))
        return written

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


@pytest_asyncio.fixture
async def websocket() -> Websocket:
    return Websocket()


@pytest_asyncio.fixture
async def transport(websocket: Websocket) -> MessageTransport:
    transport = MessageTransport(websocket)  # type: ignore[arg-type]
    transport.port = Mock()
    return transport


async def test_room_is_what_is_not_written(websocket: Websocket, transport: MessageTransport) -> None:
    assert transport.room() == HIGH_WATER
    transport.send(bytes(HIGH_WATER - 1))
    transport.send(b"12")
    assert (transport.room(), transport.unsent()) == (-1, HIGH_WATER + 1)
    websocket.writes[0][1].set_result(None)
    await until(lambda: transport.unsent() == 2)
    transport.port.writable.assert_called_once_with()
    websocket.writes[1][1].set_result(None)
    await until(lambda: transport.unsent() == 0)
    transport.port.writable.assert_called_once_with()


async def test_what_is_not_written_any_more_waits_no_longer(
    websocket: Websocket, transport: MessageTransport
) -> None:
    for _ in range(2):
        transport.send(b"12")
    websocket.writes[0][1].set_exception(WebSocketClosedError())
    websocket.writes[1][1].cancel()
    await until(lambda: transport.unsent() == 0)


async def test_nothing_follows_the_end(websocket: Websocket, transport: MessageTransport) -> None:
    transport.close(1001, "bye")
    assert websocket.closed == (1001, "bye")
    transport.send(b"late")
    assert (websocket.writes, transport.unsent()) == ([], 0)


@pytest_asyncio.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr(_tornado_private, "framed", False)
    site = Site(Limits(grace=0.01), websocket_ping_interval=INTERVAL)
    yield site
    await site.close()


async def test_a_client_that_is_given_up_is_cut_off(site: Site) -> None:
    ws = await site.connect()
    await until(lambda: site.handlers)
    port = site.handlers[0]._port
    assert port is not None
    transport = port.transport
    assert isinstance(transport, PlainTornadoTransport)
    transport.abort()
    assert await ws.read_message() is None
    await until(lambda: not site.handlers)
    assert port.channel not in site.pump._ports


async def test_a_client_that_answers_pings_stays(site: Site) -> None:
    ws = await site.connect()
    await until(lambda: site.handlers)
    handler = site.handlers[0]
    pongs: list[bytes] = []
    heard = handler.on_pong
    handler.on_pong = lambda data: (pongs.append(data), heard(data))[1]  # type: ignore[method-assign]
    await until(lambda: len(pongs) == 3)
    assert site.handlers == [handler]
    ws.close()


async def test_a_client_that_answers_no_ping_is_gone(site: Site) -> None:
    async with read_slowly(site.port):
        await until(lambda: site.handlers)
        connection = site.handlers[0].ws_connection
        assert connection is not None
        await until(connection.is_closing)
