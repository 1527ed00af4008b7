"""Lives of an app whose callbacks do not end in time: the calls that wait for them, and the life after them."""

import asyncio
import threading

import pytest
import trio

from jupyter_trame.errors import ServerError
from jupyter_trame.server import Server
from jupyter_trame.trio import Client, app_life, running
from tests.trio.apps import until
from tests.trio.support import on_trio


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds that a test has for a callback that does not end."""
    monkeypatch.setattr(app_life, "_PATIENCE", 0.2)


def threads() -> list[threading.Thread]:
    """Those of apps."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("trame-app")]


@on_trio
async def test_a_callback_that_blocks_fails_its_call_and_keeps_the_app_from_running_again() -> None:
    server = Server("app")
    app = running(server)
    busy, go_on = threading.Event(), threading.Event()

    def block() -> None:
        busy.set()
        go_on.wait()

    async def call() -> None:
        with pytest.raises(ServerError, match="does not end"):
            await app.call(block)

    async with trio.open_nursery() as nursery, app:
        nursery.start_soon(call)
        await trio.to_thread.run_sync(busy.wait)
    with pytest.raises(ServerError, match="does not run"):
        await app.call(len, "x")
    with pytest.raises(ServerError, match="runs already"):
        async with app:
            pytest.fail("its last life goes on")
    go_on.set()
    await until(lambda: not threads())
    async with app as address, Client(address):
        assert await app.call(len, "xy") == 2


@on_trio
async def test_a_cancelled_call_waits_no_longer_than_the_app() -> None:
    app = running(Server("app"))
    busy, go_on = threading.Event(), threading.Event()

    def block() -> None:
        busy.set()
        go_on.wait()

    async with trio.open_nursery() as nursery, app:
        nursery.start_soon(app.call, block)
        await trio.to_thread.run_sync(busy.wait)
        nursery.cancel_scope.cancel()
    go_on.set()
    await until(lambda: not threads())


@on_trio
async def test_the_end_of_a_late_life_leaves_the_next_one_alone() -> None:
    server = Server("app")
    app = running(server)
    go_on = threading.Event()
    ends: list[str] = []
    tasks: list[asyncio.Future[None]] = []

    async def stay() -> None:
        while not go_on.is_set():  # whoever cancels it
            try:
                await asyncio.sleep(0.001)
            except asyncio.CancelledError:
                ends.append("cancelled")

    def begin() -> None:
        tasks.append(asyncio.ensure_future(stay()))

    async with app:
        await app.call(begin)
    assert ends
    [late] = threads()
    async with app as address, Client(address) as client:
        go_on.set()
        await until(lambda: not late.is_alive())
        assert await app.call(threading.get_ident) == threads()[0].ident
        with client.state:
            client.state.x = 1
        await until(lambda: server.state["x"] == 1)
    assert not threads()
