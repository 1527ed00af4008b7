"""A stock client over the comm of trame's own bridge."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from jupyter_trame.transports.comm import MessageRate
from jupyter_trame.transports.pump import ClientPort
from jupyter_trame.transports.stock_comm import StockCommTransport
from jupyter_trame.types import Packed


class FakePort:
    def __init__(self) -> None:
        self.writables = 0
        self.closes = 0

    def writable(self) -> None:
        self.writables += 1

    def closed(self, code: int | None = None) -> None:
        self.closes += 1


class Scene:
    def __init__(self, *, rate: float = 1000.0, burst: int = 2) -> None:
        loop = asyncio.get_running_loop()
        self.posts: list[Packed] = []
        self.fails = False
        self.rate = MessageRate(loop, rate=rate, burst=burst)
        self.transport = StockCommTransport(self.post, loop, self.rate)
        self.port = FakePort()
        self.transport.port = cast("ClientPort", self.port)

    def post(self, frame: Packed) -> None:
        if self.fails:
            raise RuntimeError("the comm is closed")
        self.posts.append(frame)

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - the rate has no event
                await asyncio.sleep(0.001)


def run(scenario: Callable[[Scene], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        scene = Scene(**options)
        await scenario(scene)
        scene.rate.close()

    asyncio.run(main())


def test_one_message_a_frame_in_order() -> None:
    async def scenario(scene: Scene) -> None:
        frames = [bytes((number,)) for number in range(10)]
        for frame in frames:
            scene.transport.send(frame)
        assert scene.posts == frames[:2]
        await scene.until(lambda: scene.posts == frames)

    run(scenario)


def test_a_full_queue_has_no_room_until_it_is_empty() -> None:
    async def scenario(scene: Scene) -> None:
        for _ in range(4):
            scene.transport.send(bytes(2 << 20))
        assert scene.transport.room() <= 0
        assert scene.port.writables == 0
        await scene.until(lambda: scene.port.writables == 1)
        assert len(scene.posts) == 4
        assert scene.transport.room() == 4 << 20

    run(scenario)


def test_after_the_end_nothing_leaves() -> None:
    async def scenario(scene: Scene) -> None:
        for _ in range(3):
            scene.transport.send(b"x")
        scene.transport.close(1001, "Server shutdown")
        scene.transport.send(b"y")
        assert scene.transport.closed
        assert scene.transport.room() == 0
        await asyncio.sleep(0.01)
        assert scene.posts == [b"x", b"x"]
        scene.transport.gone()
        assert scene.port.closes == 0

    run(scenario)


def test_a_page_that_is_gone_is_told_to_the_replica_once() -> None:
    async def scenario(scene: Scene) -> None:
        scene.transport.gone()
        scene.transport.gone()
        assert scene.port.closes == 1

    run(scenario)


def test_a_comm_that_fails_costs_nobody_else() -> None:
    async def scenario(scene: Scene) -> None:
        scene.fails = True
        scene.transport.send(b"x")
        scene.fails = False
        scene.transport.send(b"y")
        assert scene.posts == [b"y"]

    run(scenario)
