"""What every server answers, called in its process."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.doctor.report import Report
from jupyter_trame.doctor.report_reading import read_report
from jupyter_trame.rpc.core_methods import UnknownTriggerError
from jupyter_trame.server import Server, life_cycle_of, runtime_of
from tests.contract.rules import rule
from tests.support.servers import App, LoopBackend, turn

Start = Callable[..., App]


def test_the_state_as_clients_get_it(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.file = {"name": "x", "content": b"1", "_filter": ["content"]}
        start(server)
        server.state.pending = object()
        found = server.protocol_call("trame.state.get")
        assert found["name"] == "app"
        assert found["state"]["file"] == {"name": "x", "_filter": ["content"]}
        assert found["state"]["pending"] is server.state.pending
        assert server.state.is_dirty("pending")

    asyncio.run(scenario())


def test_writes_reach_listeners_and_clients(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        seen: list[Any] = []
        server.change("x")(lambda x, **_: seen.append(x))
        client = await start(server).client()
        seen.clear()
        server.protocol_call("trame.state.update", [{"key": "x", "value": 5}, {"key": "y"}])
        assert seen == [5]
        await client.until(lambda: client.state.get("x") == 5)
        assert client.state["y"] is None

    asyncio.run(scenario())


def test_triggers_take_live_objects(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        live = object()

        @server.trigger("echo")
        async def echo(value: object, *, other: object = None) -> object:
            server.state.called = True
            return value, other

        server.trigger("fail")(lambda: 1 / 0)
        client = await start(server).client()
        assert await server.protocol_call("trame.trigger", "echo", [live], {"other": live}) == (live, live)
        assert client.state["called"]
        server.state.before = 1
        with pytest.raises(ZeroDivisionError):
            await server.protocol_call("trame.trigger", "fail")
        assert client.state["before"] == 1

    asyncio.run(scenario())


@rule("refuses_unknown_triggers")
@pytest.mark.parametrize("name", ["recompte", 5, None, ["x"]])
def test_unknown_triggers(start: Start, name: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        strict, stock = Server("strict"), Server("stock", compat="trame")
        for server in (strict, stock):
            server.trigger("recompute")(lambda: None)
            start(server)
        with pytest.raises(UnknownTriggerError) as error:
            await strict.protocol_call("trame.trigger", name, [], {})
        assert error.value.nearest == ("recompute" if name == "recompte" else None)
        assert await stock.protocol_call("trame.trigger", name, [], {}) is None

    asyncio.run(scenario())
    assert f"Trigger {name} seems to be missing" in caplog.text


def test_a_push_sends_what_was_changed_in_place(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app", compat="trame")
        server.state.items = [1]
        client = await start(server).client()
        server.state.items.append(2)
        server.force_state_push("items", "unknown")
        await client.until(lambda: client.state["items"] == [1, 2])
        assert "unknown" not in client.state

    asyncio.run(scenario())


@pytest.mark.parametrize("compat", [None, "trame"])
def test_a_push_of_no_keys_tells_that_the_loop_is_free_and_nothing_else(start: Start, compat: Any) -> None:
    """What a page asks to know whether the server is busy (``js/src/view/shell/busy.ts``)."""

    async def scenario() -> None:
        server = Server("app", compat=compat)
        server.state.items = [1]
        app = start(server)
        client, other = await app.client(), await app.client()
        seq = runtime_of(server).primary.seq
        order: list[str] = []
        server.controller.trigger("press")(lambda: order.append("press"))

        async def ask() -> None:
            reply = await client.call("trame.force.push")
            assert (reply.result, reply.error) == (None, None)
            assert order == ["press"], "what was sent before is done before"

        await asyncio.gather(client.call("trame.trigger", "press", [], {}), ask())
        assert runtime_of(server).primary.seq == seq
        assert other.state["items"] == [1]

    asyncio.run(scenario())


def test_who_may_see_tracebacks_gets_the_report_and_strangers_get_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        server = Server("app")
        client = await start(server).client()
        report = (await client.call("jupyter_trame.doctor")).result
        assert read_report(report) == server.doctor()
        monkeypatch.setattr(LoopBackend, "shows_traces", False)
        assert (await client.call("jupyter_trame.doctor")).result is None

    asyncio.run(scenario())


def test_an_examination_holds_nobody_up_and_is_made_once(start: Start) -> None:
    async def scenario() -> None:
        app = start(Server("app"))
        examined, backend = list[None](), app.backend
        backend.examined.clear()
        examine = backend.examine

        async def counted() -> Report:
            examined.append(None)
            return await examine()

        backend.examine = counted  # type: ignore[method-assign]
        one, other = await app.client(), await app.client()
        answers = [asyncio.ensure_future(client.call("jupyter_trame.doctor")) for client in (one, other)]
        assert (await one.call("trame.force.push")).error is None, "the loop turns"
        assert not any(answer.done() for answer in answers)
        backend.examined.set()
        assert [(await answer).result["subject"] for answer in answers] == ["app app", "app app"]
        assert len(examined) == 1

    asyncio.run(scenario())


@rule("clients_fire_server_events")
@pytest.mark.parametrize(("compat", "called"), [(None, ["client_x"]), ("trame", ["client_x", "server_x"])])
def test_clients_tell_of_their_life_only(start: Start, compat: Any, called: list[str]) -> None:
    async def scenario() -> None:
        server = Server("app", compat=compat)
        seen: list[str] = []
        for name in ("client_x", "server_x"):
            server.controller.add(f"on_{name}")(lambda name=name: seen.append(name))
        client = await start(server).client()
        for name in ("client_x", "server_x"):
            await client.call("trame.lifecycle.update", name)
        assert seen == called

    asyncio.run(scenario())


def test_errors_of_clients(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        start(server)
        server.protocol_call("trame.error.client", "TypeError: x")
        assert server.errors[-1].message == "TypeError: x"
        assert server.errors[-1].from_client

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("seconds", "delay"), [(0.5, 0.5), (-1, 0), (float("nan"), 60), ("soon", 60), (None, 60)]
)
def test_a_loop_waits_for_numbers_only(start: Start, seconds: Any, delay: float) -> None:
    """Of what a client says: from Python 3.13 on a timer that is no number ends the loop, and with it a kernel."""

    async def scenario() -> None:
        server = Server("app")
        start(server)
        asked: list[float] = []
        runtime_of(server).owner.call_later = lambda delay, _: asked.append(delay)  # type: ignore[assignment, method-assign]
        server.protocol_call("application.exit.later", seconds)
        assert asked == [delay]

    asyncio.run(scenario())


def test_the_end_now_or_later(start: Start) -> None:
    async def scenario() -> None:
        for method, args in (("application.exit", []), ("application.exit.later", [0])):
            server = Server("app")
            start(server)
            life = asyncio.create_task(life_cycle_of(server).finished())
            await turn()
            server.protocol_call(method, *args)
            assert server.running
            await life
            assert not server.running

    asyncio.run(scenario())
