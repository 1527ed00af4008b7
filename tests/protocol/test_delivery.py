"""Queues of clients, and which of them have something to send."""

import pytest

from jupyter_trame.protocol.chunking import Assembler
from jupyter_trame.protocol.delivery import Delivery, Sessions
from jupyter_trame.protocol.envelope import pack_publication
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.session import Channel, Session
from jupyter_trame.protocol.table import Table
from jupyter_trame.types import ClientId

PAYLOAD = pack_publication("t", "x" * 100)


class Scene:
    def __init__(self) -> None:
        self.limits = Limits(client_queue=1000)
        self.table = Table(1 << 20)
        self.sessions = Sessions(self.limits, lambda: "token", lambda _: None)
        self.lost: list[Session] = []
        self.delivery = Delivery(self.table, self.sessions, self.lost.append)

    def client(self, name: str, *, native: bool = True) -> Session:
        channel = Channel(None, True, self.limits, Assembler(512, 1))
        session = self.sessions.open(channel, ClientId(name), native=native)
        session.synced = True
        return session


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_channel_is_ready_once(scene: Scene) -> None:
    session = scene.client("a")
    scene.delivery.keys(session, ["x"])
    scene.delivery.reply(session, PAYLOAD)
    assert list(scene.delivery.take_ready()) == [session.channel]
    assert list(scene.delivery.take_ready()) == []


def test_a_channel_that_is_gone_is_not_ready(scene: Scene) -> None:
    session = scene.client("a")
    scene.delivery.reply(session, PAYLOAD)
    assert session.channel is not None
    scene.delivery.forget(session.channel)
    assert list(scene.delivery.take_ready()) == []


def test_keys_wait_for_clients_that_have_the_state(scene: Scene) -> None:
    session = scene.client("a")
    session.synced = False
    scene.delivery.keys(session, ["x"])
    assert not session.outbox
    assert list(scene.delivery.take_ready()) == []


def test_who_is_away_finds_it_later(scene: Scene) -> None:
    session = scene.client("a")
    session.channel = None
    scene.delivery.keys(session, ["x"])
    scene.delivery.reply(session, PAYLOAD)
    assert session.outbox.holds_keys
    assert list(scene.delivery.take_ready()) == []


def test_a_broadcast_is_cut_into_frames_once(scene: Scene) -> None:
    sessions = [scene.client("a"), scene.client("b"), scene.client("c", native=False)]
    scene.delivery.broadcast(PAYLOAD, native=True)
    first, second, none = [session.outbox.pop() for session in sessions]
    assert first is second
    assert none is None
    scene.delivery.broadcast(PAYLOAD, native=False)
    assert sessions[2].outbox


def test_too_much_costs_the_client_its_connection(scene: Scene) -> None:
    session = scene.client("a")
    for _ in range(10):
        scene.delivery.reply(session, PAYLOAD)
    assert scene.lost[0] is session
    assert session.channel is not None
    assert session.channel.closing == (1013, "over 1000 bytes wait for this client: it is too slow")


def test_answers_outside_a_session_are_bounded_too(scene: Scene) -> None:
    channel = Channel(None, False, scene.limits, Assembler(512, 1))
    for _ in range(64):
        scene.delivery.direct(channel, PAYLOAD)
    assert channel.closing is None
    scene.delivery.direct(channel, PAYLOAD)
    assert channel.closing is not None
    assert channel.closing[0] == 1013


def test_only_stock_clients_are_closed(scene: Scene) -> None:
    native, stock = scene.client("a"), scene.client("b", native=False)
    assert native.channel is not None
    assert stock.channel is not None
    scene.delivery.close_stock(1012, "again")
    assert native.channel.closing is None
    assert stock.channel.closing == (1012, "again")


def test_answers_are_urgent_and_broadcasts_are_not(scene: Scene) -> None:
    session = scene.client("a")
    scene.delivery.broadcast(PAYLOAD, native=True)
    assert session.outbox.urgent == 0
    scene.delivery.reply(session, PAYLOAD)
    assert session.outbox.urgent == 1
