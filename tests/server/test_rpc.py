"""What clients ask, and what they get."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.errors import MethodNotFoundError, TrameError
from jupyter_trame.server import Server
from tests.server.support import App, turn

Start = Callable[..., App]


def run(scenario: Callable[[], Any]) -> None:
    asyncio.run(scenario())


def test_a_write_runs_listeners_and_is_settled(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.update({"x": 1, "double": 2})

        @server.change("x")
        def on_x(x: int, **_: Any) -> None:
            server.state.double = 2 * x

        app = start(server)
        author, other = await app.client(), await app.client()
        author.write(x=21)
        await author.settled()
        await author.until(lambda: author.state["double"] == 42)
        await other.until(lambda: (other.state["x"], other.state["double"]) == (21, 42))

    run(scenario)


def test_a_listener_may_change_the_value_that_was_written(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.x = 0

        @server.change("x")
        def clamp(x: int, **_: Any) -> None:
            server.state.x = min(x, 10)

        app = start(server)
        author, other = await app.client(), await app.client()
        for value in (50, 60):
            author.write(x=value)
            await author.settled()
            await author.until(lambda: author.state["x"] == 10)
            await other.until(lambda: other.state["x"] == 10)

    run(scenario)


@pytest.mark.parametrize(
    "key", ["trame__template_main", "trame__scripts", "trame__vue_use", "trame__client_only"]
)
def test_what_runs_in_every_page_is_not_writable(
    start: Start, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.trame__template_main = "<p/>"
        app = start(server)
        author, other = await app.client(), await app.client()
        before = author.state[key]
        author.write(**{key: ["<script/>"], "y": 1})
        await author.settled()
        await author.until(lambda: author.published("jupyter_trame.error"))
        await other.until(lambda: other.state.get("y") == 1)
        assert server.state[key] == before
        assert other.state[key] == before
        assert author.state[key] == before
        assert key in author.published("jupyter_trame.error")[0]["message"]
        assert not other.published("jupyter_trame.error")

    run(scenario)
    assert f"clients may not write '{key}'" in caplog.text


def test_triggers_reply_and_flush(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.n = 0

        @server.trigger("add")
        def add(a: int, *, b: int) -> int:
            server.state.n = a + b
            return a + b

        client = await start(server).client()
        reply = await client.trigger("add", 1, b=2)
        assert (reply.result, reply.error) == (3, None)
        assert client.state["n"] == 3

    run(scenario)


def test_async_triggers_reply_when_they_end(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.n = 0
        gate = asyncio.Event()

        @server.trigger("slow")
        async def slow() -> str:
            await gate.wait()
            server.state.n = 1
            return "done"

        @server.trigger("quick")
        def quick() -> str:
            gate.set()
            return "quick"

        client = await start(server).client()
        slow_reply = asyncio.create_task(client.trigger("slow"))
        await turn()
        assert (await client.trigger("quick")).result == "quick"
        assert (await slow_reply).result == "done"
        assert client.state["n"] == 1

    run(scenario)


def test_a_failing_trigger_answers_and_is_reported(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.n = 0

        @server.trigger("fail")
        def fail() -> None:
            server.state.n = 1
            raise ValueError("no")

        @server.trigger("fail_later")
        async def fail_later() -> None:
            await asyncio.sleep(0)
            raise ValueError("not later either")

        client = await start(server).client()
        for name, message in (("fail", "no"), ("fail_later", "not later either")):
            reply = await client.trigger(name)
            assert reply.error is not None
            assert reply.error["code"] == TrameError.code
            assert reply.error["data"]["exception"] == f"ValueError({message!r})"
            assert "fail" in reply.error["data"]["trace"]
        assert client.state["n"] == 1
        assert [report.message for report in server.errors] == [
            "ValueError: no",
            "ValueError: not later either",
        ]
        shown = client.published("jupyter_trame.error")
        assert [error["message"] for error in shown] == [report.message for report in server.errors]
        assert (await client.call("trame.state.update", [{"key": "n", "value": 2}])).error is None

    run(scenario)


def test_an_unknown_trigger_names_the_nearest(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.trigger("recompute")(lambda: None)
        client = await start(server).client()
        error = (await client.trigger("recompte")).error
        assert error is not None
        assert error["code"] == MethodNotFoundError.code
        assert error["message"] == "no trigger 'recompte' is registered; the nearest is 'recompute'"
        error = (await client.trigger("x" * 20)).error
        assert error is not None
        assert "nearest" not in error["message"]

    run(scenario)


def test_an_unknown_method_is_an_error(start: Start) -> None:
    async def scenario() -> None:
        client = await start().client()
        error = (await client.call("no.such")).error
        assert error == {"code": -32601, "message": "Unregistered method called", "data": "no.such"}

    run(scenario)


def test_an_unserialisable_result_is_an_error(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.trigger("bad")(object)
        client = await start(server).client()
        error = (await client.trigger("bad")).error
        assert error is not None
        assert error["code"] == -32002

    run(scenario)


def test_an_unpackable_value_is_named_and_the_others_leave(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        client = await start(server).client()
        server.state.update({"bad": object(), "good": 1})
        server.state.flush()
        await client.until(lambda: client.state.get("good") == 1)
        await client.until(lambda: client.published("jupyter_trame.error"))
        message = client.published("jupyter_trame.error")[0]["message"]
        assert "'bad'" in message
        assert "object" in message
        assert message in server.errors[-1].message

    run(scenario)


def test_life_cycle_of_clients(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        seen: list[str] = []
        for event in ("client_connected", "client_exited", "client_unmounted"):
            server.controller.add(f"on_{event}")(lambda event=event: seen.append(event))
        app = start(server)
        client = await app.client()
        await turn()
        assert seen == ["client_connected"]
        assert (await client.call("trame.lifecycle.update", "client_unmounted")).error is None
        assert (await client.call("trame.lifecycle.update", "unheard_of")).error is None
        assert client.port is not None
        client.port.closed(1001)
        await turn()
        assert seen == ["client_connected", "client_unmounted", "client_exited"]

    run(scenario)


def test_errors_of_pages_reach_log_and_hook(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        server = Server("app")
        heard: list[str] = []
        server.controller.add("on_error")(heard.append)
        client = await start(server).client()
        await client.call("trame.error.client", "TypeError: x is undefined")
        assert heard == ["TypeError: x is undefined"]
        assert server.errors[-1].message == "TypeError: x is undefined"
        assert not client.published("jupyter_trame.error")

    with caplog.at_level(logging.ERROR):
        run(scenario)
    assert "x is undefined" in caplog.text


def test_force_push_sends_again(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.x = [1]
        client = await start(server).client()
        client.state.clear()
        assert (await client.call("trame.force.push", "x", "unknown")).error is None
        await client.until(lambda: client.state.get("x") == [1])
        client.state.clear()
        server.force_state_push("x")
        await client.until(lambda: client.state.get("x") == [1])

    run(scenario)


def test_a_client_may_end_the_server(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        client = await start(server).client()
        await client.call("application.exit")
        await client.until(lambda: client.closed)
        assert client.statuses()[-1] == "stopped"
        assert not server.running

    run(scenario)


def test_registered_methods_are_called_with_their_object(start: Start) -> None:
    async def scenario() -> None:
        class Protocol:
            async def add(self, a: int, b: int = 0) -> int:
                await asyncio.sleep(0)
                self.publish("my.topic", {"sum": a + b}, skip_last_active_client=False)  # type: ignore[attr-defined]
                return a + b

            def notify(self) -> None:
                self.publish("my.others", 1, skip_last_active_client=True)  # type: ignore[attr-defined]

            add._wslinkuris = [{"uri": "my.add"}]  # type: ignore[attr-defined]
            notify._wslinkuris = [{"uri": "my.notify"}]  # type: ignore[attr-defined]

        server = Server("app")
        server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(Protocol()))
        app = start(server)
        client, other = await app.client(), await app.client()
        assert (await client.call("my.add", 1, 2)).result == 3
        assert client.published("my.topic") == [{"sum": 3}]
        await client.call("my.notify")
        await other.until(lambda: other.published("my.others"))
        assert not client.published("my.others")

    run(scenario)
