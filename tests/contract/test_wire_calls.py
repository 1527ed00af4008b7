"""Calls of clients: their order, their errors, and the methods that answer them."""

import asyncio
import logging
from typing import Any

import msgpack
import pytest
from wslink import register
from wslink.websocket import LinkProtocol

from tests.contract.facts import fact
from tests.contract.peers import until
from tests.contract.wire import Wire, everywhere, serving

pytestmark = pytest.mark.asyncio


class Gate:
    """An app with a trigger that waits."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.entered = 0
        self.left = 0

    def __call__(self, server: Any) -> None:
        @server.trigger("wait")
        async def wait() -> str:
            self.entered += 1
            await self.open.wait()
            self.left += 1
            return "waited"

        server.trigger("quick")(lambda: "quick")


def with_objects(*objects: Any) -> Any:
    def build(server: Any) -> None:
        def configure(protocol: Any) -> None:
            for known in objects:
                protocol.registerLinkProtocol(known)

        server.add_protocol_to_configure(configure)

    return build


# -- order


@fact("wire 6", "answers to one client come in the order of its requests; a slow call delays its others")
@everywhere
async def test_answers_in_order(kind: str) -> None:
    gate = Gate()
    async with serving(kind, gate) as wire:
        client, other = await wire.client(), await wire.client()
        slow = await client.request("trame.trigger", "wait", [], {})
        quick = await client.request("trame.trigger", "quick", [], {})
        await until(lambda: gate.entered)
        assert await other.trigger("quick") == "quick"
        assert not client.answers(quick)
        gate.open.set()
        await client.answer(quick)
        assert [m["id"] for m in client.messages if m["id"] in {slow, quick}] == [slow, quick]


@fact("wire 6", "a slow call of one client does not delay another's")
@everywhere
async def test_other_clients_go_on(kind: str) -> None:
    gate = Gate()
    async with serving(kind, gate) as wire:
        client, other = await wire.client(), await wire.client()
        waiting = await client.request("trame.trigger", "wait", [], {})
        await until(lambda: gate.entered)
        await other.write(n=3)
        assert wire.server.state.n == 3
        gate.open.set()
        assert (await client.answer(waiting))["result"] == "waited"


# -- errors


@fact("wire 6", "an unknown method gets -32601 `Unregistered method called`, with its name as `data`")
@everywhere
async def test_unknown_method(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        error = await client.error("no.such.method")
        assert error == {"code": -32601, "message": "Unregistered method called", "data": "no.such.method"}


@fact("wire 6", "an exception gets -32001 `Exception raised`, `data` holds method, exception and trace")
@everywhere
async def test_exceptions(kind: str) -> None:
    async with serving(kind) as wire:
        wire.server.trigger("fail")(lambda: 1 // 0)
        client = await wire.client()
        error = await client.error("trame.trigger", "fail", [], {})
        assert (error["code"], error["message"]) == (-32001, "Exception raised")
        assert set(error["data"]) == {"method", "exception", "trace"}
        assert error["data"]["method"] == "trame.trigger"
        assert "ZeroDivisionError" in error["data"]["exception"]
        assert "1 // 0" in error["data"]["trace"]


@fact("wire 6", "wrong arguments get -32001 too")
@everywhere
async def test_wrong_arguments(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        error = await client.error("trame.lifecycle.update", "a", "b", "c")
        assert error["code"] == -32001
        assert "TypeError" in error["data"]["exception"]
        wrong: dict[str, list[tuple[Any, ...]]] = {
            "trame.state.update": [(), (7,), ([7],), ([{"value": 1}],)],
            "trame.trigger": [(), ("add", [1], [2]), ("add", [], {}, 3)],
        }
        wire.server.trigger("add")(lambda a: a)
        for method, calls in wrong.items():
            for given in calls:
                error = await client.error(method, *given)
                assert (error["code"], error["message"]) == (-32001, "Exception raised")
                assert error["data"].keys() == {"method", "exception", "trace"}
        assert (await client.call("trame.state.get"))["name"] == "wire"


@fact(
    "wire 6",
    "a result that cannot be packed gets -32002 `Method result cannot be serialized`, with the method",
)
@everywhere
async def test_unpackable_results(kind: str) -> None:
    async with serving(kind) as wire:
        wire.server.trigger("odd")(lambda: object())
        client = await wire.client()
        error = await client.error("trame.trigger", "odd", [], {})
        message = "Method result cannot be serialized"
        assert error == {"code": -32002, "message": message, "data": "trame.trigger"}


@fact("wire 6", "`data` is left out where it is empty or cannot be packed itself")
@everywhere
async def test_unpackable_error_data(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # What is logged here cannot be encoded either, and xdist sends what tests log from process to process.
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)

    class OddError(Exception):
        def __repr__(self) -> str:
            return "\ud800"

    def fail() -> None:
        raise OddError

    async with serving(kind) as wire:
        wire.server.trigger("fail")(fail)
        client = await wire.client()
        error = await client.error("trame.trigger", "fail", [], {})
        assert error == {"code": -32001, "message": "Exception raised"}


@fact(
    "wire 6", "a publication that cannot be packed is an error without `data`, under its id, for every client"
)
@everywhere
async def test_unpackable_publications(kind: str) -> None:
    async with serving(kind) as wire:
        clients = [await wire.client(), await wire.client()]
        wire.server.protocol.publish("odd.topic", object())
        await wire.settle(*clients)
        for client in clients:
            (answer,) = client.answers("publish:odd.topic:0")
            assert answer["error"] == {"code": -32002, "message": "Method result cannot be serialized"}


@fact("wire 6", "a client that leaves while its call runs gets nothing, and hurts nobody")
@everywhere
async def test_leaving_during_a_call(kind: str) -> None:
    gate = Gate()
    async with serving(kind, gate) as wire:
        client, other = await wire.client(), await wire.client()
        await client.request("trame.trigger", "wait", [], {})
        await until(lambda: gate.entered)
        closing = asyncio.ensure_future(client.close())
        gate.open.set()
        await closing
        await until(lambda: gate.left)
        assert await other.trigger("quick") == "quick"
        assert [message["id"] for message in client.messages] == ["system:c0:0"]


@fact("wire 6", "a request without a method gets -32601", trame="drops the connection")
@everywhere
async def test_no_method(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        await client.send(msgpack.packb({"wslink": "1.0", "id": "rpc:raw:1", "args": [], "kwargs": {}}))
        if kind == "trame":
            assert (await client.ended())[0] == 1006
        else:
            assert (await client.answer("rpc:raw:1"))["error"]["code"] == -32601
            assert (await client.call("trame.state.get"))["name"] == "wire"


@fact("wire 6", "a text frame is logged and ignored")
@everywhere
async def test_text_frames(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        caplog.clear()
        await client.socket.send_str("hello")
        assert (await client.call("trame.state.get"))["name"] == "wire"
    assert caplog.records


# -- the table of methods


@fact(
    "wire 6",
    "methods of protocol objects are called by their uri, sync and async, with both kinds of arguments",
)
@everywhere
async def test_methods_of_protocol_objects(kind: str) -> None:
    class Both(LinkProtocol):
        @register("both.sync")
        def sync(self, a: int, b: int = 0) -> int:
            return a - b

        @register("both.async")
        async def later(self, a: int) -> int:
            await asyncio.sleep(0)
            return a

    async with serving(kind, with_objects(Both())) as wire:
        client = await wire.client()
        assert await client.call("both.sync", 5, b=2) == 3
        assert await client.call("both.async", 4) == 4


@fact("wire 6", "of two objects with a method of the same uri the one that was registered later answers")
@everywhere
async def test_later_objects_win(kind: str) -> None:
    class Answer(LinkProtocol):
        def __init__(self, answer: str) -> None:
            super().__init__()
            self.answer = answer

        @register("who.answers")
        def answers(self) -> str:
            return self.answer

    async with serving(kind, with_objects(Answer("first"), Answer("second"))) as wire:
        assert await (await wire.client()).call("who.answers") == "second"


@fact("wire 6", "within one class the function whose name is later in the alphabet answers")
@everywhere
async def test_later_names_win(kind: str) -> None:
    class Two(LinkProtocol):
        @register("who.answers")
        def zebra(self) -> str:
            return "zebra"

        @register("who.answers")
        def ant(self) -> str:
            return "ant"

    async with serving(kind, with_objects(Two())) as wire:
        assert await (await wire.client()).call("who.answers") == "zebra"


@fact("wire 6", "no object takes the server's own methods over")
@everywhere
async def test_the_servers_methods_win(kind: str) -> None:
    class Thief(LinkProtocol):
        @register("trame.state.get")
        def state(self) -> str:
            return "stolen"

        @register("trame.trigger")
        def trigger(self, *_: Any) -> str:
            return "stolen"

    async with serving(kind, with_objects(Thief())) as wire:
        client = await wire.client()
        assert (await client.call("trame.state.get"))["name"] == "wire"
        assert await client.trigger("none") is None


@fact(
    "wire 6",
    "an object that is registered while the server runs answers from then on",
    trame="builds its table of methods once, at the start",
)
@everywhere
async def test_late_objects(kind: str) -> None:
    class Late(LinkProtocol):
        @register("late.method")
        def late(self) -> str:
            return "late"

    async with serving(kind) as wire:
        client = await wire.client()
        wire.server.protocol.registerLinkProtocol(Late())
        answer = await client.ask("late.method")
        if kind == "trame":
            assert answer["error"]["code"] == -32601
        else:
            assert answer["result"] == "late"


@fact("wire 6", "`application.exit` stops the server")
@everywhere
async def test_exit(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        await client.request("application.exit")
        await client.ended()
        await until(lambda: not wire.server.running)


@fact("wire 6", "`application.exit.later` answers nil and stops it after so many seconds")
@everywhere
async def test_exit_later(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        assert await client.call("application.exit.later", 60) is None
        assert wire.server.running
        assert await client.call("application.exit.later", 0.01) is None
        await client.ended()
        await until(lambda: not wire.server.running)


# -- trame's methods


async def state_of(wire: Wire) -> dict[str, Any]:
    """What a new client gets."""
    state: dict[str, Any] = (await (await wire.client()).call("trame.state.get"))["state"]
    return state


@fact("wire 8", "`trame.state.get` returns the name of the server and all keys, cleaned")
@everywhere
async def test_state_get(kind: str) -> None:
    def build(server: Any) -> None:
        server.state.update({"n": 1, "file": {"name": "a", "content": b"x", "_filter": ["content"]}})

    async with serving(kind, build, name="some name") as wire:
        client = await wire.client()
        result = await client.call("trame.state.get")
        assert set(result) == {"name", "state"}
        assert result["name"] == "some name"
        assert result["state"]["n"] == 1
        assert result["state"]["file"] == {"name": "a", "_filter": ["content"]}
        assert "trame__title" in result["state"]


@fact("wire 8", "`trame.state.get` leaves out what cannot be packed")
@everywhere
async def test_state_get_without_the_unpackable(kind: str) -> None:
    async with serving(kind, lambda server: server.state.update({"odd": object(), "n": 1})) as wire:
        state = await state_of(wire)
        assert "odd" not in state
        assert state["n"] == 1


@fact(
    "wire 8",
    "`trame.state.get` swallows no push: a change that waits for its flush still reaches everybody",
    trame="counts such a change as pushed",
)
@everywhere
async def test_state_get_swallows_nothing(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        wire.server.state.waiting = 1
        await state_of(wire)
        wire.server.state.flush()
        await wire.settle(client)
        assert client.seen("waiting") == ([] if kind == "trame" else [1])


@fact("wire 8", "`trame.state.update` sets each key to its value, None without one, flushes and answers nil")
@everywhere
async def test_state_update(kind: str) -> None:
    heard: list[dict[str, Any]] = []

    def build(server: Any) -> None:
        server.state.update({"a": 0, "b": 0})
        server.state.change("a", "b")(lambda a, b, **_: heard.append({"a": a, "b": b}))

    async with serving(kind, build) as wire:
        client = await wire.client()
        heard.clear()
        assert await client.call("trame.state.update", [{"key": "a", "value": 1}, {"key": "b"}]) is None
        assert heard == [{"a": 1, "b": None}]
        assert (wire.server.state.a, wire.server.state.b) == (1, None)


@fact("wire 8", "keys are those of the root server, and any may be written, also `trame__title` and new ones")
@everywhere
async def test_any_key_may_be_written(kind: str) -> None:
    def build(server: Any) -> None:
        server.create_child_server(prefix="child_").state.n = 1

    async with serving(kind, build) as wire:
        client = await wire.client()
        await client.write(trame__title="mine", trame__template_main="<b/>", child_n=2, fresh=3)
        state = await state_of(wire)
        names = ("trame__title", "trame__template_main", "child_n", "fresh")
        assert [state[name] for name in names] == ["mine", "<b/>", 2, 3]


@fact(
    "wire 8",
    "`trame.trigger` calls what is registered with arguments and keyword arguments, and returns its value",
)
@everywhere
async def test_trigger(kind: str) -> None:
    async with serving(kind) as wire:
        wire.server.trigger("f")(lambda a, b=0, *, c=0: [a, b, c])
        client = await wire.client()
        assert await client.trigger("f", 1, 2, c=3) == [1, 2, 3]


@fact("wire 8", "awaitables that a trigger returns are awaited")
@everywhere
async def test_awaitable_triggers(kind: str) -> None:
    async def later() -> int:
        await asyncio.sleep(0)
        return 7

    async with serving(kind) as wire:
        wire.server.trigger("coroutine")(later)
        wire.server.trigger("future")(lambda: asyncio.ensure_future(later()))
        client = await wire.client()
        assert [await client.trigger("coroutine"), await client.trigger("future")] == [7, 7]


@fact("wire 8", "what a trigger changes is pushed when it ends, also when it raises")
@everywhere
async def test_triggers_flush(kind: str) -> None:
    async with serving(kind) as wire:

        def fail() -> None:
            wire.server.state.n = 2
            raise ValueError

        wire.server.trigger("set")(lambda: setattr(wire.server.state, "n", 1))
        wire.server.trigger("fail")(fail)
        client, other = await wire.client(), await wire.client()
        await client.trigger("set")
        await client.error("trame.trigger", "fail", [], {})
        await wire.settle(client, other)
        assert client.seen("n") == other.seen("n") == [1, 2]


@fact("wire 8", "an unknown trigger is logged and answers nil")
@everywhere
async def test_unknown_triggers(kind: str, caplog: pytest.LogCaptureFixture, capsys: Any) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        caplog.clear()
        assert await client.trigger("nobody") is None
    assert "nobody" in caplog.text + capsys.readouterr().out


@fact(
    "wire 8",
    "`trame.trigger` without arguments, or without both kinds, counts them as none",
    trame="answers with an exception",
)
@everywhere
async def test_short_triggers(kind: str) -> None:
    async with serving(kind) as wire:
        wire.server.trigger("f")(lambda *args, **kwargs: [list(args), kwargs])
        client = await wire.client()
        for given in (["f"], ["f", [1]]):
            answer = await client.ask("trame.trigger", *given)
            if kind == "trame":
                assert answer["error"]["code"] == -32001
            else:
                assert answer["result"] == [given[1] if len(given) > 1 else [], {}]


@fact("wire 8", "what an async trigger changed so far is seen when another client's call flushes")
@everywhere
async def test_changes_of_a_waiting_trigger(kind: str) -> None:
    gate = Gate()
    async with serving(kind, gate) as wire:

        @wire.server.trigger("half")
        async def half() -> None:
            wire.server.state.half = 1
            gate.entered += 1
            await gate.open.wait()
            wire.server.state.half = 2

        client, other = await wire.client(), await wire.client()
        await client.request("trame.trigger", "half", [], {})
        await until(lambda: gate.entered)
        await other.write(n=1)
        assert await other.until(lambda: other.seen("half")) == [1]
        gate.open.set()
        await other.until(lambda: other.seen("half") == [1, 2])


@fact(
    "wire 8", "`trame.force.push` sends the named keys to all clients, whether or not they have them already"
)
@everywhere
async def test_force_push(kind: str) -> None:
    async with serving(kind, lambda server: server.state.update({"a": 1, "b": 2, "c": 3})) as wire:
        client, other = await wire.client(), await wire.client()
        assert await client.call("trame.force.push", "a", "b") is None
        await wire.settle(client, other)
        for raw in (client, other):
            assert (raw.seen("a"), raw.seen("b"), raw.seen("c")) == ([1], [2], [])


@fact(
    "wire 8",
    "`trame.force.push` leaves out what a `_filter` names, as every push does",
    trame="sends the value with all its members",
)
@everywhere
async def test_force_push_cleans(kind: str) -> None:
    value = {"name": "a", "content": b"x", "_filter": ["content"]}
    async with serving(kind, lambda server: server.state.update({"file": value})) as wire:
        client = await wire.client()
        await client.call("trame.force.push", "file")
        (seen,) = await client.until(lambda: client.seen("file"))
        assert ("content" in seen) == (kind == "trame")


@pytest.mark.parametrize("name", ["client_connected", "client_exited", "client_unmounted", "anything_else"])
@fact(
    "wire 8", "`trame.lifecycle.update` calls the controller's `on_<name>` without arguments and answers nil"
)
@everywhere
async def test_life_cycle(kind: str, name: str) -> None:
    heard: list[str] = []
    async with serving(kind) as wire:
        wire.server.controller.add(f"on_{name}")(lambda: heard.append(name))
        client = await wire.client()
        assert await client.call("trame.lifecycle.update", name) is None
        await until(lambda: heard == [name])


@fact("wire 8", "`trame.lifecycle.update` takes names that nobody listens to; tasks run beside it")
@everywhere
async def test_life_cycle_tasks(kind: str) -> None:
    done = asyncio.Event()

    async def task() -> None:
        await asyncio.sleep(0)
        done.set()

    async with serving(kind) as wire:
        wire.server.controller.add_task("on_client_connected")(task)
        client = await wire.client()
        assert await client.call("trame.lifecycle.update", "nobody_listens") is None
        assert await client.call("trame.lifecycle.update", "client_connected") is None
        await asyncio.wait_for(done.wait(), 10)


@fact("wire 8", "`trame.error.client` calls the controller's `on_error` with the message")
@everywhere
async def test_client_errors(kind: str) -> None:
    heard: list[str] = []
    async with serving(kind) as wire:
        wire.server.controller.on_error = heard.append
        client = await wire.client()
        assert await client.call("trame.error.client", "error: it broke") is None
        assert heard == ["error: it broke"]


@fact("wire 8", "without an `on_error` the message is logged as an error")
@everywhere
async def test_client_errors_in_the_log(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        assert await client.call("trame.error.client", "it broke") is None
    assert [record.levelname for record in caplog.records if "it broke" in record.getMessage()] == ["ERROR"]


@fact("wire 8", "`js_call` publishes an array of actions: type, ref, method and args")
@everywhere
async def test_actions(kind: str) -> None:
    async with serving(kind) as wire:
        client, other = await wire.client(), await wire.client()
        wire.server.js_call("view", "zoom", 1, [2])
        action = {"type": "method", "ref": "view", "method": "zoom", "args": [1, [2]]}
        for raw in (client, other):
            assert await raw.until(lambda raw=raw: raw.published("trame.actions.topic")) == [[action]]
