"""The transport against aiohttp itself, with a pump behind it and sockets between."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

from jupyter_trame.protocol import Limits, Replica, client_session
from jupyter_trame.protocol.client_events import StateChanged
from jupyter_trame.protocol.link import Commit, Snapshot
from jupyter_trame.protocol.packing import pack
from jupyter_trame.transports import aiohttp as transports
from jupyter_trame.transports.aiohttp import AiohttpSocket, AiohttpTransport
from jupyter_trame.transports.base import ClientPort
from jupyter_trame.transports.heartbeat import Heartbeat
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.types import Epoch
from tests.transports.support import INTERVAL, SLOW, forgotten, masked, read_slowly, until, upgraded

pytestmark = pytest.mark.asyncio

MEGABYTE = 1 << 20
LIMIT = 10_000


class Site:
    """An aiohttp server with one replica that has a state already."""

    def __init__(self) -> None:
        self.pump = ReplicaPump(Replica(limits=Limits(grace=0.01, hello=LIMIT)), asyncio.get_running_loop())
        self.pump.link_attached(lambda op: None)
        self.pump.receive_link(Snapshot(Epoch("e"), 1, {"name": "n"}, [("x", 1, pack(1))]))
        self.transports: list[AiohttpTransport] = []
        self.serving = 0
        self.heart_beat = 0
        self.goodbye = 5.0
        app = web.Application()
        app.router.add_get("/ws", self._serve)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        self.session = ClientSession()

    async def start(self) -> "Site":
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        return self

    async def connect(self, **options: Any) -> ClientWebSocketResponse:
        known = len(self.transports)
        url = f"ws://127.0.0.1:{self.port}/ws"
        ws = await self.session.ws_connect(url, max_msg_size=100 * MEGABYTE, **options)
        await until(lambda: len(self.transports) > known)
        return ws

    @property
    def port(self) -> int:
        port: int = self.runner.addresses[0][1]
        return port

    async def close(self) -> None:
        self.pump.close()
        await self.session.close()
        await until(lambda: not self.serving)
        await self.runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        ws = AiohttpSocket(frame_limit=LIMIT, heart_beat=self.heart_beat, goodbye=self.goodbye)
        await ws.prepare(request)
        transport = AiohttpTransport(request, ws)
        self.transports.append(transport)
        self.serving += 1
        port = transport.port = self.pump.connect(transport, trusted=True)
        await ws.receive_into(port)
        port.closed()
        transport.finished()
        self.serving -= 1
        return ws


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    site = await Site().start()
    yield site
    await site.close()


def sock_of(ws: ClientWebSocketResponse) -> socket.socket:
    """A socket of our own on the client's connection, so that a test can read while the loop is blocked."""
    found: Any = ws.get_extra_info("socket")
    return socket.socket(fileno=socket.dup(found.fileno()))


async def test_hello_and_a_change(site: Site) -> None:
    ws = await site.connect()
    session = client_session.ClientSession()
    session.connected()
    for frame in session.take_output():
        await ws.send_bytes(frame)
    seen: dict[str, Any] = {}
    while "x" not in seen:
        for event in session.receive((await ws.receive()).data):
            if isinstance(event, StateChanged):
                seen.update(event.changes)
        for frame in session.take_output():
            await ws.send_bytes(frame)
    site.pump.receive_link(Commit(2, [("x", pack(2))]))
    (event,) = session.receive((await ws.receive()).data)
    assert isinstance(event, StateChanged)
    assert event.changes == {"x": 2}


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 5 * MEGABYTE])
async def test_frames_of_every_size_arrive(site: Site, size: int) -> None:
    ws = await site.connect()
    data = bytes(size)
    site.transports[0].send(data)
    site.transports[0].send(memoryview(b"after"))  # type: ignore[arg-type]
    assert (await ws.receive()).data == data
    assert (await ws.receive()).data == b"after"


async def test_a_frame_is_on_the_wire_before_send_returns(site: Site) -> None:
    ws = await site.connect()
    with sock_of(ws) as sock:
        for number in range(20):
            sock.setblocking(True)
            site.transports[0].send(b"frame %d" % number)
            assert b"frame %d" % number in sock.recv(1 << 16)
            sock.setblocking(False)


