"""Who is given up, and who is not: through a pump whose clients say what the test says."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.protocol import Limits, Replica
from jupyter_trame.protocol.chunking import HEADER
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.protocol.link import Snapshot
from jupyter_trame.protocol.session import Hello
from jupyter_trame.transports.base import ClientPort, LingeringTransport
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.types import Epoch

pytestmark = pytest.mark.asyncio

SOON = 0.04


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110 - most conditions here have no event of their own
        await asyncio.sleep(0.001)


class Transport(LingeringTransport):
    kind = "memory"
    always_reads = True

    def __init__(self) -> None:
        self.aborted = False
        self.closed: tuple[int, str] | None = None

    def room(self) -> int:
        return 1 << 20

    def send(self, frame: Any) -> None:
        pass

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    def abort(self) -> None:
        self.aborted = True


class Scene:
    """A pump with clients."""

    def __init__(self, validate: Any = None, *, live: bool = True, **limits: Any) -> None:
        replica = Replica(limits=Limits(**limits), validate=validate)
        self.pump = ReplicaPump(replica, asyncio.get_running_loop())
        self.counts: list[int] = []
        self.pump.on_clients = self.counts.append
        if live:
            self.go_live()

    def go_live(self) -> None:
        self.pump.link_attached(lambda op: None)
        self.pump.receive_link(Snapshot(Epoch("e"), 1, {"name": "n", "secret": "s"}, []))

    def connect(self, *, reads: bool = True) -> tuple[ClientPort, Transport]:
        transport = Transport()
        transport.always_reads = reads
        return self.pump.connect(transport), transport

    def client(self) -> tuple[ClientPort, Transport]:
        port, transport = self.connect()
        greet(port)
        return port, transport


def greet(port: ClientPort, secret: str = "s") -> None:
    session = ClientSession(secret)
    session.connected()
    for frame in session.take_output():
        port.receive(frame)


async def test_who_says_nothing_is_given_up() -> None:
    scene = Scene(hello_wait=SOON)
    _, silent = scene.connect()
    _, client = scene.client()
    await until(lambda: silent.closed)
    assert silent.closed == (1008, "no hello came within 0.04 s")
    assert client.closed is None
    assert len(scene.pump) == 1
    scene.pump.close()


async def test_a_wrong_secret_and_noise_are_no_hello() -> None:
    scene = Scene(hello_wait=SOON)
    port, stranger = scene.connect()
    while not stranger.closed:
        greet(port, "wrong")
        await asyncio.sleep(0.001)
    assert stranger.closed[0] == 1008
    assert scene.counts == []


async def test_who_waits_for_a_validator_stays() -> None:
    asked: list[Hello] = []

    def decide_later(hello: Hello) -> None:
        asked.append(hello)

    scene = Scene(decide_later, hello_wait=SOON)
    _, waiting = scene.client()
    for _ in range(3):  # three others are given up meanwhile, one after the other
        _, silent = scene.connect()
        await until(lambda silent=silent: silent.closed)
    assert waiting.closed is None
    scene.pump.admit(asked[0], True)
    assert scene.counts == [1]
    scene.pump.close()


async def test_who_waits_for_the_kernel_stays() -> None:
    scene = Scene(live=False, hello_wait=SOON)
    _, waiting = scene.client()
    _, silent = scene.connect()
    await until(lambda: silent.closed)
    assert waiting.closed is None
    scene.go_live()
    assert scene.counts == [1]
    scene.pump.close()


async def test_a_transport_that_does_not_always_read_measures_nobody() -> None:
    scene = Scene(hello_wait=SOON)
    _, busy = scene.connect(reads=False)
    _, silent = scene.connect()
    await until(lambda: silent.closed)
    assert busy.closed is None
    scene.pump.close()


async def test_a_blocked_loop_costs_nobody_the_connection() -> None:
    """The time that passed is far above the patience, but nothing was read in it."""
    scene = Scene(hello_wait=SOON)
    port, client = scene.connect()
    time.sleep(SOON * 5)  # noqa: ASYNC251 - a callback of the app
    for _ in range(2):
        await asyncio.sleep(0)
    greet(port)
    assert client.closed is None
    assert scene.counts == [1]
    scene.pump.close()


async def test_the_oldest_stranger_makes_room() -> None:
    scene = Scene(strangers=3)
    strangers = [scene.connect()[1] for _ in range(3)]
    scene.client()
    _, client = scene.client()
    assert [stranger.closed is None for stranger in strangers] == [False, True, True]
    assert strangers[0].closed == (1013, "others connect, and no hello came")
    for _ in range(100):
        scene.connect()
    assert client.closed is None
    assert len(scene.pump) <= 5
    assert scene.pump.clients == 2
    scene.pump.close()


async def test_who_was_told_to_go_makes_room_first() -> None:
    scene = Scene(strangers=3)
    _, client = scene.client()
    refused = [scene.connect() for _ in range(2)]
    for port, _ in refused:
        port.receive(b"no frame")
    _, silent = scene.connect()
    assert [transport.aborted for _, transport in refused] == [False, False]
    scene.connect()
    assert [transport.aborted for _, transport in refused] == [True, False]
    refused[1][0].closed()  # which gives its place back
    scene.connect()
    assert silent.closed is None
    scene.connect()
    assert silent.closed == (1013, "others connect, and no hello came")
    assert not silent.aborted
    assert not refused[1][1].aborted
    scene.connect()
    assert silent.aborted
    assert client.closed is None
    scene.pump.close()


async def test_a_stranger_that_the_replica_refuses_makes_room() -> None:
    scene = Scene(strangers=1, live=False)
    port, refused = scene.connect()
    while not refused.closed:
        port.receive(HEADER.pack(0, 0, 400) + bytes(400))
    scene.connect()
    assert refused.aborted
    scene.pump.close()


async def test_who_has_hung_up_already_keeps_nothing() -> None:
    scene = Scene(strangers=1)
    port, refused = scene.connect()
    port.leaving = True  # a message of it was still being read
    port.receive(b"no frame")
    assert refused.closed
    scene.connect()
    assert not refused.aborted
    scene.pump.close()


async def test_clients_that_are_told_to_go_count_for_nobody() -> None:
    scene = Scene(strangers=1)
    port, client = scene.client()
    port.receive(b"no frame")
    assert client.closed
    for _ in range(3):
        scene.connect()
    assert not client.aborted
    scene.pump.close()


async def test_clients_are_counted_when_they_are_let_in_and_when_they_leave() -> None:
    scene = Scene()
    stranger, _ = scene.connect()
    port, _ = scene.client()
    other, _ = scene.client()
    stranger.closed()
    port.closed()
    other.closed()
    assert scene.counts == [1, 2, 1, 0]


async def test_the_rest_of_a_message_has_to_come() -> None:
    scene = Scene(silence=SOON)
    port, client = scene.client()
    port.receive(HEADER.pack(5, 0, 100) + b"x")
    await until(lambda: client.closed)
    assert client.closed == (1008, "the rest of a message did not come within 0.04 s")


async def test_the_rest_of_a_frame_has_to_come() -> None:
    scene = Scene(silence=SOON)
    port, client = scene.client()
    port.holds(10)
    _, other = scene.client()
    await until(lambda: client.closed)
    assert other.closed is None
    scene.pump.close()


async def test_who_goes_on_sending_stays() -> None:
    scene = Scene(silence=SOON)
    port, client = scene.client()
    sent = 0
    silent_port, silent = scene.client()
    silent_port.holds(1)
    while not silent.closed:
        port.receive(HEADER.pack(5, sent, 100_000) + b"x")
        sent += 1
        await asyncio.sleep(0)
    assert client.closed is None
    scene.pump.close()


async def test_who_has_finished_may_be_silent() -> None:
    scene = Scene(silence=SOON)
    port, client = scene.client()
    port.holds(50)
    port.holds(0)
    other, silent = scene.client()
    other.holds(1)
    await until(lambda: silent.closed)
    assert client.closed is None
    scene.pump.close()


async def test_all_clients_together_have_a_bound() -> None:
    scene = Scene(message=1000, frame=100, unfinished=0)
    clients = [scene.client() for _ in range(10)]
    for number, (port, _) in enumerate(clients):
        port.receive(HEADER.pack(number, 0, 300) + bytes(150))
    closed = [transport.closed for _, transport in clients]
    assert closed[-1] is None
    assert closed[0] == (1013, "unfinished messages of all clients are over 1200 bytes")
    assert sum(port.channel.held for port, t in clients if t.closed is None) <= 1200
    scene.pump.close()
