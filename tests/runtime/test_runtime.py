"""What a server and its children share."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.names import ERROR_TOPIC
from jupyter_trame.server import Server, runtime_of
from jupyter_trame.showing import forms
from tests.support.servers import TIMEOUT, App, LoopBackend

Start = Callable[..., App]


def test_the_title_follows_the_state(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.trame__title = "First"
        app = start(server)
        assert runtime_of(server).title == "First"
        server.state.trame__title = "Second"
        server.state.flush()
        assert runtime_of(server).title == "Second"
        assert app.backend.calls[-1] == ("retitle", "Second")

    asyncio.run(scenario())


def test_the_greeting_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        Server("app").start(args=["--banner"])

    asyncio.run(scenario())
    assert "___" in capsys.readouterr().out


def test_observers_hear_of_each_commit(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        start(server)
        heard: list[Mapping[str, Any]] = []
        runtime_of(server).commit_observers.append(heard.append)
        with server.state as state:
            state.x = 1
        assert heard == [{"x": 1}]

    asyncio.run(scenario())


def test_what_is_withheld_reaches_no_client_and_no_observer(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.rows, server.state.n = [1, 2], 1
        early = await start(server).client()
        runtime = runtime_of(server)
        heard: list[Mapping[str, Any]] = []
        runtime.commit_observers.append(heard.append)
        called: list[Any] = []
        server.change("rows")(lambda rows, **_: called.append(rows))
        runtime.withhold(["rows"])
        await early.until(lambda: early.state["rows"] is None)
        with server.state as state:
            state.rows, state.n = [3], 2
        runtime.force_push(["rows", "n"])
        late = await start(server).client()
        await early.until(lambda: early.state["n"] == 2)
        assert late.state["rows"] is None
        assert early.state["rows"] is None
        assert (heard, called, server.state.rows) == ([{"n": 2}], [[3]], [3])

    asyncio.run(scenario())


def test_what_nobody_withholds_any_more_is_sent(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.rows = [1]
        client = await start(server).client()
        runtime = runtime_of(server)
        runtime.withhold(["rows"])
        runtime.withhold(["rows"])
        await client.until(lambda: client.state["rows"] is None)
        runtime.release(["rows"])
        with server.state as state:
            state.rows, state.n = [2], 2
        await client.until(lambda: client.state.get("n") == 2)
        assert client.state["rows"] is None
        assert runtime.is_withheld("rows")
        runtime.release(["rows"])
        await client.until(lambda: client.state["rows"] == [2])

    asyncio.run(scenario())


def test_a_push_leaves_while_the_loop_is_blocked(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        client = await start(server).client()
        for step in range(20):
            server.state.progress = step
            server.state.flush()
            assert client.state["progress"] == step

    asyncio.run(scenario())


def test_another_thread_may_write(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.n = 0
        threads: list[int] = []

        @server.change("n")
        def on_n(**_: Any) -> None:
            threads.append(threading.get_ident())

        client = await start(server).client()
        threads.clear()

        def work() -> None:
            for number in range(1, 51):
                server.state.n = number
                server.state.flush()

        thread = threading.Thread(target=work)
        thread.start()
        await client.until(lambda: client.state["n"] == 50)
        thread.join()
        await client.until(lambda: threads)
        assert set(threads) == {threading.get_ident()}

    asyncio.run(scenario())


def test_errors_are_published_at_a_bounded_rate(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        client = await start(server).client()
        for number in range(60):
            runtime_of(server).user_code.report("here", ValueError(number))
        server.state.done = 1
        server.state.flush()
        await client.until(lambda: client.state.get("done"))
        assert len(client.published("jupyter_trame.error")) == 20
        assert len(server.errors) == 60

    asyncio.run(scenario())


@pytest.mark.parametrize("shown", [True, False])
def test_tracebacks_go_to_those_who_may_see_them(
    start: Start, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LoopBackend, "shows_traces", shown)

    async def scenario() -> None:
        server = Server("app")
        app = start(server)
        client = await app.client()
        runtime_of(server).user_code.call("here", lambda: 1 / 0)
        await client.until(lambda: client.published("jupyter_trame.error"))
        assert bool(client.published("jupyter_trame.error")[0]["trace"]) is shown

    asyncio.run(scenario())


def test_the_network_log_is_as_long_as_a_life(start: Start, tmp_path: Path) -> None:
    async def scenario() -> None:
        server = Server("app", log_network=str(tmp_path / "log"))
        start(server)
        await server.stop()
        server.options["log_network"] = None
        start(server)
        assert runtime_of(server).network_log is None

    asyncio.run(scenario())


def test_a_log_that_cannot_be_written_keeps_the_server_down(tmp_path: Path) -> None:
    async def scenario() -> None:
        server = Server("app", log_network=str(tmp_path / "no" / "log"))
        ready = server.ready
        with pytest.raises(ServerError, match="network log"):
            server.start()
        assert server._running_stage == 0
        with pytest.raises(ServerError, match="network log"):
            await ready

    asyncio.run(scenario())


def test_a_slow_figure_holds_no_other_client_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a thread draws it others come, write and are answered, and Python sets other values."""
    begun, go_on = threading.Event(), threading.Event()

    class Figure:
        pass

    def draw(_: Figure) -> str:
        begun.set()
        assert go_on.wait(TIMEOUT)
        return "drawn"

    monkeypatch.setattr(forms, "_forms", {**forms._forms, Figure: forms.Form(draw, draw)})
    monkeypatch.setattr(forms, "_known", {})

    async def scenario() -> None:
        server = Server("app")
        server.state.power = 1
        server.trigger("double")(lambda: 2 * server.state.power)
        app = start(server)
        first = await app.client()

        def show() -> None:
            with server.state as state:
                state.figure = Figure()

        showing = asyncio.create_task(asyncio.to_thread(show))
        assert await asyncio.to_thread(begun.wait, TIMEOUT)
        second = await app.client()
        second.write(power=5)
        await second.settled()
        await first.until(lambda: first.state["power"] == 5)
        assert (await second.trigger("double")).result == 10
        with server.state as state:
            state.power = 7
        await first.until(lambda: first.state["power"] == 7)
        assert "figure" not in first.state
        go_on.set()
        await showing
        for client in (first, second):
            await client.until(lambda client=client: client.state.get("figure") == "drawn")

    asyncio.run(scenario())


def test_what_went_wrong_before_anybody_looked_is_told_to_the_first_who_does(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.n = 1
        for number in range(8):

            def fail(number: int = number) -> None:
                raise ValueError(number)

            server.state.change("n")(fail)
        app = start(server)
        first, second = await app.client(), await app.client()
        await first.until(lambda: len(first.published(ERROR_TOPIC)) == 8)
        assert second.published(ERROR_TOPIC) == []
        await server.stop()

    asyncio.run(scenario())
