"""`server.protocol`, and what of the server needs it."""

import asyncio
from typing import Any

import pytest
from wslink import register
from wslink.websocket import LinkProtocol

from tests.compat.support import Wire
from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both, live, until
from tests.contract.test_api_life_cycle import with_wire


class Part(LinkProtocol):
    """A protocol object as packages write them."""

    @register("my.add")
    def add(self, a: int, b: int = 0) -> int:
        return a + b

    @register("my.later")
    async def later(self) -> str:
        return "later"

    @register("my.publish")
    def publish_to_others(self) -> None:
        self.publish("my.topic", 1, skip_last_active_client=True)


def with_part(server: Any) -> None:
    server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(Part()))


@fact(
    "api 1",
    "`protocol_call(method, ...)` calls a registered RPC method here: its result, a coroutine for async ones",
)
@fact("api 1", "`protocol_call` of an unknown method is None")
@both
@pytest.mark.asyncio
async def test_protocol_call(peer: Peer) -> None:
    async with live(peer, with_part) as (server, _):
        assert server.protocol_call("my.add", 1, b=2) == 3
        assert await server.protocol_call("my.later") == "later"
        assert server.protocol_call("my.unknown") is None
        assert server.protocol_call("trame.state.get")["name"] == "contract"


@fact("api 1", "`js_call(ref, method, *args)` publishes one action `{type, ref, method, args}`")
@fact("api 12", "`push_actions(list)` publishes actions")
@both
@pytest.mark.asyncio
async def test_js_call(peer: Peer) -> None:
    async with live(peer) as (server, _):
        loop = asyncio.get_running_loop()

        def use(wire: Wire) -> Any:
            loop.call_soon_threadsafe(server.js_call, "ref", "focus", 1, 2)
            loop.call_soon_threadsafe(server.protocol.push_actions, [{"type": "mine"}])
            return wire.expect_published("trame.actions.topic", 2)

        js_call, mine = await with_wire(server, use)
    (action,) = js_call
    assert {"type": "method", "ref": "ref", "method": "focus", "args": [1, 2]}.items() <= action.items()
    assert mine == [{"type": "mine"}]


@fact("api 1", "`force_state_push(*names)` sends translated names to every client as they are now")
@both
@pytest.mark.asyncio
async def test_force_state_push(peer: Peer) -> None:
    async with live(peer) as (server, _):
        child = server.create_child_server(prefix="c_")
        child.state.a = [1]
        child.state.flush()
        loop = asyncio.get_running_loop()

        def use(wire: Wire) -> None:
            wire.state.clear()
            loop.call_soon_threadsafe(child.force_state_push, "a")
            wire.expect(c_a=[1])

        await with_wire(server, use)


@fact("api 1", "`clear_state_client_cache(*names)` translates names and ignores unknown ones")
@fact("api 12", "`clear_state_client_cache(*names)` of the protocol, too")
@both
@pytest.mark.asyncio
async def test_clear_state_client_cache(peer: Peer) -> None:
    async with live(peer) as (server, _):
        server.clear_state_client_cache("unknown", "trame__title")
        server.protocol.clear_state_client_cache("unknown", "trame__title")
        assert server.running


@fact("api 1", "while it runs: `running`, stage 2, `protocol`, `_root_protocol` and `_server` are there")
@fact("api 1", "`network_completion` is a task that ends when no network call is pending")
@both
@pytest.mark.asyncio
async def test_members(peer: Peer) -> None:
    async with live(peer) as (server, _):
        assert (server.running, server._running_stage) == (True, 2)
        assert server.protocol is server._root_protocol is not None
        assert server._server is not None
        completion = server.network_completion
        assert isinstance(completion, asyncio.Task)
        await completion


@fact("api 1", "`_server.ws` of the generic backend makes connections: `trame.tools.serve` uses it")
@both
@pytest.mark.asyncio
async def test_generic_web(peer: Peer) -> None:
    async with live(peer, backend="generic") as (server, _):
        connection = await server._server.ws.connect()
        assert all(callable(getattr(connection, name)) for name in ("on_message", "send", "close"))
        await connection.close()


@fact("api 1", "`server_options` of a child is its root's", trame="AttributeError on a child, always")
@pytest.mark.asyncio
async def test_server_options_of_a_child() -> None:
    async with live(OURS) as (server, _):
        assert server.create_child_server(prefix="c_").server_options is server.server_options


@fact(
    "api 12",
    "`publish(topic, data, client_id, skip_last_active_client)` reaches all, one, or all but the caller",
    trame="the same; what skips the caller comes twice to the others",
)
@both
@pytest.mark.asyncio
async def test_publish(peer: Peer) -> None:
    async with live(peer, with_part) as (server, _):
        loop = asyncio.get_running_loop()

        def talk() -> tuple[list[Any], list[Any]]:
            with Wire(server.port) as one, Wire(server.port) as two:
                one.call("my.publish")
                client_id = one.client_id.removeprefix("c")  # as wslink calls it here
                loop.call_soon_threadsafe(lambda: server.protocol.publish("my.topic", 2, client_id))
                loop.call_soon_threadsafe(lambda: server.protocol.publish("my.topic", 3))
                two.until(lambda: 3 in two.topic("my.topic"))
                return one.expect_published("my.topic", 2), two.topic("my.topic")

        to_one, to_two = await asyncio.to_thread(talk)
    assert to_one == [2, 3]
    assert to_two == ([1, 3] if peer is OURS else [1, 1, 3])


