"""What clients ask, and what they get."""

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.errors import BusyError, MethodNotFoundError, TrameError
from jupyter_trame.protocol import CallEvent, Limits
from jupyter_trame.rpc import dispatcher, uploads
from jupyter_trame.runtime.network_log import NetworkLog
from jupyter_trame.server import Server, runtime_of
from jupyter_trame.types import ClientId
from tests.contract.rules import rule
from tests.support.servers import App, LoopBackend, turn, uploads_of

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


def test_what_no_client_sees_no_client_writes(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.rows = [1]
        runtime_of(server).withhold(["rows"])
        author = await start(server).client()
        author.write(rows=[], y=1)
        await author.until(lambda: author.published("jupyter_trame.error"))
        assert (server.state.rows, server.state.y) == ([1], 1)
        assert author.published("jupyter_trame.error")[0]["message"] == "clients may not write 'rows'"

    run(scenario)


def test_nobody_takes_a_helper_from_the_templates_of_others(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        app = start(server)
        author, other = await app.client(), await app.client()
        author.write(throttle=1, y=1)
        await author.until(lambda: author.published("jupyter_trame.error"))
        await other.until(lambda: other.state.get("y") == 1)
        assert "throttle" not in other.state
        assert "throttle" not in (await app.client()).state
        assert author.published("jupyter_trame.error")[0]["message"] == (
            "clients may not write 'throttle' until the app has given it a value"
        )
        with server.state as state:
            state.throttle = 0
        await other.until(lambda: other.state.get("throttle") == 0)
        author.write(throttle=2)
        await other.until(lambda: other.state.get("throttle") == 2)

    run(scenario)


def test_calls_that_are_awaited_are_bounded(start: Start) -> None:
    """A call counts an eighth of the bound at most."""

    async def scenario() -> None:
        server = Server("app")
        begun, gate = asyncio.Semaphore(0), asyncio.Event()

        @server.trigger("wait")
        async def wait(_: bytes = b"") -> str:
            begun.release()
            await gate.wait()
            return "done"

        app = start(server)
        client, other = await app.client(), await app.client()
        waiting = []
        for _ in range(8):
            large = bytes(Limits().client_waiting // 8)
            waiting.append(asyncio.ensure_future(client.trigger("wait", large)))
            await begun.acquire()
        refused = await client.trigger("wait")
        assert (refused.error or {})["code"] == BusyError.code
        assert (await client.call("trame.force.push")).error is None
        theirs = asyncio.ensure_future(other.trigger("wait"))
        await begun.acquire()
        gate.set()
        assert [reply.result for reply in await asyncio.gather(*waiting, theirs)] == ["done"] * 9
        assert (await client.trigger("wait")).result == "done"

    run(scenario)


def test_a_large_call_that_is_awaited_leaves_room_for_others(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        begun, gate = asyncio.Event(), asyncio.Event()

        @server.trigger("run")
        async def wait(_: bytes) -> str:
            begun.set()
            await gate.wait()
            return "done"

        server.trigger("stop")(gate.set)
        client = await start(server).client()
        running = asyncio.ensure_future(client.trigger("run", bytes(dispatcher._MOST_AWAITED + 1)))
        await begun.wait()
        assert (await client.trigger("stop")).error is None
        assert (await running).result == "done"

    run(scenario)


def test_a_defect_with_files_costs_an_answer_and_a_key(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.x = 0
        client = await start(server).client()

        def fail(*_: object) -> None:
            raise RuntimeError("defect")

        monkeypatch.setattr(uploads.Uploads, "_resolve", fail)
        assert (await client.trigger("any")).error is not None
        client.write(x={"name": "a", "content": b"x", "_filter": ["content"]})
        await client.settled()
        await client.until(lambda: client.state["x"] == 0)
        monkeypatch.undo()
        client.write(x=2)
        await client.settled()
        assert server.state.x == 2

    run(scenario)


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


def test_errors_do_not_say_names_that_were_generated(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")

        def fail() -> None:
            raise ValueError("no")

        fail.__qualname__ = "button 'Go'"
        generated = server.trigger_name(fail)
        server.trigger("own")(fail)
        client = await start(server).client()
        await client.trigger(generated)
        await client.trigger("own")
        assert [report.where for report in server.errors] == ["button 'Go'", "trigger own (button 'Go')"]

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


class Figures:
    def get(self) -> object:
        return object()

    get._wslinkuris = [{"uri": "figures.get"}]  # type: ignore[attr-defined]


def test_an_unpackable_result_of_a_method_is_an_error(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(Figures()))
        client = await start(server).client()
        error = (await client.call("figures.get")).error
        assert error == {
            "code": -32002,
            "message": "Method result cannot be serialized",
            "data": "figures.get",
        }
        assert server.errors[-1].where == "result figures.get"

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
        assert server.errors[-1].where == "state bad"

    run(scenario)


@pytest.mark.parametrize("compat", [None, "trame"])
def test_a_trigger_whose_result_cannot_be_packed_has_not_failed(
    start: Start, compat: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        server = Server("app", compat=compat)
        server.trigger("figure")(object)
        client = await start(server).client()
        # Who waits for the result is told, and nobody else.
        error = (await client.trigger("figure")).error
        assert error == {
            "code": -32002,
            "message": "Method result cannot be serialized",
            "data": "trame.trigger",
        }
        assert "the result of 'figure' (object) cannot be packed" in caplog.text
        await turn()
        assert not server.errors
        assert not client.published("jupyter_trame.error")

    run(scenario)


def test_a_task_is_no_result(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.controller.set("work")(lambda: 1)
        server.controller.add("work")(lambda: 2)

        @server.controller.add_task("work")
        async def forever() -> None:
            await asyncio.sleep(1000)

        server.trigger("work")(server.controller.work)
        client = await start(server).client()
        reply = await client.trigger("work")
        assert (reply.result, reply.error) == ([1, 2, None], None)
        await server.stop()

    run(scenario)


class MuteError(Exception):
    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    __str__ = __repr__


class Nameless:
    """What calls it may ask for its name, and that is user code too."""

    def __call__(self) -> None:
        raise MuteError

    def __getattr__(self, name: str) -> Any:
        raise SystemExit(2) if name == "__qualname__" else AttributeError(name)


@pytest.mark.parametrize("compat", [None, "trame"])
def test_whether_the_loop_turns_is_answered_while_a_call_runs(start: Start, compat: Any) -> None:
    """A view asks so, and takes a server for busy that does not answer."""

    async def scenario() -> None:
        server = Server("app", compat=compat)
        client = await start(server).client()
        go_on = asyncio.Event()
        server.trigger("slow")(go_on.wait)
        slow = asyncio.ensure_future(client.trigger("slow"))
        assert (await client.call("trame.force.push")).error is None
        assert not slow.done()
        go_on.set()
        assert (await slow).error is None

    asyncio.run(scenario())


@pytest.mark.parametrize("compat", [None, "trame"])
def test_every_call_is_answered(start: Start, compat: Any) -> None:
    async def scenario() -> None:
        server = Server("app", compat=compat)
        client = await start(server).client()

        def fail() -> None:
            raise MuteError

        async def fail_later() -> None:
            await asyncio.sleep(0)
            raise MuteError

        def leave() -> None:
            raise SystemExit(2)

        async def cancelled() -> None:
            raise asyncio.CancelledError

        functions = {
            "mute": fail,
            "later": fail_later,
            "exit": leave,
            "cancel": cancelled,
            "nameless": Nameless(),
        }
        for name, function in functions.items():
            server.trigger(name)(function)  # type: ignore[type-var]
            server.trigger(f"{name} apart", concurrent=True)(function)  # type: ignore[type-var]
        for name in server.controller.trigger_names():
            error = (await client.trigger(name)).error
            assert error is not None, name
            assert error["code"] == -32001, name
        assert "MuteError (its repr fails)" in (await client.trigger("mute")).error["data"]["exception"]  # type: ignore[index]
        runtime_of(server).network_log = FullDisk(os.devnull)
        assert (await client.trigger("mute")).error is not None
        runtime_of(server).network_log = None
        assert server.running

    run(scenario)


class FullDisk(NetworkLog):
    def event_from_client(self, *_: Any) -> None:
        raise OSError("no space left")


class Trap:
    def __eq__(self, other: object) -> bool:
        raise SystemExit(2)

    __hash__ = None  # type: ignore[assignment]


def test_a_comparison_that_exits_ends_one_write(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app", compat="trame")  # elsewhere values of two types are not compared
        server.state.trap = Trap()
        client = await start(server).client()
        client.write(trap=1)
        client.write(x=1)
        await client.settled()
        assert server.state.x == 1
        assert [report.where for report in server.errors][-1] == "a write of trap"
        assert "SystemExit(2)" in server.errors[-1].message

    run(scenario)


class Leaving(dict[str, int]):
    def items(self) -> Any:
        raise SystemExit(2)


@pytest.mark.parametrize("compat", [None, "trame"])
def test_a_value_that_exits_when_it_is_sent_leaves_the_call_its_answer(start: Start, compat: Any) -> None:
    async def scenario() -> None:
        server = Server("app", compat=compat)

        @server.trigger("spring")
        def spring() -> str:
            server.state.trap = Leaving(a=1)
            return "done"

        client = await start(server).client()
        assert (await client.trigger("spring")).result == "done"
        assert server.errors[-1].where == "state"
        assert "SystemExit(2)" in server.errors[-1].message
        assert server.running

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
        client.leave()
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


@rule("logs_errors_of_pages")
@rule("error_of_a_page")
@pytest.mark.parametrize("heard", [True, False])
@pytest.mark.parametrize(
    ("compat", "words", "always"), [(None, "in a client:", True), ("trame", "JS Error =>", False)]
)
def test_what_the_log_has_of_errors_of_pages(
    start: Start, caplog: pytest.LogCaptureFixture, heard: bool, compat: Any, words: str, always: bool
) -> None:
    async def scenario() -> None:
        server = Server("app", compat=compat)
        told: list[str] = []
        if heard:
            server.controller.add("on_error")(told.append)
        client = await start(server).client()
        await client.call("trame.error.client", "boom")
        assert told == (["boom"] if heard else [])

    with caplog.at_level(logging.ERROR):
        run(scenario)
    assert (f"{words} boom" in caplog.text) is (always or not heard)
    assert ("boom" in caplog.text) is (always or not heard)


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


@rule("calls_in_order")
@pytest.mark.parametrize(("compat", "replies"), [(None, ["quick", "slow"]), ("trame", ["slow", "quick"])])
def test_who_is_answered_first(start: Start, compat: Any, replies: list[str]) -> None:
    async def scenario() -> None:
        server = Server("app", compat=compat)
        server.state.update({"n": 0, "seen": None})
        gate, begun = asyncio.Event(), asyncio.Event()

        @server.trigger("slow")
        async def slow() -> str:
            begun.set()
            await gate.wait()
            return "slow"

        server.trigger("quick")(lambda: "quick")
        server.change("n")(lambda n, **_: setattr(server.state, "seen", n))
        app = start(server)
        author, other = await app.client(), await app.client()
        answered: list[Any] = []

        async def ask(name: str) -> None:
            answered.append((await author.trigger(name)).result)

        first = asyncio.create_task(ask("slow"))
        await begun.wait()
        author.write(n=1)
        second = asyncio.create_task(ask("quick"))
        assert (await other.trigger("quick")).result == "quick"
        await turn(10)
        assert server.state.n == (0 if compat else 1)
        gate.set()
        await asyncio.gather(first, second)
        assert answered == replies
        assert server.state.seen == 1

    run(scenario)


def test_slow_calls_of_one_client_run_one_after_the_other_with_trames_manners(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app", compat="trame")
        running: list[int] = []
        most: list[int] = []

        @server.trigger("slow")
        async def slow(number: int) -> int:
            running.append(number)
            most.append(len(running))
            await asyncio.sleep(0)
            running.remove(number)
            return number

        client = await start(server).client()
        replies = await asyncio.gather(*(client.trigger("slow", number) for number in range(5)))
        assert [reply.result for reply in replies] == list(range(5))
        assert most == [1] * 5

    run(scenario)


def test_a_concurrent_trigger_runs_while_the_loop_is_blocked(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        stopped = threading.Event()
        threads: list[int] = []

        @server.trigger("stop", concurrent=True)
        def stop(reason: str) -> str:
            threads.append(threading.get_ident())
            server.state.reason = reason
            stopped.set()
            return "stopping"

        client = await start(server).client()
        reply = asyncio.create_task(client.trigger("stop", "enough"))
        await asyncio.sleep(0)  # the request leaves
        assert stopped.wait(10)
        assert (await reply).result == "stopping"
        await client.until(lambda: client.state.get("reason") == "enough")
        assert threads != [threading.get_ident()]

    run(scenario)


def test_whether_anything_is_heard_is_answered_while_the_loop_is_blocked(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a page asks to know whether a server that does not answer is at work (``js/src/view/shell/busy.ts``)."""

    async def scenario() -> None:
        server = Server("app")
        start(server)
        runtime, answered = runtime_of(server), list[object]()
        monkeypatch.setattr(runtime.primary.messages, "reply", lambda event, _: answered.append(event))
        reader = dispatcher.Dispatcher(runtime, uploads_of(server))
        event = CallEvent(ClientId("c"), "1", "jupyter_trame.reach", [], {})
        reading = threading.Thread(target=reader.on_event, args=[event])
        reading.start()
        reading.join()  # while the loop of the server does not turn
        assert answered == [event]

    run(scenario)


def test_a_concurrent_coroutine_function_and_one_that_fails(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app", compat="trame")

        @server.trigger("later", concurrent=True)
        async def later() -> int:
            await asyncio.sleep(0)
            return 1

        server.trigger("fail", concurrent=True)(lambda: 1 / 0)
        client = await start(server).client()
        assert (await client.trigger("later")).result == 1
        error = (await client.trigger("fail")).error
        assert error is not None
        assert error["data"]["exception"] == "ZeroDivisionError('division by zero')"
        async with asyncio.timeout(10):
            await runtime_of(server).network.completion()
        assert runtime_of(server).network.pending == 0

    run(scenario)


def test_a_concurrent_listener_runs_beside_the_loop(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        gate, begun, done = threading.Event(), asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        server.state.n = 0
        start(server)

        @server.state.change("n", concurrent=True)
        def compute(n: int, **_: Any) -> None:
            loop.call_soon_threadsafe(begun.set)
            gate.wait(10)
            server.state.square = n * n
            loop.call_soon_threadsafe(done.set)

        with server.state as state:
            state.n = 3
        await begun.wait()
        gate.set()
        await done.wait()
        assert server.state.square == 9

    run(scenario)


def test_every_exception_of_a_call_is_handed_on(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        heard: list[BaseException] = []
        emitted: list[Any] = []
        server.controller.add("on_exception")(heard.append)

        @server.trigger("fail")
        def fail() -> None:
            raise ValueError("now")

        @server.trigger("fail_later")
        async def fail_later() -> None:
            raise KeyError("later")

        client = await start(server).client()
        assert server.protocol is not None
        server.protocol.log_emitter.add_event_listener("exception", emitted.append)
        server.protocol.log_emitter.add_event_listener("error", emitted.append)
        await client.trigger("fail")
        await client.trigger("fail_later")
        assert [str(error) for error in heard] == ["now", "'later'"]
        assert emitted[1] is heard[0]
        assert emitted[0].endswith("ValueError: now")

    run(scenario)


@rule("sends_tracebacks")
@pytest.mark.parametrize(("compat", "shown"), [(None, False), ("trame", True)])
def test_trames_manners_send_tracebacks(
    start: Start, compat: Any, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LoopBackend, "shows_traces", False)

    async def scenario() -> None:
        server = Server("app", compat=compat)
        server.trigger("fail")(lambda: 1 / 0)
        app = start(server)
        client = await app.client()
        malformed_write = await client.call("trame.state.update", 7)
        for error in ((await client.trigger("fail")).error, malformed_write.error):
            assert error is not None
            assert error["message"] == "Exception raised"
            assert error["data"].keys() == {"method", "exception"} | ({"trace"} if shown else set())

    run(scenario)


def test_wrong_arguments_are_an_exception_and_missing_ones_none(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.trigger("none")(lambda: "called")
        server.trigger("one")(lambda one: one)
        client = await start(server).client()
        assert (await client.call("trame.trigger", "none")).result == "called"
        assert (await client.call("trame.trigger", "none", None, None)).result == "called"
        wrong = ((), ("none", "ab"), ("none", {"a": 1}), ("none", [], [1]), ("none", [], {}, "more"))
        for arguments in (("one", [], {}), ("one", [1], {"two": 2}), *wrong):
            error = (await client.call("trame.trigger", *arguments)).error
            assert error is not None
            assert error["code"] == -32001
            assert "TypeError" in error["data"]["exception"]
        assert (await client.call("trame.lifecycle.update")).error is not None
        assert runtime_of(server).network.pending == 0

    run(scenario)


@rule("clients_write_everything")
@pytest.mark.parametrize(("compat", "written"), [(None, False), ("trame", True)])
def test_with_trames_manners_clients_write_any_key(start: Start, compat: Any, written: bool) -> None:
    async def scenario() -> None:
        server = Server("app", compat=compat)
        client = await start(server).client()
        client.write(trame__favicon="x", trame__scripts=["x.js"])
        await client.settled()
        assert (server.state.trame__scripts == ["x.js"]) is written

    run(scenario)


def test_an_unknown_trigger_is_nothing_with_trames_manners(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        server = Server("app", compat="trame")
        client = await start(server).client()
        reply = await client.trigger("no_such")
        assert (reply.result, reply.error) == (None, None)
        assert not server.errors

    run(scenario)
    assert "Trigger no_such seems to be missing" in caplog.text


def test_protocols_hear_of_clients_that_come_and_go(start: Start) -> None:
    async def scenario() -> None:
        heard: list[str] = []

        class Package:
            def onConnect(self, _: object, client_id: str) -> None:  # noqa: N802 - wslink's name
                heard.append(f"in {client_id}")

            def onClose(self, client_id: str) -> None:  # noqa: N802 - wslink's name
                heard.append(f"out {client_id}")

        server = Server("app")
        server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(Package()))
        client = await start(server).client()
        await turn()
        client_id = runtime_of(server).primary.clients[0].removeprefix("c")
        assert heard == [f"in {client_id}"]
        client.leave()
        await turn()
        assert heard[1:] == [f"out {client_id}"]

    run(scenario)


def test_what_waited_behind_a_call_is_dropped_when_the_server_ends(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app", compat="trame")
        begun = asyncio.Event()
        called: list[int] = []

        @server.trigger("hang")
        async def hang() -> None:
            begun.set()
            await asyncio.Event().wait()

        server.trigger("next")(lambda: called.append(1))
        client = await start(server).client()
        client.session.call("trame.trigger", ["hang", [], {}])
        client.session.call("trame.trigger", ["next", [], {}])
        client._send()
        await begun.wait()
        await server.stop()
        await turn(10)
        assert called == []
        assert not runtime_of(server).user_code.errors

    run(scenario)


FORGED = "x\nERROR root: \x1b[2J\u202e" + "y" * 50_000
NAME = FORGED[:8_000]
"""As long as the name of a method or of a key may be."""


@pytest.mark.parametrize(
    ("method", "args"),
    [
        (NAME, []),
        ("trame.trigger", [FORGED]),
        ("trame.lifecycle.update", [f"server_{FORGED}"]),
        ("trame.error.client", [FORGED]),
        ("trame.state.update", [[{"key": f"trame__template_{NAME}", "value": ""}]]),
    ],
    ids=["method", "trigger", "life cycle", "error", "write"],
)
def test_clients_neither_flood_nor_forge_the_log(
    start: Start, caplog: pytest.LogCaptureFixture, method: str, args: list[Any]
) -> None:
    async def scenario() -> None:
        client = await start().client()
        for _ in range(200):
            await client.call(method, *args)

    with caplog.at_level(logging.WARNING):
        run(scenario)
    lines = [line for record in caplog.records for line in record.getMessage().split("\n    ")]
    assert 1 <= len(caplog.records) < 100
    assert all(line.isprintable() and len(line) < 4100 for line in lines)


def test_where_an_error_was_is_short_and_on_one_line(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    class Trap:
        def __eq__(self, other: object) -> bool:
            raise ZeroDivisionError("z" * 1_000_000)

        __hash__ = None  # type: ignore[assignment]

    async def scenario() -> None:
        server = Server("app")
        server.state[NAME] = Trap()
        client = await start(server).client()
        client.write(**{NAME: 1})
        await client.settled()
        report = server.errors[-1]
        assert report.where.isprintable()
        assert len(report.where) < 300
        assert len(report.message) < 5_000
        assert len(report.trace) < 50_000

    with caplog.at_level(logging.ERROR):
        run(scenario)
    assert all("\x1b" not in record.getMessage() for record in caplog.records)
