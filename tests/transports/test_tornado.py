"""The transport against tornado itself, with a pump behind it and sockets between."""

import asyncio
import contextlib
import logging
import random
import socket
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketClientConnection, websocket_connect

from jupyter_trame.protocol import Limits, Replica
from jupyter_trame.protocol.chunking import HEADER
from jupyter_trame.protocol.client_events import StateChanged
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.protocol.link import Commit, Message, Snapshot
from jupyter_trame.protocol.packing import pack
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.transports.base import ClientTransport
from jupyter_trame.transports.incoming import PONG
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.transports.tornado import ClientSocket, TornadoTransport, _StrictProtocol
from jupyter_trame.types import Epoch
from tests.transports.support import INTERVAL, SLOW, forgotten, masked, read_slowly, until, upgraded

pytestmark = pytest.mark.asyncio

MEGABYTE = 1 << 20


class Handler(ClientSocket):
    def initialize(self, site: "Site") -> None:
        self.site = site

    def open(self, *_: str, **__: str) -> None:
        self.site.handlers.append(self)
        self.serve(self.site.pump, trusted=True)

    def on_close(self) -> None:
        super().on_close()
        self.site.handlers.remove(self)


class Site:
    """A server with one replica that has a state already."""

    def __init__(self, limits: Limits, **settings: Any) -> None:
        self.replica = Replica(limits=limits)
        self.pump = ReplicaPump(self.replica, asyncio.get_running_loop())
        self.handlers: list[Handler] = []
        self._sockets: list[tuple[WebSocketClientConnection, Any]] = []
        self._clients: list[Client] = []
        self.pump.link_attached(lambda op: None)
        self.pump.receive_link(Snapshot(Epoch("e"), 1, {"name": "n"}, [("x", 1, pack(1))]))
        sock, self.port = bind_unused_port()
        self.http = HTTPServer(Application([("/ws", Handler, {"site": self})], **settings))
        self.http.add_socket(sock)

    async def connect(self) -> WebSocketClientConnection:
        ws = await websocket_connect(f"ws://127.0.0.1:{self.port}/ws", max_message_size=100 * MEGABYTE)
        assert ws.protocol is not None
        self._sockets.append((ws, ws.protocol.stream))
        return ws

    async def client(self) -> "Client":
        client = Client(await self.connect())
        self._clients.append(client)
        await until(lambda: client.state)
        return client

    async def close(self) -> None:
        for client in self._clients:
            await client.stop()
        for ws, stream in self._sockets:
            ws.close()
            drain = asyncio.ensure_future(_drain(ws))
            await until(stream.closed)
            drain.cancel()
        await until(lambda: not self.handlers)
        self.pump.close()
        self.http.stop()
        await self.http.close_all_connections()


class Greedy:
    """In the place of a port: it takes all turns at once."""

    def __init__(self, transport: ClientTransport) -> None:
        self._transport = transport

    def writable(self) -> None:
        while self._transport.send_more():
            pass


async def _drain(ws: WebSocketClientConnection) -> None:
    """tornado's client reads from its socket only as fast as its messages are fetched."""
    while await ws.read_message() is not None:
        pass


class Client:
    def __init__(self, ws: WebSocketClientConnection) -> None:
        self.ws = ws
        self.state: dict[str, Any] = {}
        self.session = ClientSession()
        self.session.connected()
        self._flush()
        self.task = asyncio.ensure_future(self._read())

    async def stop(self) -> None:
        """Read no more."""
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    def _flush(self) -> None:
        for frame in self.session.take_output():
            self.ws.write_message(frame, binary=True)

    async def _read(self) -> None:
        while (frame := await self.ws.read_message()) is not None:
            assert isinstance(frame, bytes)
            for event in self.session.receive(frame):
                if isinstance(event, StateChanged):
                    self.state.update(event.changes)
            self._flush()


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    site = Site(Limits(grace=0.01), websocket_max_message_size=10_000)
    yield site
    await site.close()


@pytest.mark.parametrize("size", [0, 1, 60, 125, 126, 65_000, 65_535, 65_536, 200_000, 5 * MEGABYTE])
async def test_frames_of_every_size_arrive(site: Site, size: int) -> None:
    """Header forms of RFC 6455 change at 126 and at 65536 bytes; ours are written without tornado's help."""
    ws = await site.connect()
    await until(lambda: site.handlers)
    transport = TornadoTransport(site.handlers[0])
    transport.port = Greedy(transport)  # type: ignore[assignment]
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    transport.send(data)
    transport.send(b"after")
    assert await ws.read_message() == data
    assert await ws.read_message() == b"after"


async def test_nodelay_is_set(site: Site) -> None:
    ws = await site.connect()
    await until(lambda: site.handlers)
    assert site.handlers[0].ws_connection is not None
    sock = site.handlers[0].ws_connection.stream.socket
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    ws.close()


