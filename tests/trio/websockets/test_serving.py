"""`serve`, beyond the rows of the contract: the four ways to run it, and its end."""

import socket
import types
from collections.abc import Coroutine, Generator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from jupyter_trame.trio import (
    ConnectionClosed,
    WebSocketProtocolError,
    WebSocketServerProtocol,
    connect,
    serve,
    unix_serve,
)
from tests.support.ports import free_port
from tests.trio.support import address_of, echo, hold, on_trio, port_of, serving


@on_trio
async def test_awaited_it_serves_until_it_is_cancelled() -> None:
    port = free_port()
    async with trio.open_nursery() as nursery:

        async def run() -> None:
            await serve(echo, "127.0.0.1", port)

        nursery.start_soon(run)
        await trio.testing.wait_all_tasks_blocked()
        websocket = await connect(f"ws://127.0.0.1:{port}")
        nursery.cancel_scope.cancel()
    with pytest.raises(ConnectionClosed) as caught:
        await websocket.recv()
    assert caught.value.code == 1001


@on_trio
async def test_a_nursery_starts_it_and_tells_where() -> None:
    async with trio.open_nursery() as nursery:
        server = await nursery.start(serve, echo, "127.0.0.1", 0)
        async with connect(address_of(server)) as websocket:
            assert [one.path for one in server.websockets] == ["/"]
            await websocket.send("x")
            assert await websocket.recv() == "x"
        server.close()
        await server.wait_closed()


def test_it_is_a_coroutine_that_nobody_has_to_await() -> None:
    served = serve(echo, "127.0.0.1", 0)
    assert isinstance(served, Coroutine)
    served.close()


@on_trio
async def test_a_port_that_is_taken() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        with pytest.raises(OSError, match="in use"):
            async with serve(echo, "127.0.0.1", port_of(server)):
                pass