async def test_nodelay_is_set(site: Site) -> None:
    await site.connect()
    sock = site.transports[0]._transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_room_returns_when_everything_is_written(site: Site) -> None:
    ws = await site.connect()
    transport = site.transports[0]
    assert transport.room() == MEGABYTE
    sent = 0
    while transport.room() > 0:
        transport.send(bytes(MEGABYTE))
        sent += 1
    assert transport.room() <= 0
    for _ in range(sent):
        assert len((await ws.receive()).data) == MEGABYTE
    await until(lambda: transport.room() == MEGABYTE)


async def test_what_is_not_sent_of_a_connection_that_ended_is_forgotten(site: Site) -> None:
    await site.connect()
    (transport,) = site.transports
    transport.send(bytes(40 * MEGABYTE))
    assert transport._socket.unsent() > MEGABYTE
    transport._transport.abort()
    await until(lambda: not site.serving and not transport._socket.outgoing)


async def test_control_frames_do_not_land_in_a_frame_that_is_sent_in_slices(site: Site) -> None:
    """A ping and the goodbye come behind it."""
    site.heart_beat = 30
    reader, writer = await upgraded(site.port)
    await until(lambda: site.transports)
    (transport,) = site.transports
    size = 40 * MEGABYTE
    transport.send(bytes(size))
    pings = transport._socket._pings
    assert pings is not None
    pings._ping()
    transport.close(1013, "enough")
    assert await reader.readexactly(10) == struct.pack("!BBQ", 0x82, 127, size)
    assert await reader.readexactly(size) == bytes(size)
    rest = await reader.readexactly(2 + 2 + 2 + 6)
    assert rest == b"\x89\x00" + b"\x88\x08" + struct.pack("!H", 1013) + b"enough"
    writer.close()


async def test_a_client_that_says_goodbye_in_the_middle_of_a_frame_is_gone(site: Site) -> None:
    _, writer = await upgraded(site.port)
    await until(lambda: site.transports)
    site.transports[0].send(bytes(40 * MEGABYTE))
    writer.write(masked(struct.pack("!H", 1000), b"\0\0\0\0", opcode=8))
    await until(lambda: not site.serving)
    assert not site.transports[0]._socket.outgoing
    writer.close()


async def test_a_client_that_says_goodbye_and_reads_nothing_keeps_no_socket(site: Site) -> None:
    reader, writer = await upgraded(site.port)
    await until(lambda: site.transports)
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    transport = site.transports[0]
    transport.send(bytes(40 * MEGABYTE))
    sock = transport._transport.get_extra_info("socket")
    await until(lambda: transport._transport.get_write_buffer_size())
    writer.write(masked(struct.pack("!H", 1000), b"\0\0\0\0", opcode=8))
    await until(lambda: not site.serving)
    await until(lambda: sock.fileno() < 0)
    writer.close()


async def test_a_connection_that_has_ended_is_forgotten_at_once(site: Site) -> None:
    site.heart_beat = 30
    ws = await site.connect()
    async with forgotten(site.transports.pop()):
        await ws.close()
        await until(lambda: not site.serving)


async def test_a_client_that_is_gone_takes_anything(site: Site) -> None:
    ws = await site.connect()
    await ws.close()
    await until(lambda: not site.serving)
    transport = site.transports[0]
    transport.send(b"late")
    transport.close(1001, "late")
    assert transport.room() > 0


async def test_nothing_follows_the_close_frame(site: Site) -> None:
    ws = await site.connect()
    site.transports[0].close(1013, "too slow")
    site.transports[0].send(b"late")
    site.transports[0].close(1001, "another")
    message = await ws.receive()
    assert (message.type, message.data, message.extra) == (WSMsgType.CLOSE, 1013, "too slow")
    await until(lambda: not site.serving)


async def test_a_client_that_is_closed_while_its_socket_is_full_hears_why(site: Site) -> None:
    """What waits in front of the close frame goes on leaving after the pump has let the client go."""
    ws = await site.connect()
    (port,) = site.pump._ports.values()
    port.transport.send(bytes(SLOW))
    site.pump._part(port, 1013, "too slow")
    assert (await ws.receive()).data == bytes(SLOW)
    message = await ws.receive()
    assert (message.type, message.data, message.extra) == (WSMsgType.CLOSE, 1013, "too slow")
    await until(lambda: not site.serving)