async def test_slow_reader_takes_what_it_can_and_the_rest_later(site: Site) -> None:
    """While the socket is full values conflate in the replica; the reader then gets the latest one."""
    slow, quick = await site.client(), await site.client()
    await slow.stop()
    transports = [port.transport for port in site.pump._ports.values()]
    sent = 0

    async def push(number: int) -> None:
        site.pump.receive_link(Commit(1 + number, [("x", pack([number, bytes(MEGABYTE)]))]))
        await until(lambda: quick.state["x"] != 1 and quick.state["x"][0] == number)

    while transports[0].room() > 0:
        sent += 1
        await push(sent)
    more = 30
    for _ in range(more):
        sent += 1
        await push(sent)
    assert transports[0].room() <= 0
    seen: list[int] = []
    while not seen or seen[-1] != sent:
        frame = await slow.ws.read_message()
        assert isinstance(frame, bytes)
        events = slow.session.receive(frame)
        seen += [event.changes["x"][0] for event in events if isinstance(event, StateChanged)]
    assert len(seen) < more, "what nobody could read was left out"


async def test_client_that_answers_no_ping_is_gone() -> None:
    site = Site(Limits(grace=0.01), websocket_ping_interval=0.01)
    async with read_slowly(site.port):
        await until(lambda: site.handlers)
        connection = site.handlers[0].ws_connection
        assert connection is not None
        await until(connection.is_closing)
    await site.close()


async def test_a_connection_that_has_ended_is_forgotten_at_once() -> None:
    site = Site(Limits(grace=0.01), websocket_ping_interval=30)
    client = await site.client()
    async with forgotten(site.handlers[0]):
        await client.stop()
        client.ws.close()
        await until(lambda: not site.handlers)
    await site.close()


async def test_client_that_takes_long_to_receive_stays() -> None:
    """A ping waits behind the value that is sent."""
    site = Site(Limits(grace=0.01), websocket_ping_interval=INTERVAL)
    async with read_slowly(site.port) as read:
        await until(lambda: site.pump._ports)
        (port,) = site.pump._ports.values()
        port.transport.send(bytes(SLOW))
        assert await read(SLOW) == SLOW
        connection = site.handlers[0].ws_connection
        assert connection is not None
        assert not connection.is_closing()
    await site.close()


async def test_room_returns_when_everything_is_written(site: Site) -> None:
    ws = await site.connect()
    await until(lambda: site.handlers)

    transport = TornadoTransport(site.handlers[0], high_water=1000)
    transport.port = Greedy(transport)  # type: ignore[assignment]
    assert transport.room() == 1000
    for _ in range(40):
        transport.send(bytes(MEGABYTE))
    assert transport.room() <= 0
    assert transport.unsent() > 0
    for _ in range(40):
        assert len(await ws.read_message() or b"") == MEGABYTE
    assert transport.room() == 1000
    assert transport.unsent() == 0


async def test_what_is_not_sent_of_a_connection_that_ended_is_forgotten(site: Site) -> None:
    await site.connect()
    await until(lambda: site.handlers)
    (port,) = site.pump._ports.values()
    transport = port.transport
    assert isinstance(transport, TornadoTransport)
    transport.send(bytes(40 * MEGABYTE))
    assert transport.unsent() > MEGABYTE
    transport._stream.close()
    await until(lambda: not transport._outgoing and not site.pump._ports)


async def test_control_frames_do_not_land_in_a_frame_that_is_sent_in_slices(site: Site) -> None:
    """A ping, the answer to one, and the goodbye come behind it."""
    reader, writer = await upgraded(site.port)
    await until(lambda: site.handlers)
    (port,) = site.pump._ports.values()
    size = 40 * MEGABYTE
    port.transport.send(bytes(size))
    site.handlers[0].ping(b"ours")
    writer.write(masked(b"theirs", b"\0\0\0\0", opcode=9))
    await until(lambda: b"theirs" in _waiting(port.transport))
    port.transport.close(1013, "enough")
    head = await reader.readexactly(10)
    assert head == struct.pack("!BBQ", 0x82, 127, size)
    assert await reader.readexactly(size) == bytes(size)
    rest = await reader.readexactly(2 + 4 + 2 + 6 + 2 + 2 + 6)
    assert rest == b"\x89\x04ours" + b"\x8a\x06theirs" + b"\x88\x08" + struct.pack("!H", 1013) + b"enough"
    writer.close()


def _waiting(transport: ClientTransport) -> bytes:
    """What is short of that which the transport holds."""
    assert isinstance(transport, TornadoTransport)
    return b"".join(part for part in transport._outgoing._parts if len(part) < 100)


