"""Stages, events and replacement."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.runtime.backend import StartRequest
from jupyter_trame.server import Server, life_cycle_of, runtime_of
from tests.support.servers import App, FakeSockets, turn

Start = Callable[..., App]


def test_events_come_in_order_with_their_stage(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        seen: list[tuple[str, int]] = []

        def note(event: str) -> Callable[..., None]:
            return lambda *_, **__: seen.append((event, server._running_stage))

        server.state.x = 1
        server.controller.add("on_server_start")(note("start"))
        server.add_protocol_to_configure(note("configure"))
        server.change("x")(note("change"))
        server.controller.add("on_server_ready")(note("ready"))
        server.controller.add("on_server_exited")(note("exited"))
        start(server)
        await server.ready
        await server.stop()
        assert seen == [("start", 0), ("configure", 1), ("change", 2), ("ready", 2), ("exited", 0)]

    asyncio.run(scenario())


def test_events_get_the_state_whatever_its_keys_are_called(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        server.state.update({"f": 1, "self": 2, "event": 3, "where": 4})
        got: dict[str, Any] = {}
        server.controller.add("on_server_ready")(got.update)
        start(server)
        assert {key: got[key] for key in ("f", "self", "event", "where")} == {
            "f": 1,
            "self": 2,
            "event": 3,
            "where": 4,
        }
        assert not server.errors

    asyncio.run(scenario())


def test_events_with_the_state_give_each_function_what_it_names(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        server.state.update({"x": 1, "y": 2})
        got: list[Any] = []
        server.controller.add("on_server_ready")(lambda x: got.append(x))
        server.controller.add("on_server_ready")(lambda z: got.append(z))

        @server.controller.add_task("on_server_ready")
        async def ready() -> None:
            got.append("task")

        @server.controller.add("on_server_exited")
        async def exited(y: int, z: int = 3) -> None:
            got.append((y, z))

        start(server)
        await turn()
        await server.stop()
        assert got == [1, "task", (2, 3)]
        [report] = server.errors
        assert report.where == "on_server_ready"
        assert "takes 'z', which nobody has set" in report.message

    asyncio.run(scenario())


def test_a_listener_with_latest_runs_in_the_next_life_too(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        seen: list[int] = []
        begun = asyncio.Event()

        @server.change("x", latest=True)
        async def on_x(x: int) -> None:
            seen.append(x)
            begun.set()
            await asyncio.Event().wait()

        start(server)
        for x in (1, 2):
            await server.stop()
            start(server)
            with server.state as state:
                state.x = x
            await begun.wait()
            begun.clear()
        # A run that is cancelled before its first step has ended as well.
        await server.stop()
        start(server)
        server.state.x = 3
        server.state.flush()
        await asyncio.sleep(0)
        await server.stop()
        start(server)
        server.state.x = 4
        server.state.flush()
        await begun.wait()
        assert seen[-1] == 4
        await server.stop()

    asyncio.run(scenario())


def test_a_lone_once_callback_fires(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        calls: list[int] = []
        server.controller.once("on_server_ready")(lambda **_: calls.append(1))
        start(server)
        assert calls == [1]

    asyncio.run(scenario())


def test_coroutine_callbacks_run(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        done = asyncio.Event()

        @server.controller.add("on_server_ready")
        async def ready(**_: Any) -> None:
            await asyncio.sleep(0)
            done.set()

        start(server)
        await done.wait()

    asyncio.run(scenario())


def test_stop_waits_for_coroutines_that_say_goodbye(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        said: list[str] = []

        @server.controller.add("on_server_exited")
        async def exited(**_: Any) -> None:
            await asyncio.sleep(0)
            said.append("goodbye")

        start(server)
        await server.stop()
        assert said == ["goodbye"]

    asyncio.run(scenario())


def test_a_failing_callback_does_not_keep_the_server_down(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")

        @server.controller.add("on_server_ready")
        def fail(**_: Any) -> None:
            raise ValueError("no")

        start(server)
        assert server.running
        assert server.errors[0].where == "on_server_ready"

    asyncio.run(scenario())


def test_a_protocol_that_cannot_be_configured_stops_the_start(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")

        def fail(_: object) -> None:
            raise ValueError("no protocol")

        server.add_protocol_to_configure(fail)
        ready = server.ready
        with pytest.raises(ValueError, match="no protocol"):
            start(server)
        assert server._running_stage == 0
        with pytest.raises(ValueError, match="no protocol"):
            await ready

    asyncio.run(scenario())


def test_ready_before_and_after_the_start(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        before = server.ready
        assert not before.done()
        start(server)
        assert await before is True
        await server.stop()
        assert not server.ready.done()

    asyncio.run(scenario())


def test_a_server_starts_again(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        readies: list[int] = []
        server.controller.add("on_server_ready")(lambda **_: readies.append(1))
        start(server)
        await server.stop()
        server.state.while_off = 1
        client = await start(server).client()
        assert client.state["while_off"] == 1
        assert len(readies) == 2

    asyncio.run(scenario())


def test_a_server_of_the_same_name_takes_over(start: Start) -> None:
    async def scenario() -> None:
        old = Server("life")
        exited: list[int] = []
        hang = asyncio.Event()
        cancelled: list[int] = []

        @old.controller.add_task("on_server_ready")
        async def work(**_: Any) -> None:
            try:
                await hang.wait()
            except asyncio.CancelledError:
                cancelled.append(1)
                raise

        old.controller.add("on_server_exited")(lambda **_: exited.append(1))
        app = start(old)
        client = await app.client()
        await turn()
        new = Server("life")
        assert not old.running
        assert exited == [1]
        assert app.backend.calls[-1] == ("close", True)
        await turn()
        assert cancelled == [1]
        assert "stopped" not in client.statuses()
        assert runtime_of(new).slug == runtime_of(old).slug

    asyncio.run(scenario())


def test_stopping_from_a_coroutine_callback_lets_it_finish(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        after: list[int] = []

        @server.trigger("quit")
        async def quit_() -> None:
            await server.stop()
            after.append(1)

        client = await start(server).client()
        client.session.call("trame.trigger", ["quit", [], {}])
        client._send()
        await client.until(lambda: client.closed)
        await turn()
        assert after == [1]

    asyncio.run(scenario())


def test_finished_returns_when_the_server_ends(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        await life_cycle_of(server).finished()
        start(server)
        life = asyncio.create_task(life_cycle_of(server).finished())
        await turn()
        assert not life.done()
        server.stop()
        await life

    asyncio.run(scenario())


def test_late_goodbyes_end_their_own_life_alone(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        go_on = asyncio.Event()
        said: list[int] = []

        @server.controller.once("on_server_exited")
        async def goodbye(**_: Any) -> None:
            await go_on.wait()
            said.append(1)

        start(server)
        first = server.stop()
        start(server)
        life = asyncio.create_task(life_cycle_of(server).finished())
        await turn()
        go_on.set()
        await first
        await turn()
        assert said == [1]
        assert not life.done()
        await server.stop()
        await life

    asyncio.run(scenario())


def test_ready_is_of_the_loop_that_turns_where_the_last_one_turns_on(start: Start) -> None:
    server = Server("life")
    up, go_on = threading.Event(), threading.Event()

    async def first() -> None:
        start(server)
        await server.stop()
        up.set()
        await asyncio.to_thread(go_on.wait)

    async def second() -> None:
        ready = server.ready
        assert ready.get_loop() is asyncio.get_running_loop()
        start(server)
        assert await ready
        await server.stop()

    thread = threading.Thread(target=asyncio.run, args=(first(),))
    thread.start()
    try:
        up.wait()
        asyncio.run(second())
    finally:
        go_on.set()
        thread.join()


def test_ready_is_false_where_the_start_was_given_up(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        life_cycle = life_cycle_of(server)
        for give_up in (lambda: life_cycle.failed(asyncio.CancelledError()), life_cycle.end):
            ready = server.ready
            life_cycle.prepare(StartRequest())
            life_cycle.begin(asyncio.get_running_loop(), threading.get_ident())
            give_up()
            assert await ready is False
            assert server._running_stage == 0
        app = start(server)
        assert await app.server.ready is True

    asyncio.run(scenario())


def test_protocols_are_made_anew_at_each_start(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        protocols: list[Any] = []
        server.add_protocol_to_configure(protocols.append)
        start(server)
        await server.stop()
        assert server.protocol is protocols[0]
        start(server)
        assert server.protocol is protocols[1] is not protocols[0]

    asyncio.run(scenario())


def test_a_server_lives_on_one_loop_after_the_other(start: Start) -> None:
    server = Server("life")
    threads: list[bool] = []

    @server.controller.add("on_server_ready")
    async def ready(**_: Any) -> None:
        threads.append(runtime_of(server).owner.loop is asyncio.get_running_loop())

    async def scenario() -> None:
        start(server)
        await turn()
        await server.stop()

    asyncio.run(scenario())
    asyncio.run(scenario())
    assert threads == [True, True]


def test_what_is_scheduled_before_the_loop_turns_runs_on_it() -> None:
    server = Server("life")
    loops: list[object] = []

    @server.controller.add("on_server_start")
    async def on_start(_: Server) -> None:
        loops.append(asyncio.get_running_loop())

    life_cycle_of(server).prepare(StartRequest())
    assert server._running_stage == 1

    async def scenario() -> None:
        life_cycle_of(server).begin(asyncio.get_running_loop(), threading.get_ident())
        await turn()
        assert loops == [asyncio.get_running_loop()]

    asyncio.run(scenario())


def test_a_start_within_the_start_does_nothing(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        inner: list[Any] = []
        server.controller.add("on_server_start")(lambda server: inner.append(server.start()))
        start(server)
        assert inner == [None]
        assert server.running

    asyncio.run(scenario())


def test_stop_may_become_a_task(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        start(server)
        await asyncio.create_task(server.stop())
        assert not server.running

    asyncio.run(scenario())


def test_the_web_application_is_handed_to_the_app(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        webs: list[Any] = []
        server.controller.add("on_server_bind")(webs.append)
        start(server)
        assert server._server is None
        await server.stop()
        life_cycle, sockets = life_cycle_of(server), FakeSockets("web")
        life_cycle.prepare(StartRequest())
        life = asyncio.create_task(life_cycle.run(sockets))
        assert await server.ready
        assert webs == ["web"]
        assert server.port == 1234
        await server.stop()
        await life
        assert sockets.calls == ["open", "listen", "publish", "announce", "until", "closed"]


def test_a_life_that_cannot_begin_is_closed(start: Start) -> None:
    async def scenario() -> None:
        server = Server("life")
        sockets = FakeSockets()

        async def listen() -> int:
            raise OSError("taken")

        sockets.listen = listen  # type: ignore[method-assign]
        life_cycle = life_cycle_of(server)
        life_cycle.prepare(StartRequest())
        with pytest.raises(OSError, match="taken"):
            await life_cycle.run(sockets)
        assert sockets.calls == ["open", "shut", "closed"]
        assert server._running_stage == 0

    asyncio.run(scenario())


def test_the_client_of_trame_is_enabled_where_no_module_has_a_page(start: Start) -> None:
    async def scenario() -> None:
        from trame_client.module import vue3

        server = Server("life")
        start(server)
        assert server._www == vue3.www
        other = Server("own")
        other.enable_module({"www": "/own"})
        start(other)
        assert other._www == "/own"
        assert vue3 not in other._loaded_modules

    asyncio.run(scenario())


EVENTS = ["on_server_start", "on_server_bind", "on_server_ready", "on_server_exited"]
CLIENT_EVENTS = ["on_client_connected", "on_client_exited", "on_exception"]


@pytest.mark.parametrize("prefix", [None, "child_"])
@pytest.mark.parametrize("compat", [None, "trame"])
def test_a_callback_that_fails_stops_no_other(start: Start, prefix: str | None, compat: Any) -> None:
    async def scenario() -> None:
        server = Server("life", compat=compat)
        child = server if prefix is None else server.create_child_server(prefix=prefix)
        controller = child.controller
        called: list[str] = []

        def fail(*_: Any, **__: Any) -> None:
            raise ValueError("no")

        def leave(*_: Any, **__: Any) -> None:
            raise SystemExit(2)

        async def fail_later(*_: Any, **__: Any) -> None:
            await asyncio.sleep(0)
            raise ValueError("no")

        for event in (*EVENTS, *CLIENT_EVENTS):
            function = controller[event]

            async def before(*_: Any, event: str = event, **__: Any) -> None:
                called.append(f"before {event}")

            async def task(*_: Any, event: str = event, **__: Any) -> None:
                called.append(f"task {event}")

            for callback in (fail_later, before, fail, leave):
                function.add(callback)
            function.once(fail)
            function.add_task(fail)
            function.add_task(task)
            function.add(lambda *_, event=event, **__: called.append(f"after {event}"))

        server.trigger("fail")(fail)
        app = start(server)
        runtime_of(server).fire("on_server_bind", None)
        client = await app.client()
        assert (await client.trigger("fail")).error is not None
        client.leave()
        await turn()
        await server.stop()
        expected = {
            f"{when} {event}" for event in (*EVENTS, *CLIENT_EVENTS) for when in ("before", "after", "task")
        }
        assert set(called) == expected

    asyncio.run(scenario())


def test_the_backend_stays_while_its_name_does() -> None:
    life_cycle = life_cycle_of(Server("app"))
    assert life_cycle.runtime.web is None
    first = life_cycle.backend
    assert life_cycle.use_backend(None) is first
    named = life_cycle.use_backend("tornado")
    assert named is not first
    assert life_cycle.use_backend("tornado") is named is life_cycle.backend
    assert isinstance(life_cycle.use_backend(None), type(first))
