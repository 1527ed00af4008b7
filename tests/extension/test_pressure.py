"""How far clients are behind, in few words."""

import asyncio

from jupyter_trame.extension.pressure import Gauge
from tests.extension.support import until


class Scene:
    def __init__(self, look_again: float = 0.5) -> None:
        self.waiting = 0
        self.told: list[int] = []
        self.gauge = Gauge(
            lambda: self.waiting,
            lambda op: self.told.append(op.waiting),
            asyncio.get_running_loop(),
            look_again=look_again,
        )

    def wait(self, count: int) -> None:
        self.waiting = count
        self.gauge.look()


async def test_only_large_changes_are_told() -> None:
    scene = Scene()
    for count in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 7, 6, 0, 0]:
        scene.wait(count)
    assert scene.told == [1, 2, 4, 8, 7, 0]
    scene.gauge.reset()


async def test_it_looks_again_by_itself() -> None:
    scene = Scene(look_again=0.001)
    scene.wait(5)
    scene.waiting = 0
    await until(lambda: scene.told == [5, 0])


async def test_the_next_link_is_told_anew() -> None:
    scene = Scene()
    scene.wait(5)
    scene.gauge.reset()
    scene.wait(5)
    assert scene.told == [5, 5]
    scene.gauge.reset()