async def test_a_client_that_does_not_answer_a_goodbye_is_cut(site: Site) -> None:
    site.goodbye = 0.05
    await site.connect(autoclose=False)
    while site.transports[0].room() > 0:
        site.transports[0].send(bytes(MEGABYTE))
    site.transports[0].close(1013, "too slow")
    await until(lambda: not site.serving)


@pytest.mark.parametrize("code", [1000, 4000])
async def test_the_clients_close_frame_ends_the_connection_alone(site: Site, code: int) -> None:
    ws = await site.connect()
    (port,) = site.pump._ports.values()
    ended: list[ClientPort] = []
    site.pump._closed = ended.append  # type: ignore[assignment, method-assign]
    await ws.close(code=code)
    await until(lambda: ended)
    assert ended == [port]
    del site.pump._closed
    ended[0].closed()


async def test_the_largest_frame_is_taken(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    ws = await site.connect()
    got: list[int] = []
    monkeypatch.setattr(site.pump, "receive", lambda _, frame: got.append(len(frame)))
    await ws.send_bytes(bytes(LIMIT))
    await until(lambda: got)
    assert got == [LIMIT]


async def test_oversize_frame_is_refused_with_the_limit(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """The client reads code and reason even though it goes on sending for a while."""
    ws = await site.connect()
    sending = asyncio.ensure_future(ws.send_bytes(bytes(20 * MEGABYTE)))
    message = await ws.receive()
    assert (message.type, message.data) == (WSMsgType.CLOSE, 1009)
    assert message.extra == f"a frame of {20 * MEGABYTE} bytes is over the limit of {LIMIT} bytes"
    assert f"over the limit of {LIMIT} bytes" in caplog.text
    sending.cancel()
    await asyncio.wait({sending})
    await until(lambda: not site.serving)


async def test_text_is_ignored(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    ws = await site.connect()
    await ws.send_str("hello")
    await until(lambda: "text frame" in caplog.text)
    assert site.serving


@pytest.fixture
def quick(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pings come in `INTERVAL` instead of a second."""
    monkeypatch.setattr(transports, "Heartbeat", lambda _, **rest: Heartbeat(INTERVAL, **rest))
    site.heart_beat = 1


@pytest.mark.usefixtures("quick")
async def test_client_that_answers_no_ping_is_gone(site: Site) -> None:
    async with read_slowly(site.runner.addresses[0][1]):
        await until(lambda: site.serving)
        await until(lambda: not site.serving)


async def test_the_heart_beat_can_be_off(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "Heartbeat", None)
    ws = await site.connect()
    assert not ws.closed
    assert site.serving


@pytest.mark.usefixtures("quick")
async def test_pings_are_answered_both_ways(site: Site) -> None:
    ws = await site.connect(autoping=False)
    await ws.ping(b"there?")
    pings = 0
    while pings < 10:
        message = await ws.receive()
        if message.type is WSMsgType.PONG:
            assert message.data == b"there?"
        else:
            assert message.type is WSMsgType.PING
            pings += 1
            await ws.pong(message.data)
    assert site.serving


@pytest.mark.usefixtures("quick")
async def test_client_that_takes_long_to_receive_stays(site: Site) -> None:
    """A ping waits behind the value that is sent."""
    async with read_slowly(site.runner.addresses[0][1]) as read:
        await until(lambda: site.transports)
        site.transports[0].send(bytes(SLOW))
        assert await read(SLOW) == SLOW


@pytest.mark.parametrize("code", [None, 1000, 4000])
async def test_a_goodbye_is_answered_with_its_own_code(site: Site, code: int | None) -> None:
    reader, writer = await upgraded(site.runner.addresses[0][1])
    payload = b"" if code is None else code.to_bytes(2)
    writer.write(masked(payload, bytes(4), opcode=8))
    assert await reader.read() == bytes((0x88, len(payload))) + payload
    writer.close()
    await until(lambda: not site.serving)


async def test_pongs_do_not_pile_up(site: Site) -> None:
    """A client that sends pings and reads nothing is answered as far as its buffer has room."""
    async with read_slowly(site.runner.addresses[0][1]):
        await until(lambda: site.serving)
        transport = site.transports[0]
        transport.send(bytes(SLOW))
        before = transport._socket.unsent()
        for _ in range(100):
            transport._socket.feed_data(masked(bytes(125), bytes(4), opcode=9))
        assert transport._socket.unsent() == before
    transport._transport.abort()
    await until(lambda: not site.serving)