async def test_pongs_do_not_pile_up(site: Site) -> None:
    """A client that sends pings and reads nothing is answered as far as its buffer has room."""
    async with read_slowly(site.port):
        await until(lambda: site.handlers)
        protocol = site.handlers[0].ws_connection
        assert isinstance(protocol, _StrictProtocol)
        assert isinstance(protocol.transport, TornadoTransport)
        protocol.transport.send(bytes(SLOW))
        before = protocol.transport.unsent()
        for _ in range(100):
            protocol._write_frame(True, PONG, bytes(125))
        assert protocol.transport.unsent() == before + 127
    protocol.stream.close()
    await until(lambda: not site.handlers)


async def test_client_that_is_gone_takes_anything(site: Site) -> None:
    ws = await site.connect()
    await until(lambda: site.handlers)
    transport = TornadoTransport(site.handlers[0])
    ws.close()
    await until(lambda: not site.handlers)
    transport.send(b"late")
    transport.close(1001, "late")
    assert transport.room() > 0


async def test_a_client_that_is_closed_while_its_socket_is_full_hears_why(site: Site) -> None:
    """What waits in front of the close frame goes on leaving after the pump has let the client go."""
    ws = await site.connect()
    await until(lambda: site.pump._ports)
    (port,) = site.pump._ports.values()
    port.transport.send(bytes(SLOW))
    site.pump._part(port, 1013, "too slow")
    assert await ws.read_message() == bytes(SLOW)
    assert await ws.read_message() is None
    assert (ws.close_code, ws.close_reason) == (1013, "too slow")


async def test_nothing_follows_the_close_frame(site: Site) -> None:
    ws = await site.connect()
    await until(lambda: site.handlers)
    transport = TornadoTransport(site.handlers[0])
    transport.close(1013, "too slow")
    transport.send(b"late")
    assert await ws.read_message() is None
    assert (ws.close_code, ws.close_reason) == (1013, "too slow")


async def test_oversize_frame_is_refused_with_the_limit(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """The client reads code and reason even though it goes on sending for a while."""
    good, bad = await site.client(), await site.client()
    bad.ws.write_message(bytes(20 * MEGABYTE), binary=True)
    await bad.task
    assert bad.ws.close_code == 1009
    assert bad.ws.close_reason == f"a frame of {20 * MEGABYTE} bytes is over the limit of 10000 bytes"
    assert "over the limit of 10000 bytes" in caplog.text
    site.pump.receive_link(Commit(2, [("x", pack(2))]))
    await until(lambda: good.state == {"x": 2})


async def test_text_is_ignored(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    ws = await site.connect()
    ws.write_message("hello")
    await until(lambda: "text frame" in caplog.text)
    assert site.handlers
    ws.close()


async def test_goodbye_ends_the_session_at_once(site: Site) -> None:
    """Whatever else closes a connection, its client may resume."""
    leaving, *broken = [await site.client() for _ in range(3)]
    leaving.session.leave()
    leaving._flush()
    for code, client in zip((1000, 4000), broken, strict=True):
        client.ws.close(code)
    await until(lambda: not site.handlers)
    kept = {session.client_id for session in site.replica.sessions}
    assert leaving.session.client_id not in kept
    await until(lambda: not list(site.replica.sessions))


async def test_queue_of_a_reader_that_never_reads_is_bounded() -> None:
    site = Site(Limits(client_queue=100_000))
    client = await site.client()
    await client.stop()
    sent = 0
    while site.pump._ports:
        site.pump.receive_link(Message(pack({"wslink": "1.0", "id": "publish:t:0", "result": bytes(50_000)})))
        sent += 1
        await asyncio.sleep(0)
    assert sent < 1000
    await site.close()


# -- malformed frames

HEADERS = st.tuples(*[st.integers(0, 0xFFFFFFFF) | st.integers(0, 64)] * 3)
KEYS = st.sampled_from(["wslink", "id", "method", "args", "kwargs", "jt"])
VALUES = st.none() | st.text() | st.integers(0, 9) | st.lists(st.integers(0, 9))
MALFORMED = st.one_of(
    st.binary(max_size=40),
    st.builds(lambda header, body: HEADER.pack(*header) + body, HEADERS, st.binary(max_size=40)),
    st.binary(max_size=40).map(lambda body: HEADER.pack(1, 0, len(body)) + body),
    st.dictionaries(KEYS, VALUES).map(pack).map(lambda body: HEADER.pack(1, 0, len(body)) + body),
)
CODES = {1002, 1007, 1008, 1009}


class _Recorder(ClientTransport):
    """A transport that notes how it ends."""

    kind = "memory"

    def __init__(self) -> None:
        self.closed: tuple[int, str] | None = None
        self.sent: list[bytes] = []

    def room(self) -> int:
        return MEGABYTE

    def send(self, frame: Any) -> None:
        self.sent.append(bytes(frame))

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


@given(st.lists(MALFORMED, min_size=1, max_size=4), st.booleans())
def check_malformed(
    pump: ReplicaPump, caplog: pytest.LogCaptureFixture, frames: list[bytes], greet: bool
) -> None:
    """That connection is refused with a code and a logged reason, or the frames are harmless."""
    caplog.clear()
    transport = _Recorder()
    port = pump.connect(transport, trusted=True)
    if greet:
        session = ClientSession()
        session.connected()
        for frame in session.take_output():
            port.receive(frame)
    for frame in frames:
        port.receive(frame)
    if transport.closed is not None:
        code, reason = transport.closed
        assert code in CODES
        assert reason
        assert any(str(code) in record.getMessage() for record in caplog.records)
    # Others say something at any time: asyncio of a task of an earlier test, when the collector comes to it.
    ours = [record for record in caplog.records if record.name == "jupyter_trame"]
    assert not any(record.exc_info for record in ours), caplog.text
    port.closed()


@pytest.mark.hypothesis
async def test_malformed_frames(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    good = await site.client()
    site.pump._complaints = Complaints(logging.getLogger("jupyter_trame"), burst=1 << 30)
    check_malformed(site.pump, caplog)
    site.pump.receive_link(Commit(2, [("x", pack(2))]))
    await until(lambda: good.state == {"x": 2})
    assert len(site.pump) == 1


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"short", 1002),
        (struct.pack("<III", 1, 50, 10) + b"x", 1002),
        (HEADER.pack(1, 0, 1) + b"\xc1", 1007),
        (HEADER.pack(1, 0, 1) + pack(7), 1007),
        (HEADER.pack(1, 0, 5000) + b"x", 1009),
    ],
)
async def test_malformed_frame_on_a_socket(site: Site, frame: bytes, code: int) -> None:
    good = await site.client()
    ws = await site.connect()
    ws.write_message(frame, binary=True)
    assert await ws.read_message() is None
    assert ws.close_code == code
    assert ws.close_reason
    site.pump.receive_link(Commit(2, [("x", pack(2))]))
    await until(lambda: good.state == {"x": 2})


