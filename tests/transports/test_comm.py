"""A client over custom messages."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_trame.protocol import Replica
from jupyter_trame.transports.comm import CommTransport, MessageRate
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.types import Packed
from tests.server.support import turn


class Page:
    """What a page gets, and a port that records."""

    def __init__(self, rate: MessageRate | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.messages: list[tuple[dict[str, Any], list[bytes]]] = []
        self.received: list[bytes] = []
        self.events: list[Any] = []
        self.transport = CommTransport("v1", self.post, loop, rate or MessageRate(loop))
        self.transport.port = self  # type: ignore[assignment]

    def post(self, content: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        self.messages.append((dict(content), [bytes(buffer) for buffer in buffers]))

    def receive(self, frame: Packed) -> None:
        self.received.append(bytes(frame))

    def writable(self) -> None:
        self.events.append("writable")

    def closed(self, code: int | None = None) -> None:
        self.events.append(("closed", code))


def run(scenario: Callable[[], Any]) -> None:
    asyncio.run(scenario())


def test_frames_of_one_turn_are_one_numbered_message() -> None:
    async def scenario() -> None:
        page = Page()
        page.transport.send(b"a")
        page.transport.send(b"b")
        assert not page.messages
        await turn()
        page.transport.send(b"c")
        await turn()
        assert page.messages == [
            ({"jt": "frames", "view": "v1", "n": 0}, [b"a", b"b"]),
            ({"jt": "frames", "view": "v1", "n": 1}, [b"c"]),
        ]

    run(scenario)


def test_a_gap_closes_the_connection() -> None:
    async def scenario() -> None:
        page = Page()
        page.transport.receive(0, [b"a", b"b"])
        page.transport.receive(2, [b"c"])
        assert page.received == [b"a", b"b"]
        assert page.events == [("closed", None)]
        assert page.messages[-1][0]["jt"] == "close"
        assert page.messages[-1][0]["reason"] == "message 1 was expected and 2 came"
        assert page.transport.closed
        page.transport.receive(1, [b"d"])
        page.transport.send(b"x")
        await turn()
        assert page.received == [b"a", b"b"]
        assert len(page.messages) == 1

    run(scenario)


def test_closing_sends_what_waits_first_and_once() -> None:
    async def scenario() -> None:
        page = Page()
        page.transport.send(b"last")
        page.transport.close(1001, "bye")
        page.transport.close(1001, "bye")
        await turn()
        assert [message["jt"] for message, _ in page.messages] == ["frames", "close"]
        assert page.messages[1][0] == {"jt": "close", "view": "v1", "code": 1001, "reason": "bye"}
        assert page.transport.room() == 0

    run(scenario)


def test_the_page_goes() -> None:
    async def scenario() -> None:
        page = Page()
        page.transport.gone(1001)
        page.transport.gone(1001)
        assert page.events == [("closed", 1001)]

    run(scenario)


def test_room_counts_what_waits() -> None:
    async def scenario() -> None:
        page = Page()
        room = page.transport.room()
        page.transport.send(bytes(room))
        assert page.transport.room() <= 0
        await turn()
        assert page.transport.room() == room
        assert page.events == ["writable"]

    run(scenario)


def test_messages_are_fewer_than_the_rate_and_nothing_is_lost() -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        now = 0.0
        timers: list[tuple[float, Callable[[], None]]] = []

        class Clock:
            def time(self) -> float:
                return now

            def call_later(self, delay: float, call: Callable[[], None]) -> Any:
                timers.append((now + delay, call))
                return loop.call_later(1000, lambda: None)

        rate = MessageRate(Clock(), rate=10, burst=3)  # type: ignore[arg-type]
        page = Page(rate)
        for number in range(5):
            page.transport.send(bytes([number]))
            await turn()
        assert [buffers for _, buffers in page.messages] == [[b"\0"], [b"\1"], [b"\2"]]
        assert page.transport.room() == 0
        now, call = timers.pop()
        assert now == 0.1
        call()
        assert page.messages[-1][1] == [b"\3", b"\4"]
        assert page.transport.room() > 0
        assert page.events == ["writable"]
        rate.close()

    run(scenario)


def test_a_comm_that_fails_does_not_reach_the_loop() -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()

        def fail(*_: Any) -> None:
            raise RuntimeError("closed")

        pump = ReplicaPump(Replica(), loop)
        transport = CommTransport("v", fail, loop, MessageRate(loop))
        transport.port = pump.connect(transport, trusted=True)
        transport.send(b"x")
        await turn()
        transport.close(1000, "")

    run(scenario)
