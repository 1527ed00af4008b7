"""Starts that are waited for in several requests, joined, and stopped."""

import asyncio
from typing import Any, cast

import pytest

from jupyter_trame.extension.api_handler import ApiError
from jupyter_trame.extension.server_models import ServerModel
from jupyter_trame.extension.starts import Starts
from tests.extension.support import until

MODEL: Any = object()


class App:
    """Starts when it is let, and notes how often, and how often it was stopped."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.begun = self.stopped = 0

    async def start(self) -> ServerModel:
        self.begun += 1
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        return cast("ServerModel", MODEL)


async def test_it_is_up_when_it_is_up() -> None:
    app, starts = App(), Starts()
    start = starts.begin("the app 'a'", app.start)
    assert await start.wait(0) is None
    assert starts.find(start.id) is start
    app.let.set()
    assert await start.wait(10) is MODEL
    assert await starts.find(start.id).wait(0) is MODEL  # for whom the answer was lost


async def test_an_outcome_is_not_kept_for_ever() -> None:
    app, starts = App(), Starts(kept=0)
    start = starts.begin("the app 'a'", app.start)
    app.let.set()
    await start.wait(10)

    def is_gone() -> bool:
        try:
            starts.find(start.id)
        except ApiError as error:
            return str(error) == f"there is no start {start.id!r}, or it ended a while ago"
        return False

    await until(is_gone)


async def test_who_does_not_wait_ends_nothing() -> None:
    app, starts = App(), Starts()
    start = starts.begin("the app 'a'", app.start)
    waiting = asyncio.ensure_future(start.wait(10))
    await until(lambda: app.begun)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    app.let.set()
    assert await start.wait(10) is MODEL


async def test_two_who_start_one_app_again_wait_for_the_same() -> None:
    app, starts = App(), Starts()
    first = starts.begin("a", app.start, ("k", "a"))
    assert starts.begin("a", app.start, ("k", "a")) is first
    other = starts.begin("b", app.start, ("k", "b"))
    assert other is not first
    app.let.set()
    await asyncio.gather(first.wait(10), other.wait(10))
    assert app.begun == 2
    assert starts.begin("a", app.start, ("k", "a")) is not first
    await starts.close()


async def test_one_that_is_stopped_says_so() -> None:
    app, starts = App(), Starts()
    start = starts.begin("the app 'a'", app.start, ("k", "a"))
    waiting = asyncio.ensure_future(start.wait(10))
    await until(lambda: app.begun)
    await starts.stop_at(("k", "b"))
    assert app.stopped == 0
    await starts.stop_at(("k", "a"))
    assert app.stopped == 1
    with pytest.raises(ApiError, match="the start of the app 'a' was stopped"):
        await waiting
    assert await starts.stop(start) is None


async def test_one_that_fails_tells_each_who_asks() -> None:
    async def start() -> ServerModel:
        raise ValueError("no data")

    starts = Starts()
    begun = starts.begin("a", start)
    for _ in range(2):
        with pytest.raises(ValueError, match="no data"):
            await begun.wait(10)
    assert await starts.stop(begun) is None


async def test_one_that_is_up_is_told_to_who_stops_it() -> None:
    app, starts = App(), Starts()
    start = starts.begin("a", app.start)
    app.let.set()
    await start.wait(10)
    assert await starts.stop(start) is MODEL


async def test_closing_ends_all() -> None:
    app, starts = App(), Starts()
    for _ in range(2):
        starts.begin("a", app.start)
    await until(lambda: app.begun == 2)
    await starts.close()
    assert app.stopped == 2
