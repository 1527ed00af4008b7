"""The events of a server's life, their order and their arguments."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from wslink.websocket import LinkProtocol

from tests.compat.support import RpcError, Wire
from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both, live, until


async def with_wire(server: Any, use: Callable[[Wire], Any]) -> Any:
    """What `use` returns of a stock client."""

    def talk() -> Any:
        with Wire(server.port) as wire:
            return use(wire)

    return await asyncio.to_thread(talk)


@fact(
    "api 3",
    "order: the client module, `on_server_start`, configure callbacks, then `on_server_bind` and ready",
)
@fact("api 3", "`on_server_start(server)` is called in stage 0, with the default client module enabled")
@fact("api 3", "configure callbacks get the protocol in stage 1; `server.protocol` is it already")
@fact("api 3", "`on_server_bind(web_app)` is called in stage 1")
@fact(
    "api 3",
    "once the port is bound: stage 2, `state.ready()` flushes, then `context.ready()`, `on_server_ready(**state)`",
)
@fact("api 3", "`server.ready` resolves True after `on_server_ready`")
@both
@pytest.mark.asyncio
async def test_order(peer: Peer) -> None:
    log: list[Any] = []

    def build(server: Any) -> None:
        def note(event: str, *more: Any) -> None:
            log.append((event, server._running_stage, *more))

        ctrl = server.controller
        ctrl.add("on_server_start")(lambda app: note("start", app is server, server._www is not None))
        server.add_protocol_to_configure(lambda protocol: note("configure", protocol is server.protocol))
        ctrl.add("on_server_bind")(lambda web: note("bind", web is server._server or web is not None))
        server.state.x = server.context.x = 1
        server.state.change("x")(lambda **_: note("state"))
        server.context.change("x")(lambda **_: note("context"))
        ctrl.add("on_server_ready")(lambda x, **_: note("ready", x, server.ready.done(), server.port > 0))

    async with live(peer, build):
        assert log == [
            ("start", 0, True, True),
            ("configure", 1, True),
            ("bind", 1, True),
            ("state", 2),
            ("context", 2),
            ("ready", 2, 1, False, True),
        ]


@fact(
    "api 3",
    "`start()` returns before `on_server_bind`, which is called when the loop turns",
    trame="calls `on_server_bind` before `start()` returns in task and coroutine mode",
)
@pytest.mark.asyncio
async def test_bind_comes_later() -> None:
    server = OURS.server()
    log: list[str] = []
    server.controller.add("on_server_bind")(lambda _: log.append("bind"))
    task = server.start(exec_mode="task", port=0, host="127.0.0.1")
    log.append("returned")
    await server.ready
    await server.stop()
    await task
    assert log == ["returned", "bind"]


@fact("api 3", "the command line is read after `on_server_start`, so that a callback may add arguments")
@both
@pytest.mark.asyncio
async def test_command_line_comes_after_start(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAME_ARGS", "--late 3")

    def build(server: Any) -> None:
        server.controller.add("on_server_start")(lambda app: app.cli.add_argument("--late", type=int))

    async with live(peer, build) as (server, _):
        assert server.server_options.late == 3


@fact(
    "api 3",
    "each protocol object gets `init(publish, addAttachment, stopServer)`, after the configure callbacks",
)
@both
@pytest.mark.asyncio
async def test_init(peer: Peer) -> None:
    log: list[Any] = []

    class Part(LinkProtocol):
        def init(self, publish: Any, add_attachment: Any, stop_server: Any) -> None:
            log.append(all(map(callable, (publish, add_attachment, stop_server))))

    def configure(protocol: Any) -> None:
        protocol.registerLinkProtocol(Part())
        log.append("configured")

    async with live(peer, lambda server: server.add_protocol_to_configure(configure)):
        assert log == ["configured", True]


@fact(
    "api 3",
    "`protocol.publish` exists from the start",
    trame="only once the table of RPC methods is built: a configure callback cannot use it",
)
@pytest.mark.asyncio
async def test_publish_in_configure() -> None:
    async with live(OURS, lambda server: server.add_protocol_to_configure(lambda p: p.publish("topic", 1))):
        pass


@fact("api 3", "with the aiohttp backend `web_app.app` is the aiohttp Application: apps add routes")
@both
@pytest.mark.asyncio
async def test_routes(peer: Peer) -> None:
    import aiohttp
    from aiohttp import web

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="route")

    def build(server: Any) -> None:
        server.controller.add("on_server_bind")(lambda wslink: wslink.app.router.add_get("/mine", answer))

    async with (
        live(peer, build) as (server, _),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{server.port}/mine") as response,
    ):
        assert await response.text() == "route"


@pytest.mark.parametrize("event", ["client_connected", "client_exited", "client_unmounted"])
@fact(
    "api 3",
    "`on_client_connected()`, `on_client_exited()` and `on_client_unmounted()` follow the client's call",
)
@both
@pytest.mark.asyncio
async def test_client_events(peer: Peer, event: str) -> None:
    calls: list[tuple[Any, ...]] = []
    async with live(peer) as (server, _):
        server.controller.add(f"on_{event}")(lambda *args: calls.append(args))
        await with_wire(server, lambda wire: wire.call("trame.lifecycle.update", event))
        await until(lambda: calls)
    assert set(calls) == {()}


@pytest.mark.parametrize("bound", [True, False])
@fact("api 3", "`on_error(message)`: a JavaScript error; without a callback it is logged")
@both
@pytest.mark.asyncio
async def test_on_error(peer: Peer, caplog: pytest.LogCaptureFixture, bound: bool) -> None:
    calls: list[Any] = []
    async with live(peer) as (server, _):
        if bound:
            server.controller.add("on_error")(calls.append)
        await with_wire(server, lambda wire: wire.call("trame.error.client", "broken template"))
        await until(lambda: calls or "broken template" in caplog.text)
    assert calls == (["broken template"] if bound else [])


@fact("api 3", "`on_exception(exception)`: any RPC method raised; the client gets an error")
@both
@pytest.mark.asyncio
async def test_on_exception(peer: Peer) -> None:
    calls: list[Any] = []

    def fail(wire: Wire) -> bool:
        try:
            wire.trigger("fails")
        except RpcError:
            return True
        return False

    async with live(peer) as (server, _):
        server.controller.trigger("fails")(lambda: 1 / 0)
        server.controller.add("on_exception")(calls.append)
        assert await with_wire(server, fail)
        await until(lambda: calls)
    assert isinstance(calls[0], ZeroDivisionError)


@fact(
    "api 3",
    "`on_server_reload` is called by nobody but the reload button of layouts; a child calls its root's",
)
@both
def test_on_server_reload(peer: Peer) -> None:
    root = peer.server()
    calls: list[Any] = []
    root.controller.add("on_server_reload")(calls.append)
    root.create_child_server(prefix="c_").controller.on_server_reload(root)
    assert calls == [root]


@fact(
    "api 3",
    "`ctrl.on_server_ready.once(fn)` fires, also where nothing else is registered",
    trame="never fires alone, since `exists()` does not count it",
)
@pytest.mark.asyncio
async def test_once() -> None:
    calls: list[str] = []

    def build(server: Any) -> None:
        server.controller.on_server_ready.once(lambda **_: calls.append("once"))

    async with live(OURS, build):
        assert calls == ["once"]


@fact(
    "api 3",
    "state keys named `f` and `self` reach `on_server_ready` and `on_server_exited` like others",
    trame="they clash with names of parameters, and the call fails",
)
@pytest.mark.asyncio
async def test_keys_that_are_names_of_parameters() -> None:
    calls: list[Any] = []

    def build(server: Any) -> None:
        server.state.update({"f": 1, "self": 2})
        for event in ("on_server_ready", "on_server_exited"):
            server.controller.add(event)(lambda **state: calls.append((state["f"], state["self"])))

    async with live(OURS, build):
        pass
    assert calls == [(1, 2), (1, 2)]


@fact("api 3", "`add_task` schedules a coroutine function for an event")
@both
@pytest.mark.asyncio
async def test_add_task(peer: Peer) -> None:
    calls: list[Any] = []

    async def on_ready(x: int, **_: Any) -> None:
        calls.append(x)

    def build(server: Any) -> None:
        server.state.x = 1
        server.controller.add_task("on_server_ready")(on_ready)

    async with live(peer, build):
        await until(lambda: calls)


@fact(
    "api 3",
    "a coroutine function that was registered with `add` is run",
    trame="its coroutine is never awaited, except in `on_server_exited` in main mode",
)
@pytest.mark.asyncio
async def test_coroutine_with_add() -> None:
    calls: list[Any] = []

    async def on_ready(**_: Any) -> None:
        calls.append("ready")

    async with live(OURS, lambda server: server.controller.add("on_server_ready")(on_ready)):
        await until(lambda: calls)
