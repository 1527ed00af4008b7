"""The wire that tests move by hand keeps its promises."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from jupyter_trame.errors import MalformedFrameError
from jupyter_trame.protocol import Replica, pack
from jupyter_trame.protocol.client_events import Ready, StateChanged
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.protocol.link import Call, ClientClosed, LinkOp, Message, Snapshot, Stopped
from jupyter_trame.transports.memory import MemoryTransport
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.types import ClientId, Epoch, Packed
from tests.support.memory_client import MemoryClient

pytestmark = pytest.mark.asyncio


class Echo:
    """A peer that keeps frames, and sends what it is told."""

    def __init__(self) -> None:
        self.life: list[str] = []
        self.output: list[Packed] = []
        self.refuses = False

    def connected(self) -> None:
        self.life.append("connected")

    def disconnected(self) -> None:
        self.life.append("disconnected")

    def receive(self, frame: Packed) -> list[object]:
        if self.refuses:
            raise MalformedFrameError("no")
        return [bytes(frame)]

    def take_output(self) -> list[Packed]:
        output, self.output = self.output, []
        return output


class Port:
    """Stands for the replica's side of one transport."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def receive(self, frame: Packed) -> None:
        self.heard.append(bytes(frame))

    def writable(self) -> None:
        self.heard.append("writable")

    def closed(self) -> None:
        self.heard.append("closed")


class Wire:
    """A transport, and what both of its ends heard."""

    def __init__(self, *, arrived: asyncio.Event | None = None, **options: Any) -> None:
        self.heard: list[Any] = []
        self.arrived = arrived
        """Set when two frames are there."""
        self.port = Port()
        self.transport = MemoryTransport(
            asyncio.get_running_loop(),
            on_frame=self._on_frame,
            on_closed=lambda code, reason: self.heard.append((code, reason)),
            **options,
        )
        self.transport.port = self.port  # type: ignore[assignment]

    def _on_frame(self, frame: Packed) -> None:
        self.heard.append(frame)
        if self.arrived is not None and len(self.heard) == 2:
            self.arrived.set()


