"""When a client counts as gone."""

import asyncio
from collections.abc import Callable

import pytest

from jupyter_trame.transports.heartbeat import Heartbeat

pytestmark = pytest.mark.asyncio

INTERVAL = 0.01


class Wire:
    """A connection whose other end is in the hands of the test."""

    def __init__(self, on_ping: Callable[["Wire"], object] = lambda wire: None) -> None:
        self.pings = 0
        self.unsent = 0
        self.deaf = False
        self.gone = asyncio.Event()
        self._on_ping = on_ping
        self.heartbeat = Heartbeat(
            INTERVAL,
            ping=self._ping,
            unsent=lambda: self.unsent,
            on_gone=self._end,
            deaf=lambda: self.deaf,
        )

    async def pinged(self, times: int) -> None:
        while self.pings < times:  # noqa: ASYNC110 - the timer is what is tested
            await asyncio.sleep(INTERVAL / 10)

    def _ping(self) -> None:
        self.pings += 1
        self.unsent += 2
        self._on_ping(self)

    def _end(self) -> None:
        assert not self.gone.is_set()
        self.gone.set()


async def test_who_misses_three_pings_is_gone() -> None:
    wire = Wire()
    await wire.gone.wait()
    assert wire.pings == 3


async def test_who_answers_now_and_then_stays() -> None:
    wire = Wire(lambda wire: wire.pings % 3 or wire.heartbeat.heard())
    await wire.pinged(10)
    assert not wire.gone.is_set()
    wire.heartbeat.stop()


async def test_who_still_receives_stays_until_nothing_moves_any_more() -> None:
    def send_on(wire: Wire) -> None:
        wire.unsent -= 10 if wire.unsent > 20 else 2

    wire = Wire(lambda wire: asyncio.get_running_loop().call_soon(send_on, wire))
    wire.unsent = 100
    await wire.pinged(6)
    assert not wire.gone.is_set()
    wire.heartbeat._ping = lambda: None
    await wire.gone.wait()


async def test_who_is_not_listened_to_stays() -> None:
    wire = Wire()
    wire.deaf = True
    await wire.pinged(10)
    assert not wire.gone.is_set()
    wire.deaf = False
    await wire.gone.wait()


async def test_nothing_is_sent_after_the_end() -> None:
    wire = Wire()
    await wire.pinged(1)
    wire.heartbeat.stop()
    await asyncio.sleep(5 * INTERVAL)
    assert (wire.pings, wire.gone.is_set()) == (1, False)
