"""A stock client over the comm of trame's own bridge."""

from typing import cast

from jupyter_trame.transports.base import ClientPort
from jupyter_trame.transports.pace import MessageRate
from jupyter_trame.transports.stock_comm import StockCommTransport
from jupyter_trame.types import Packed
from tests.transports.clock import Clock


class FakePort:
    def __init__(self) -> None:
        self.urgent = False
        self.writables = 0
        self.closes = 0

    def writable(self) -> None:
        self.writables += 1

    def closed(self) -> None:
        self.closes += 1


class Scene:
    def __init__(self, *, rate: float = 10.0, burst: int = 2) -> None:
        self.clock = Clock()
        self.posts: list[Packed] = []
        self.fails = False
        self.transport = StockCommTransport(
            self.post, self.clock.loop, MessageRate(self.clock.loop, rate=rate, burst=burst)
        )
        self.port = FakePort()
        self.transport.port = cast("ClientPort", self.port)

    def post(self, frame: Packed) -> None:
        if self.fails:
            raise RuntimeError("the comm is closed")
        self.posts.append(frame)


def test_one_message_a_frame_in_order() -> None:
    scene = Scene()
    frames = [bytes((number,)) for number in range(10)]
    for frame in frames:
        scene.transport.send(frame)
    assert scene.posts == frames[:2]
    scene.clock.advance(1.0)
    assert scene.posts == frames


def test_values_wait_in_the_replica_and_answers_do_not() -> None:
    scene = Scene()
    assert scene.transport.room() > 0
    scene.transport.send(b"1")
    assert scene.transport.room() <= 0
    scene.port.urgent = True
    assert scene.transport.room() > 0
    scene.transport.send(b"2")
    scene.port.urgent = False
    assert scene.transport.room() <= 0
    scene.clock.advance(1 / 60)
    assert scene.port.writables == 1
    assert scene.transport.room() > 0
    assert scene.posts == [b"1", b"2"]


def test_there_is_no_room_while_a_message_waits_in_line() -> None:
    scene = Scene(burst=1)
    scene.port.urgent = True
    for frame in (b"1", b"2"):
        scene.transport.send(frame)
    assert scene.transport.room() <= 0
    scene.clock.advance(0.1)
    assert scene.posts == [b"1", b"2"]
    assert scene.port.writables
    assert scene.transport.room() > 0


def test_after_the_end_nothing_leaves() -> None:
    scene = Scene()
    for _ in range(3):
        scene.transport.send(b"x")
    scene.transport.close(1001, "Server shutdown")
    scene.transport.send(b"y")
    assert scene.transport.closed
    assert scene.transport.room() == 0
    scene.clock.advance(1.0)
    assert scene.posts == [b"x", b"x"]
    scene.transport.gone()
    assert (scene.port.closes, scene.port.writables) == (0, 0)


def test_a_page_that_is_gone_is_told_to_the_replica_once() -> None:
    scene = Scene()
    scene.transport.gone()
    scene.transport.gone()
    assert scene.port.closes == 1


def test_a_comm_that_fails_costs_nobody_else() -> None:
    scene = Scene()
    scene.fails = True
    scene.transport.send(b"x")
    scene.fails = False
    scene.transport.send(b"y")
    assert scene.posts == [b"y"]
