"""A session by hand, where its connection does not do what it should; what it does is in the contract."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import msgpack
import pytest

from jupyter_trame.compat.session import UnpackableArgumentError, WsLinkSession
from jupyter_trame.compat.wire import generate_chunks
from jupyter_trame.errors import ProtocolError, RemoteError, SerializationError


class Websocket:
    """Gives what it is told, and keeps what is sent."""

    def __init__(self, *frames: bytes) -> None:
        self.frames = frames
        self.sent: list[bytes] = []
        self.closed = False
        self.fails = False

    async def __aiter__(self) -> AsyncIterator[Any]:
        for frame in self.frames:
            yield SimpleNamespace(type=SimpleNamespace(name="BINARY"), data=frame)

    async def send_bytes(self, frame: bytes) -> None:
        if self.fails:
            raise ConnectionResetError
        self.sent.append(frame)

    async def close(self) -> None:
        self.closed = True


def frames(*messages: Any, size: int = 0) -> list[bytes]:
    return [bytes(frame) for message in messages for frame in generate_chunks(msgpack.packb(message), size)]


@pytest.mark.asyncio
async def test_messages_come_in_pieces_and_leave_in_pieces() -> None:
    websocket = Websocket(
        *frames({"id": "publish:a:0", "result": "x" * 200}, "no message", {"id": 5}, size=60),
        *frames({"id": WsLinkSession.AUTH_ID, "result": {"clientID": "me", "maxMsgSize": 60}}),
    )
    session, heard = WsLinkSession(websocket), list[Any]()
    session.register_subscription("a", heard.append)
    await session.listen()
    assert heard == ["x" * 200]
    assert session.client_id == "me"
    await session.call("echo", ["y" * 200])
    assert len(websocket.sent) > 3
    assert max(map(len, websocket.sent)) <= 60


@pytest.mark.asyncio
async def test_the_end_of_the_connection_ends_what_waits() -> None:
    session = WsLinkSession(Websocket())
    waiting = await session.call("slow")
    await session.listen()
    with pytest.raises(ConnectionError, match="may have run"):
        await waiting
    assert session.in_flight_rpc == {}


@pytest.mark.asyncio
async def test_what_cannot_be_sent_waits_for_nothing() -> None:
    websocket = Websocket()
    session = WsLinkSession(websocket)
    websocket.fails = True
    with pytest.raises(ConnectionResetError):
        await session.call("a")
    await asyncio.sleep(0)
    assert session.in_flight_rpc == {}
    with pytest.raises(ConnectionError, match="no websocket"):
        await WsLinkSession(None).call("a")


@pytest.mark.asyncio
async def test_a_broken_message_ends_the_connection() -> None:
    websocket = Websocket(*generate_chunks(b"\xc1", 0))
    with pytest.raises(ProtocolError):
        await WsLinkSession(websocket).listen()
    assert websocket.closed


@pytest.mark.asyncio
@pytest.mark.parametrize("error", [{"code": 1, "message": "oops"}, "oops"])
async def test_an_error_is_one_whatever_its_form(error: Any) -> None:
    session = WsLinkSession(Websocket(*frames({"id": "rpc:None:1", "error": error})))
    waiting = await session.call("fail")
    await session.listen()
    with pytest.raises(RemoteError, match="oops"):
        await waiting


@pytest.mark.asyncio
async def test_coroutines_of_subscribers_run() -> None:
    session, done = WsLinkSession(None), asyncio.Event()

    async def subscriber(data: Any) -> None:
        done.set()

    session.register_subscription("a", subscriber)
    await session.on_msg_complete({"id": "publish:a:0", "result": 1})
    await asyncio.wait_for(done.wait(), 20)
    session.clear_subscriptions()
    assert session.subscriptions == {}


def test_an_argument_that_cannot_be_packed_says_where() -> None:
    error = UnpackableArgumentError.of(SerializationError("echo", object(), "at [0]: why", "call"))
    assert isinstance(error, TypeError)
    assert str(error) == "can not serialize: the call of 'echo' (object) cannot be packed: at [0]: why"
    assert (error.key, error.type_name) == ("echo", "object")