@pytest.mark.parametrize(
    "options",
    [
        {"path": "/tmp/x", "port": 1},
        {"path": "/tmp/x", "host": "localhost"},
        {"subprotocols": "chat"},
        {"extra_headers": {"X": "\n"}},
        {"origins": "https://a.example"},
        {"timeout": 0},
        {"ping_interval": -1},
        {"max_queue": (4, 1)},
        {"ssl": True},
        {"port": "8765"},
        {"port": 2**16},
    ],
)
def test_what_cannot_be_meant(options: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        serve(echo, **options)


@on_trio
async def test_a_class_whose_close_fails_does_not_keep_a_server_from_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Wrong(WebSocketServerProtocol):
        async def close(self, code: int = 1000, reason: str = "") -> None:
            raise KeyError("of the program")

    with trio.fail_after(5):
        async with (
            serve(hold, "127.0.0.1", 0, create_protocol=Wrong) as server,
            connect(address_of(server)) as first,
            connect(address_of(server)) as second,
        ):
            await server.aclose()
            for websocket in (first, second):
                await websocket.wait_closed()
                assert websocket.close_code == 1001
    assert caplog.text.count("KeyError: 'of the program'") == 2


@on_trio
async def test_a_handler_with_more_arguments() -> None:
    async def handler(websocket: Any, path: str, extra: str) -> None:
        await websocket.send(path + extra)

    async with serving(partial(handler, extra="!")) as address, connect(address + "x") as websocket:
        assert await websocket.recv() == "/x!"


@on_trio
async def test_a_handler_that_sees_the_end_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    done = trio.Event()

    async def one(websocket: Any, path: str) -> None:
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(websocket.recv)
                nursery.start_soon(websocket.recv)
        finally:
            done.set()

    async with serving(one) as address:
        async with connect(address) as websocket:
            await websocket.close(4000)
        await done.wait()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@on_trio
async def test_the_end_of_another_connection_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(websocket: Any, path: str) -> None:
        raise ConnectionClosed(1000, "of a client that the handler has")

    async with serving(handler) as address, connect(address) as websocket:
        with pytest.raises(ConnectionClosed, match="1011"):
            await websocket.recv()
    assert [record for record in caplog.records if record.levelname == "ERROR"]


@on_trio
async def test_handlers_that_go_on_are_cancelled() -> None:
    ends: list[str] = []

    async def handler(websocket: Any, path: str) -> None:
        try:
            await trio.sleep_forever()
        except trio.Cancelled:
            ends.append("cancelled")
            raise

    async with serve(handler, "127.0.0.1", 0, timeout=0.1) as server:
        websocket = await connect(address_of(server))
        await server.aclose(4002, "enough")
        assert (websocket.close_code, websocket.close_reason) == (4002, "enough")
        await server.aclose()
    assert ends == ["cancelled"]


@on_trio
async def test_a_class_of_the_program_gets_handler_and_server() -> None:
    seen: list[Any] = []

    class Protocol(WebSocketServerProtocol):
        def __init__(self, ws_handler: Any, ws_server: Any, **kwds: Any) -> None:
            super().__init__(ws_handler, ws_server, **kwds)
            seen.extend([ws_handler, ws_server, kwds["max_size"]])

    async with (
        serve(hold, "127.0.0.1", 0, create_protocol=Protocol, max_size=5) as server,
        connect(address_of(server)),
    ):
        assert seen == [hold, server, 5]


@on_trio
async def test_a_socket_of_the_program() -> None:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    async with serve(echo, sock=sock) as server, connect(address_of(server)) as websocket:
        await websocket.send("x")
        assert await websocket.recv() == "x"


@on_trio
async def test_the_program_s_exception_comes_out_of_the_block() -> None:
    with pytest.raises(KeyError):
        async with serve(echo, "127.0.0.1", 0):
            raise KeyError("x")


@pytest.mark.parametrize("turns", range(8))
@on_trio
async def test_a_server_that_is_cancelled_as_it_begins_ends(turns: int, tmp_path: Path) -> None:
    """In whatever turn of the run."""
    path = tmp_path / "socket"

    async def run(task_status: Any) -> None:
        await unix_serve(echo, str(path), task_status=task_status)

    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(nursery.start, run)
            for _ in range(turns):
                await trio.lowlevel.checkpoint()
            scope.cancel()
    assert scope.cancelled_caught
    assert not path.exists()


@on_trio
async def test_a_handler_that_goes_on_holds_a_cancelled_server_for_a_second_at_most() -> None:
    async def handler(websocket: Any, path: str) -> None:
        await trio.sleep_forever()

    async with trio.open_nursery() as nursery:
        server = await nursery.start(serve, handler, "127.0.0.1", 0)
        await connect(address_of(server))
        began = trio.current_time()
        nursery.cancel_scope.cancel()
    assert trio.current_time() - began < 3
    assert server.sockets == []


@on_trio
async def test_one_block_after_the_other_and_none_within_another() -> None:
    served = serve(echo, "127.0.0.1", 0, extra_headers=iter([("X-A", "1")]))
    for _ in range(2):
        async with served as server:
            with pytest.raises(RuntimeError, match="is in a block already"):
                async with served:
                    pytest.fail("it has a block")
            async with connect(address_of(server)) as websocket, connect(address_of(server)) as other:
                await websocket.send("x")
                assert await websocket.recv() == "x"
                for one in (websocket, other):
                    assert one.response_headers is not None
                    assert one.response_headers["X-A"] == "1"
        assert server.sockets == []


@on_trio
async def test_a_socket_is_for_one_server() -> None:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    served = serve(echo, sock=sock)
    async with served:
        pass
    with pytest.raises(ValueError, match="closed"):
        async with served:
            pytest.fail("its socket is closed")


@types.coroutine
def steps(coroutine: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Await `coroutine` by its methods alone."""
    value, error = None, None
    while True:
        try:
            trap = coroutine.send(value) if error is None else coroutine.throw(error)
        except StopIteration as end:
            return end.value
        value, error = None, None
        try:
            value = yield trap
        except BaseException as thrown:
            error = thrown


@on_trio
async def test_it_is_driven_as_any_coroutine() -> None:
    port = free_port()
    served = serve(echo, "127.0.0.1", port)

    async def drive() -> None:
        await steps(served)

    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(drive)
            await trio.testing.wait_all_tasks_blocked()
            async with connect(f"ws://127.0.0.1:{port}") as websocket:
                await websocket.send("x")
                assert await websocket.recv() == "x"
            scope.cancel()
    assert scope.cancelled_caught
    served.close()
    with pytest.raises(RuntimeError, match="already"):
        served.send(None)


@pytest.mark.parametrize("handler", [None, "echo"])
def test_what_is_no_handler(handler: Any) -> None:
    with pytest.raises(TypeError, match="a coroutine function"):
        serve(handler, "127.0.0.1", 0)


@on_trio
async def test_a_server_does_not_begin_to_end_with_what_no_close_frame_can_say() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, connect(address_of(server)) as websocket:
        with pytest.raises(WebSocketProtocolError):
            await server.aclose(5)
        await websocket.send("x")
        assert await websocket.recv() == "x"