async def turns(count: int = 10) -> None:
    """Let everything arrive that arrives by itself."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_frames_arrive_in_order_and_never_inside_the_call_that_sends() -> None:
    wire = Wire()
    for number in range(3):
        wire.transport.send(bytes([number]))
        wire.transport.send_up(bytes([number]))
    assert (wire.heard, wire.port.heard) == ([], [])
    await turns()
    assert wire.heard == wire.port.heard == [b"\0", b"\1", b"\2"]


async def test_latency_keeps_the_order() -> None:
    arrived = asyncio.Event()
    wire = Wire(latency=0.001, arrived=arrived)
    loop = asyncio.get_running_loop()
    start = loop.time()
    wire.transport.send(b"a")
    wire.transport.send(b"b")
    await arrived.wait()
    assert wire.heard == [b"a", b"b"]
    assert loop.time() - start >= 0.001


async def test_held_frames_arrive_when_and_in_which_order_the_test_says() -> None:
    wire = Wire()
    wire.transport.hold()
    for number in range(3):
        wire.transport.send(bytes([number]))
        wire.transport.send_up(bytes([number]))
    await turns()
    assert (wire.heard, wire.port.heard) == ([], [])
    wire.transport.deliver_down(2)
    wire.transport.deliver_up(-1)
    assert wire.heard == wire.port.heard == [b"\2"]
    wire.transport.release()
    await turns()
    assert wire.heard == wire.port.heard == [b"\2", b"\0", b"\1"]
    with pytest.raises(IndexError):
        wire.transport.deliver_down()


async def test_one_direction_can_be_held() -> None:
    wire = Wire()
    wire.transport.hold(up=False)
    wire.transport.send(b"down")
    wire.transport.send_up(b"up")
    await turns()
    assert (wire.heard, wire.port.heard) == ([], [b"up"])


async def test_room_is_what_is_not_in_flight() -> None:
    wire = Wire(high_water=10)
    wire.transport.hold()
    wire.transport.send(b"1234567")
    assert wire.transport.room() == 3
    wire.transport.send(b"1234567")
    assert wire.transport.room() == -4
    wire.transport.deliver_down()
    assert wire.transport.room() == 3
    assert wire.port.heard == ["writable"]
    wire.transport.deliver_down()
    assert wire.port.heard == ["writable"]


async def test_the_replicas_close_arrives_behind_the_frames_before_it() -> None:
    wire = Wire()
    wire.transport.send(b"last")
    wire.transport.close(1001, "bye")
    wire.transport.close(1011, "again")
    wire.transport.send(b"lost")
    wire.transport.send_up(b"lost")
    await turns()
    assert wire.heard == [b"last", (1001, "bye")]
    assert wire.port.heard == []


async def test_a_held_close_arrives_with_the_last_frame() -> None:
    wire = Wire()
    wire.transport.hold()
    wire.transport.send(b"last")
    wire.transport.close(1001, "bye")
    await turns()
    assert wire.heard == []
    wire.transport.deliver_down()
    assert wire.heard == [b"last", (1001, "bye")]


async def test_a_held_close_without_frames_arrives_on_release() -> None:
    wire = Wire()
    wire.transport.hold()
    wire.transport.close(1001, "bye")
    await turns()
    assert wire.heard == []
    wire.transport.release()
    await turns()
    assert wire.heard == [(1001, "bye")]


async def test_a_cut_loses_what_is_in_flight() -> None:
    wire = Wire()
    wire.transport.send(b"lost")
    wire.transport.send_up(b"lost")
    wire.transport.cut()
    wire.transport.cut()
    wire.transport.send(b"lost")
    wire.transport.close(1001, "lost")
    await turns()
    assert wire.heard == []
    assert wire.port.heard == ["closed"]


# -- MemoryClient


class World:
    """A replica with a state of one key, and what it sends to its server."""

    def __init__(self) -> None:
        self.sent: list[LinkOp] = []
        self.pump = ReplicaPump(Replica(), asyncio.get_running_loop())
        self.pump.link_attached(self.sent.append)
        self.pump.receive_link(Snapshot(Epoch("e"), 1, {"name": "demo", "secret": "s"}, [("x", 1, pack(1))]))

    def client(self, **options: Any) -> MemoryClient[ClientSession]:
        return MemoryClient(self.pump, ClientSession(secret="s"), **options)


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    world.pump.close()


async def test_a_session_over_memory(world: World) -> None:
    client = world.client()
    client.connect()
    await client.until(lambda: client.events)
    assert client.events == [StateChanged({"x": 1}, snapshot=True), Ready(False, "demo")]
    request = client.peer.call("m")
    client.flush()
    await turns()
    assert isinstance(world.sent[-1], Call)
    assert request.startswith("rpc:c")


async def test_a_client_without_a_connection(world: World) -> None:
    client = world.client()
    assert not client.connected
    with pytest.raises(RuntimeError, match="not connected"):
        _ = client.transport
    client.cut()
    client.flush()


async def test_cut_and_resume(world: World) -> None:
    client = world.client(identity="me")
    client.connect()
    await client.until(lambda: client.events)
    client_id = client.peer.client_id
    client.cut()
    assert not client.connected
    assert not client.peer.live
    client.connect()
    await client.until(lambda: client.peer.live)
    assert client.events[-1] == Ready(True, "demo")
    assert client.peer.client_id == client_id


async def test_a_goodbye_ends_the_session(world: World) -> None:
    client = world.client()
    client.connect()
    await client.until(lambda: client.events)
    client.peer.leave()
    client.flush()
    await client.until(lambda: client.closed)
    assert client.closed == (1000, "the client left")
    assert world.sent[-1] == ClientClosed(ClientId(client.peer.client_id or ""))


async def test_the_replica_ends_the_connection(world: World) -> None:
    client = world.client()
    client.connect()
    await client.until(lambda: client.peer.live)
    world.pump.receive_link(Message(b"\xc0", ClientId("nobody")), Stopped(1001, "Server shutdown"))
    world.pump.close()
    await client.until(lambda: client.closed)
    assert client.closed == (1001, "Server shutdown")
    assert not client.connected
    client.connect()
    assert client.closed is None


async def test_connecting_again_cuts_the_connection_before(world: World) -> None:
    peer = Echo()
    client = MemoryClient(world.pump, peer)
    first = client.connect()
    assert client.connect() is not first
    assert peer.life == ["connected", "disconnected", "connected"]
    assert len(world.pump) == 1


async def test_what_the_peer_refuses_ends_its_connection_and_is_raised(world: World) -> None:
    peer = Echo()
    peer.refuses = True
    client = MemoryClient(world.pump, peer)
    peer.output = [b"x" * 12]
    transport = client.connect()
    transport.release()
    transport.send(b"frame")
    with pytest.raises(MalformedFrameError):
        await client.until(lambda: False)
    assert not client.connected