@fact("api 12", "`addAttachment(x)`: what it returns is published as binary data")
@both
@pytest.mark.asyncio
async def test_attachments(peer: Peer) -> None:
    async with live(peer) as (server, _):
        loop = asyncio.get_running_loop()

        def send() -> None:
            server.protocol.publish("my.topic", {"x": server.protocol.addAttachment(b"binary")})

        def use(wire: Wire) -> Any:
            loop.call_soon_threadsafe(send)
            return wire.expect_published("my.topic")

        assert await with_wire(server, use) == [{"x": b"binary"}]


@fact(
    "api 12",
    "`registerLinkProtocol`, `unregisterLinkProtocol`; `getLinkProtocols` has the protocol itself last",
)
@both
@pytest.mark.asyncio
async def test_protocols(peer: Peer) -> None:
    part = Part()
    async with live(
        peer, lambda server: server.add_protocol_to_configure(lambda p: p.registerLinkProtocol(part))
    ) as (server, _):
        assert server.protocol.getLinkProtocols() == [part, server.protocol]
        server.protocol.unregisterLinkProtocol(part)
        assert part not in server.protocol.getLinkProtocols()


@fact("api 12", "`getRPCMethod(name)` is the object and the function, or None")
@both
@pytest.mark.asyncio
async def test_get_rpc_method(peer: Peer) -> None:
    async with live(peer, with_part) as (server, _):
        owner, function = server.protocol.getRPCMethod("my.add")
        assert (type(owner), function(owner, 1, 2)) == (Part, 3)
        assert server.protocol.getRPCMethod("my.unknown") is None


@fact(
    "api 12",
    "a protocol object may be of any class: what wslink's `register` marked counts",
    trame="has to derive from `LinkProtocol`",
)
@pytest.mark.asyncio
async def test_any_class() -> None:
    class Plain:
        @register("plain.double")
        def double(self, x: int) -> int:
            return 2 * x

    async with live(OURS) as (server, _):
        server.protocol.registerLinkProtocol(Plain())
        assert await with_wire(server, lambda wire: wire.call("plain.double", 2)) == 4


@fact("api 12", "`setSharedObject(key, value)`, where None deletes, and `getSharedObject(key)`")
@both
@pytest.mark.asyncio
async def test_shared_objects(peer: Peer) -> None:
    async with live(peer) as (server, _):
        server.protocol.setSharedObject("x", 1)
        assert server.protocol.getSharedObject("x") == 1
        server.protocol.setSharedObject("x", None)
        assert server.protocol.getSharedObject("x") is None


@fact(
    "api 12",
    "`network_monitor`: `pending`, `add_listener(enter, exit)`, `remove_listener(id)`, `completion()`",
)
@fact("api 12", "`network_monitor` is a sync and an async context manager that counts as a pending call")
@fact("api 12", "`server.context.network_monitor` is the same monitor")
@both
@pytest.mark.asyncio
async def test_network_monitor(peer: Peer) -> None:
    log: list[str] = []
    async with live(peer) as (server, _):
        monitor = server.protocol.network_monitor
        assert server.context.network_monitor is monitor
        number = monitor.add_listener(lambda: log.append("enter"), lambda: log.append("exit"))
        assert monitor.pending == 0
        with monitor:
            assert monitor.pending == 1
        async with monitor:
            assert monitor.pending == 1
        monitor.remove_listener(number)
        with monitor:
            pass
        await monitor.completion()
    assert log == ["enter", "exit"] * 2


@pytest.mark.parametrize("event", ["exception", "error", "critical", "info", "debug"])
@fact(
    "api 12",
    "`log_emitter.add_event_listener(event, fn)` for `exception`, `error`, `critical`, `info`, `debug`",
)
@both
@pytest.mark.asyncio
async def test_log_emitter(peer: Peer, event: str) -> None:
    calls: list[Any] = []
    async with live(peer) as (server, _):
        emitter = server.protocol.log_emitter
        emitter.add_event_listener(event, calls.append)
        getattr(emitter, event)("what")
        await until(lambda: calls)
    assert calls == ["what"]


@pytest.mark.parametrize("skip", [True, False])
@fact("api 12", "`push_state_change(dict, skip_last_active_client)` sends values past the state")
@both
@pytest.mark.asyncio
async def test_push_state_change(peer: Peer, skip: bool) -> None:
    async with live(peer) as (server, _):
        loop = asyncio.get_running_loop()

        def use(wire: Wire) -> None:
            loop.call_soon_threadsafe(server.protocol.push_state_change, {"pushed": 1}, skip)
            if not skip:
                wire.expect(pushed=1)

        await with_wire(server, use)
        assert not server.state.has("pushed")


@fact("api 12", "`server` is the trame server; `secret`, and `updateSecret(s)` to change it")
@both
@pytest.mark.asyncio
async def test_secret(peer: Peer) -> None:
    async with live(peer) as (server, _):
        assert server.protocol.server is server
        assert server.protocol.secret == "wslink-secret"
        server.protocol.updateSecret("other")
        assert server.protocol.secret == "other"
        assert await asyncio.to_thread(lambda: Wire(server.port, "other").close()) is None


@fact(
    "api 12",
    "several servers in one process run beside each other",
    trame="as long as their starts do not interleave",
)
@pytest.mark.asyncio
async def test_two_servers() -> None:
    first, second = OURS.server("first"), OURS.server("second")
    tasks = [server.start(exec_mode="task", port=0, host="127.0.0.1") for server in (first, second)]
    await asyncio.gather(first.ready, second.ready)
    assert first.protocol.server is first
    assert second.protocol.server is second
    assert first.port != second.port
    await first.stop()
    assert second.running
    await second.stop()
    await asyncio.wait(tasks)