class Listener(ClientSocket):
    """Notes the messages it gets, in order."""

    def initialize(self, messages: list[bytes], *, eager: bool = False) -> None:
        self._messages = messages
        self._eager = eager

    def open(self, *_: str, **__: str) -> None:
        TornadoTransport(self)
        if self._eager:
            _read_ahead(self.ws_connection.stream)  # type: ignore[arg-type]

    def on_message(self, message: str | bytes) -> None:
        assert isinstance(message, bytes)
        self._messages.append(message)


def _read_ahead(stream: IOStream) -> None:
    """As when the socket is readable again before whoever waits for a read has its turn."""
    read_bytes = stream.read_bytes

    async def read(size: int, *, partial: bool) -> bytes:
        data = await read_bytes(size, partial=partial)
        with contextlib.suppress(BlockingIOError):
            if stream.socket.recv(1, socket.MSG_PEEK):
                stream._handle_read()
        return data

    stream.read_bytes = read  # type: ignore[method-assign,assignment]


def session_of(chance: random.Random) -> tuple[list[bytes], bytes]:
    """Messages, and the bytes of a client that sends them: whole, in pieces, with pings between."""
    messages, stream = [], b""
    for _ in range(60):
        size = chance.choice([0, 1, 2, 50, 125, 126, 127, 1000, 65535, 65536, 70000, 600_000, 3_000_000])
        payload, mask = chance.randbytes(size), chance.randbytes(4)
        messages.append(payload)
        if chance.random() < 0.2:
            stream += masked(b"", mask, opcode=9)
        if chance.random() < 0.2:
            cut = chance.randint(0, size)
            stream += masked(payload[:cut], mask, final=False) + masked(b"p", mask, opcode=9)
            stream += masked(payload[cut:], mask, opcode=0)
        else:
            stream += masked(payload, mask)
    return messages, stream


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("seed", range(6))
async def test_messages_arrive_however_their_bytes_are_cut(seed: int, *, eager: bool) -> None:
    chance = random.Random(seed)
    messages, stream = session_of(chance)
    received: list[bytes] = []
    sock, port = bind_unused_port()
    http = HTTPServer(Application([("/ws", Listener, {"messages": received, "eager": eager})]))
    http.add_socket(sock)
    _, writer = await upgraded(port)
    at = 0
    while at < len(stream):
        piece = chance.choice([1, 3, 7, 100, 5000, 200_000, 4_000_000])
        writer.write(stream[at : at + piece])
        await writer.drain()
        if chance.random() < 0.3:
            await asyncio.sleep(0)
        at += piece
    await until(lambda: len(received) == len(messages))
    assert received == messages
    writer.close()
    await writer.wait_closed()
    http.stop()
    await http.close_all_connections()
