"""The end of a server, and its next start."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.compat.support import Wire
from tests.contract.facts import fact
from tests.contract.peers import OURS, TIMEOUT, Peer, both, live, until

HERE: dict[str, Any] = {"port": 0, "host": "127.0.0.1", "open_browser": False, "show_connection_info": False}


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield sock.getsockname()[1]


async def ended(task: Any) -> None:
    async with asyncio.timeout(TIMEOUT):
        await asyncio.wait([task])


@fact("api 2", "`await stop()`: sockets are closed with 1001, the start task ends, not `running`, stage 0")
@both
@pytest.mark.asyncio
async def test_stop(peer: Peer) -> None:
    server = peer.server()
    task = server.start(exec_mode="task", **HERE)
    await server.ready
    wire = await asyncio.to_thread(Wire, server.port)
    await server.stop()
    code, _ = await asyncio.to_thread(wire.wait_closed)
    await asyncio.to_thread(wire.close)
    await ended(task)
    assert (code, server.running, server._running_stage) == (1001, False, 0)


@fact("api 2", "after `stop` the next access of `ready` makes a new future")
@fact("api 2", "`stop` of a stopped server is harmless")
@both
@pytest.mark.asyncio
async def test_ready_is_reset(peer: Peer) -> None:
    async with live(peer) as (server, _):
        before = server.ready
        assert before.result() is True
    assert server.ready is not before
    assert not server.ready.done()
    await server.stop()
    assert server._running_stage == 0


@fact(
    "api 2",
    "start works again after stop: new protocols, and `on_server_start` to `on_server_ready` fire again",
)
@fact("api 2", "the state is ready then, so that the second start flushes nothing by itself")
@fact("api 1", "`protocol` is kept after stop")
@fact("api 1", "`add_protocol_to_configure(fn)`: `fn(protocol)` is called at each start, in order")
@both
@pytest.mark.asyncio
async def test_restart(peer: Peer) -> None:
    server = peer.server()
    log: list[str] = []
    protocols: list[Any] = []
    for event in ("on_server_start", "on_server_bind", "on_server_ready"):
        server.controller.add(event)(lambda *_, event=event, **__: log.append(event))
    server.add_protocol_to_configure(protocols.append)
    server.add_protocol_to_configure(lambda _: log.append("second configure"))
    server.state.a = 1
    server.change("a")(lambda **_: log.append("listener"))
    for _ in range(2):
        task = server.start(exec_mode="task", **HERE)
        await server.ready
        await server.stop()
        await ended(task)
        assert server.protocol is protocols[-1]
    start = ["on_server_start", "second configure", "on_server_bind"]
    assert log == [*start, "listener", "on_server_ready", *start, "on_server_ready"]
    assert protocols[0] is not protocols[1]


@fact("api 1", "`ready` raises what kept the server from coming up: OSError for a port that is taken")
@both
@pytest.mark.asyncio
async def test_ready_raises(peer: Peer, busy_port: int) -> None:
    server = peer.server()
    task = server.start(exec_mode="task", **{**HERE, "port": busy_port})
    with pytest.raises(OSError, match="address"):
        await server.ready
    with pytest.raises(OSError, match="address"):
        await task


@fact(
    "api 1",
    "an exception in an `on_server_ready` callback is reported, and the server is up",
    trame="`ready` raises it, and the stage stays 2 with nothing that works",
)
@pytest.mark.asyncio
async def test_error_in_ready_callback() -> None:
    def build(server: Any) -> None:
        server.controller.add("on_server_ready")(lambda **_: 1 / 0)

    async with live(OURS, build) as (server, _):
        assert await server.ready is True
        assert "division" in server.errors[-1].message


@fact("api 1", "`ready` is False where the start task was cancelled")
@pytest.mark.asyncio
async def test_cancelled_start() -> None:
    server = OURS.server()
    task = server.start(exec_mode="task", **HERE)
    ready = server.ready
    task.cancel()
    async with asyncio.timeout(TIMEOUT):
        assert await ready is False
    assert server._running_stage == 0


@fact(
    "api 2",
    "a server that is stopped before its loop turned does not come up, and can be started again at once",
)
@pytest.mark.asyncio
async def test_stop_before_the_loop_turned() -> None:
    server = OURS.server()
    first = server.start(exec_mode="task", **HERE)
    server.stop()
    second = server.start(exec_mode="task", **HERE)
    await ended(first)
    assert await server.ready is True
    await server.stop()
    await ended(second)
    third = server.start(exec_mode="task", **HERE)
    await server.stop()
    await ended(third)
    assert (third.exception(), server._running_stage) == (None, 0)


@fact(
    "api 2",
    "main mode: awaitables that `on_server_exited` returns are awaited, callables called and awaited",
)
@both
def test_on_server_exited_in_main_mode(peer: Peer) -> None:
    server = peer.server()
    log: list[Any] = []

    @server.controller.add("on_server_exited")
    async def coroutine(a: int, **_: Any) -> None:
        await asyncio.sleep(0)
        log.append(("coroutine", a))

    async def inner() -> None:
        log.append("callable")

    server.controller.add("on_server_exited")(lambda **_: inner)
    server.state.a = 1
    server.controller.add_task("on_server_ready")(lambda **_: server.stop())
    server.start(thread=True, **HERE)
    assert sorted(log, key=str) == [("coroutine", 1), "callable"]


@fact("api 2", "main mode ends when no client came for `timeout` seconds")
@both
def test_timeout(peer: Peer) -> None:
    server = peer.server()
    server.start(thread=True, timeout=1, **HERE)
    assert server._running_stage == 0


@pytest.mark.parametrize("mode", ["task", "coroutine"])
@fact("api 2", "task mode: `on_server_exited(**state)` is called once the server has ended")
@fact(
    "api 2",
    "`on_server_exited` is called, and its results awaited, in every mode",
    trame="never in coroutine mode; in task mode the results are not awaited",
)
@pytest.mark.asyncio
async def test_on_server_exited_in_other_modes(mode: str) -> None:
    server = OURS.server()
    log: list[Any] = []

    @server.controller.add("on_server_exited")
    async def on_exited(a: int, **_: Any) -> None:
        await asyncio.sleep(0)
        log.append((a, server._running_stage))

    server.state.a = 1
    task = asyncio.ensure_future(server.start(exec_mode=mode, **HERE))
    await server.ready
    await server.stop()
    assert log == [(1, 0)]
    await ended(task)


@fact("api 3", "`on_server_exited(**state)` is called in stage 0")
@fact("api 2", "task mode: a plain function as `on_server_exited` is called, too")
@both
@pytest.mark.asyncio
async def test_on_server_exited_in_task_mode(peer: Peer) -> None:
    log: list[Any] = []
    async with live(peer) as (server, _):
        server.state.x = 1
        server.controller.add("on_server_exited")(lambda x, **_: log.append((x, server._running_stage)))
    await until(lambda: log)
    assert log == [(1, 0)]


@fact("api 2", "`on_server_exited` is not called where the start failed")
@both
@pytest.mark.asyncio
async def test_failed_start(peer: Peer, busy_port: int) -> None:
    server = peer.server()
    log: list[str] = []
    server.controller.add("on_server_exited")(lambda **_: log.append("exited"))
    task = server.start(exec_mode="task", **{**HERE, "port": busy_port})
    with pytest.raises(OSError, match="address"):
        await server.ready
    await ended(task)
    assert isinstance(task.exception(), OSError)
    assert log == []


@fact(
    "api 2",
    "a cancelled start task stops the server in order, `on_server_exited` included",
    trame="`on_server_exited` is not called, and the server counts as running for ever",
)
@pytest.mark.asyncio
async def test_cancelled_life() -> None:
    server = OURS.server()
    log: list[str] = []
    server.controller.add("on_server_exited")(lambda **_: log.append("exited"))
    task = server.start(exec_mode="task", **HERE)
    await server.ready
    task.cancel()
    await ended(task)
    assert (log, server._running_stage) == (["exited"], 0)


@fact("api 2", "`application.exit` from a client ends the server")
@both
@pytest.mark.asyncio
async def test_application_exit(peer: Peer) -> None:
    server = peer.server()
    task = server.start(exec_mode="task", **HERE)
    await server.ready
    wire = await asyncio.to_thread(Wire, server.port)
    await asyncio.to_thread(wire.tell, "application.exit")
    await ended(task)
    assert server._running_stage == 0
    await asyncio.to_thread(wire.wait_closed)
    await asyncio.to_thread(wire.close)
