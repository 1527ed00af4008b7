"""An app beside a trio program: its life, calls across, and what a stranger may not."""

import asyncio
import threading
from typing import Any

import pytest
import trio

from jupyter_trame.errors import ServerError
from jupyter_trame.server import Server
from jupyter_trame.trio import Client, InvalidStatusCode, connect, running
from tests.trio.apps import running_app, until
from tests.trio.support import on_trio


@on_trio
async def test_the_app_runs_while_the_block_does_and_again() -> None:
    server = Server("app")
    server.state.x = 1
    for x in (1, 2):
        app = running(server)
        async with app as address:
            async with Client(address) as client:
                assert client.state.x == x
                with client.state:
                    client.state.x = 2
            assert server.running
        assert not server.running
        with pytest.raises(ConnectionError):
            async with Client(address):
                pytest.fail("it has ended")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("trame-app")]


@on_trio
async def test_calls_cross_to_the_app_s_own_thread() -> None:
    async with running_app() as app, Client(app.address) as client:
        await client.call_trigger("add", [1])
        there = await app.run.call(threading.get_ident)
        assert app.threads == [there]
        assert there != threading.get_ident()

        async def add(a: int, b: int) -> int:
            await asyncio.sleep(0)
            return a + b

        assert await app.run.call(add, 2, 3) == 5
        with pytest.raises(ZeroDivisionError):
            await app.run.call(lambda: 1 / 0)


@on_trio
async def test_a_call_that_is_cancelled_here_is_cancelled_there() -> None:
    ends: list[str] = []
    began = threading.Event()

    async def wait() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("cancelled")

    async with running_app() as app:
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(app.run.call, wait)
                await trio.to_thread.run_sync(began.wait)
                scope.cancel()
        assert ends == ["cancelled"]


@on_trio
async def test_a_call_that_is_cancelled_there_ends_here() -> None:
    async def give_up() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    async with running_app() as app:
        with pytest.raises(ServerError, match="cancelled the call"):
            await app.run.call(give_up)


@on_trio
async def test_calls_end_with_the_app() -> None:
    async with running_app() as app:
        pass
    with pytest.raises(ServerError, match="does not run"):
        await app.run.call(threading.get_ident)


@on_trio
async def test_what_keeps_an_app_from_coming_up_is_raised() -> None:
    async with running_app() as app:
        with pytest.raises(ServerError, match="runs already"):
            async with app.run:
                pytest.fail("it runs already")
        port = app.server.port
        with pytest.raises(OSError, match="in use"):
            async with running(Server("other"), port=port):
                pytest.fail("the port is taken")
        assert app.server.running


@on_trio
async def test_a_cancelled_block_ends_the_app() -> None:
    with trio.CancelScope() as scope:
        async with running_app() as app:
            scope.cancel()
            await trio.sleep_forever()
    assert not app.server.running


@on_trio
async def test_an_app_that_is_stopped_leaves_the_block_to_the_program() -> None:
    async with running_app() as app:
        await app.run.call(app.server.stop)
    assert not app.server.running


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"extra_headers": {"Host": "evil.example"}}, 403),
    ],
)
@on_trio
async def test_hosts_and_origins_are_checked(options: dict[str, Any], status: int) -> None:
    async with running_app() as app:
        address = app.address.replace("http", "ws").partition("?")[0] + "ws"
        async with connect(address) as websocket:
            assert websocket.open
        with pytest.raises(InvalidStatusCode) as caught:
            await connect(address, **options)
        assert caught.value.status_code == status


@on_trio
async def test_a_block_that_is_cancelled_as_it_begins_leaves_no_app() -> None:
    server = Server("app")
    with trio.CancelScope() as scope:
        scope.cancel()
        async with running(server):
            pytest.fail("it is cancelled")
    assert scope.cancelled_caught
    assert not server.running
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("trame-app")]
    async with running(server):
        assert server.running


@on_trio
async def test_a_call_that_the_app_never_comes_to_fails_with_it() -> None:
    busy, go_on = threading.Event(), threading.Event()

    def block() -> None:
        busy.set()
        go_on.wait()

    async def late() -> None:
        with pytest.raises(ServerError):
            await app.run.call(asyncio.sleep, 100)

    async with running_app() as app, trio.open_nursery() as nursery:
        nursery.start_soon(app.run.call, block)
        await trio.to_thread.run_sync(busy.wait)
        nursery.start_soon(app.run.call, app.server.stop)
        nursery.start_soon(late)
        await trio.testing.wait_all_tasks_blocked()
        go_on.set()


@on_trio
async def test_another_server_of_the_same_name_ends_the_app_and_the_block_goes_on() -> None:
    async with running_app() as app:
        with pytest.raises(RuntimeError, match="begins a life"):
            async with Client(app.address) as client:
                second = Server(app.server.name)
                await until(lambda: not client.connected)
                raise RuntimeError("another server begins a life")
        assert not app.server.running
        await until(lambda: len(threads()) == 0)
        with pytest.raises(ServerError, match="does not run"):
            await app.run.call(threading.get_ident)
        async with running(second) as address, Client(address):
            assert second.running


def threads() -> list[threading.Thread]:
    """Those of apps."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("trame-app")]


@pytest.mark.parametrize(
    ("options", "error"), [({"host": "nonexistent.invalid"}, OSError), ({"port": "x"}, ServerError)]
)
@on_trio
async def test_a_server_that_could_not_come_up_runs_later(options: Any, error: type[Exception]) -> None:
    server = Server("app")
    for _ in range(2):
        with pytest.raises(error):
            async with running(server, **options):
                pytest.fail("it cannot come up")
    async with running(server) as address, Client(address):
        assert server.running


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
@on_trio
async def test_an_exit_of_a_call_is_the_caller_s(kind: type[BaseException]) -> None:
    def leave() -> None:
        raise kind

    async def leave_later() -> None:
        raise kind

    async with running_app() as app:
        for fn in (leave, leave_later):
            with pytest.raises(kind):
                await app.run.call(fn)
        assert await app.run.call(len, "xy") == 2


def test_what_does_not_run_by_itself() -> None:
    with pytest.raises(TypeError, match="takes a Server"):
        running("app")  # type: ignore[arg-type]
    root = Server("root")
    with pytest.raises(ServerError, match="is a child: run its root"):
        running(root.create_child_server())
