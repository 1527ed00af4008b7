"""A client does what a browser does."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

from jupyter_trame.browserless.elements import NoSuchElementError
from jupyter_trame.browserless.expressions import NeedsBrowserError
from jupyter_trame.errors import RemoteError, SerializationError
from jupyter_trame.server import Server
from jupyter_trame.testing.app_client import AppClient, JsCall, Publication
from jupyter_trame.testing.app_errors import NotReachedError
from jupyter_trame.testing.app_session import AppSession
from tests.testing.support import TIMEOUT, Counter, run

Story = Callable[[AppSession, AppClient], Awaitable[object]]


def play(story: Story) -> None:
    async def main() -> None:
        async with AppSession(Counter, {}, TIMEOUT) as session:
            await story(session, await session.client())

    run(main())


def test_what_is_set_is_there_when_the_call_returns() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        await client.set(n=4, fresh=[1])
        assert (session.state.n, session.state.fresh, session.state.total) == (4, [1], 40)
        assert client.state.total == 40

    play(story)


def test_triggers() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        assert await client.trigger("add", 2, times=3) == 7
        assert client.state.total == 70
        assert await client.trigger("later") == "later"
        with pytest.raises(RemoteError, match=r"no trigger"):
            await client.trigger("ad")

    play(story)


def test_a_trigger_that_raises() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        with session.errors.expect("trigger bad .*: KeyError: 'bad'") as reports:
            await client.trigger("bad")
        assert len(reports) == 1

    play(story)


def test_actions_and_publications() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        await client.trigger("add", 2)
        await client.until(lambda _: client.actions)
        assert client.actions == [JsCall("add", "focus", [2])]
        assert session.server.protocol is not None
        session.server.protocol.publish("news", {"x": 1})
        await client.until(lambda _: len(client.publications) == 2)
        assert client.publications[-1] == Publication("news", {"x": 1})

    play(story)


def test_waiting_for_a_value() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        setting = asyncio.ensure_future(session.set(n=5))
        await client.wait_for("total", 50)
        await setting
        with pytest.raises(NotReachedError) as caught:
            await client.wait_for("total", 51, timeout=0.01)
        assert "total of client 1 is 51" in str(caught.value)
        assert "client 1 (connected) holds:" in str(caught.value)
        assert "total = 50" in str(caught.value)

    play(story)


def test_what_cannot_be_sent() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        with pytest.raises(SerializationError):
            await client.set(n=object())

    play(story)


def test_buttons() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        await client.find("button", text="Add").click()
        assert session.state.n == 3
        await client.find("button", text="Toggle").click()
        assert (session.state.open, session.state.n, client.find("p.sum.big").text) == (True, 4, "total 40")
        await client.find("button", text="Toggle").click()
        with pytest.raises(NoSuchElementError):
            client.find("p")
        await client.find("li", text="b").click()
        assert session.state.picked == "b"
        with session.errors.expect("bad"):
            await client.find("button", text="Bad").click()

    play(story)


def test_a_disabled_button_cannot_be_clicked() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        await client.set(n=101)
        with pytest.raises(AssertionError, match=r"nobody can click <button .*: it is disabled"):
            await client.find(ref="add").click()
        assert session.state.n == 101

    play(story)


def test_inputs() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        await client.find("input").set("7")
        assert session.state.total == 70

    play(story)


def test_writes_and_calls_of_a_handler_arrive_in_order() -> None:
    seen: list[object] = []

    def app(server: object) -> None:
        server.state.n = 0  # type: ignore[attr-defined]
        text = "<button @click=\"n = 1; trigger('look'); n = 2; trigger('look')\">x</button>"
        server.state.trame__template_second = text  # type: ignore[attr-defined]
        server.trigger("look")(lambda: seen.append(server.state.n))  # type: ignore[attr-defined]

    async def main() -> None:
        async with AppSession(app, {}, TIMEOUT) as session:
            client = await session.client()
            await client.find("button", template="second").click()
            assert (seen, session.state.n) == ([1, 2], 2)
            assert client.find_all("p", template="second") == []

    run(main())


def test_hidden_elements_and_foreign_expressions() -> None:
    def app(server: object) -> None:
        server.state.trame__template_main = (  # type: ignore[attr-defined]
            '<a v-show="no" @click="x = 1">a</a><b :disabled="f()" @click="x = 2">b</b><i @click="window.open()">c</i>'
        )

    async def main() -> None:
        async with AppSession(app, {}, TIMEOUT) as session:
            client = await session.client()
            with pytest.raises(AssertionError, match="hidden"):
                await client.find("a").click()
            with pytest.raises(AssertionError, match="hidden"):
                await client.find("a").set(1)
            await client.find("b").click()
            assert session.state.x == 2
            with pytest.raises(NeedsBrowserError):
                await client.find("i").click()

    run(main())


def test_a_template_that_is_not_there() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        with pytest.raises(LookupError, match="no template 'other'; there are: main"):
            client.template("other")

    play(story)


def test_a_changed_template_is_read_again() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        assert client.find_all("input")
        await session.set(trame__template_main="<p>new</p>")
        assert client.template().text == "new"

    play(story)


def test_cut_and_resume() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        other = await session.client()
        client.cut()
        assert not client.connected
        with pytest.raises(ConnectionError):
            await asyncio.gather(*[client.trigger("add", 1) for _ in range(2)])
        await client.set(n=7)
        await other.set(big="changed")
        assert (session.state.n, client.state.big) == (1, "")
        await client.resume()
        await session.converge()
        assert (session.state.n, client.state.big, other.state.total) == (7, "changed", 70)

    play(story)


def test_a_call_survives_a_cut() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        client.delay(1.0)
        call = asyncio.ensure_future(client.trigger("add", 1))
        await asyncio.sleep(0)
        client.cut()
        client.delay(0.0)
        await client.resume()
        assert await call == 2
        assert session.state.n == 2

    play(story)


def test_many_cuts_at_once() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        for number in range(20):
            client.cut()
            if number % 2:
                await client.set(n=number)
            await client.resume()
            assert await client.trigger("add", 1)
        await session.converge()
        assert client.state.total == session.state.n * 10

    play(story)


def test_a_stalled_client_holds_nobody_back() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        other = await session.client()
        client.stall()
        for number in range(60):
            await session.set(big=f"{number}" + "x" * 100_000)
            assert other.state.big == session.state.big
        assert client.state.big == ""
        assert client._route.in_flight < 30
        assert "stalled" in client._describe()
        await client.set(n=2)
        assert session.state.n in {1, 2}
        await client.resume()
        await session.converge()
        assert client.state.big.startswith("59")

    play(story)


def test_leaving_and_coming_back() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        await client.disconnect()
        await client.disconnect()
        assert not client.connected
        assert repr(client) == "<AppClient 'client 1', disconnected>"
        await session.set(n=9)
        await client.connect()
        assert client.state.total == 90

    play(story)


def test_a_server_that_stops() -> None:
    async def story(session: AppSession, client: AppClient) -> None:
        await session.server.stop()
        await client.until(lambda _: not client.connected)
        with pytest.raises(ConnectionError):
            await client.trigger("add", 1)

    play(story)


def test_a_click_drops_the_result_that_a_caller_would_get_an_error_for() -> None:
    def figures(server: Server) -> None:
        server.state.drawn = 0

        def draw() -> object:
            server.state.drawn += 1
            return object()

        server.trigger("draw")(draw)
        with DivLayout(server):
            html.Button("Draw", click=draw)

    async def story() -> None:
        async with AppSession(figures, {}, TIMEOUT) as session:
            client = await session.client()
            await client.find("button").click()
            assert client.state.drawn == 1
            with pytest.raises(RemoteError, match="cannot be serialized"):
                await client.trigger("draw")

    run(story())


def test_parts_of_values_reach_the_app_and_the_other_clients() -> None:
    def form(server: Server) -> None:
        server.state.update({"form": {"name": "", "tags": []}, "todos": [{"done": False}, {"done": False}]})
        with DivLayout(server):
            html.Input(v_model="form.name")
            html.Button(click="form.tags.push(form.name); form.tags.push(todos.length)")
            html.P(v_for="todo in todos", click="todo.done = !todo.done")

    async def main() -> None:
        async with AppSession(form, {}, TIMEOUT) as session:
            client, other = await session.client(), await session.client()
            seen: list[object] = []
            session.state.change("form")(lambda form, **_: seen.append(form))
            await client.find("input").set("Ada")
            await client.find("button").click()
            await client.find_all("p")[1].click()
            await client.find_all("p")[1].click()
            await other.find_all("p")[1].click()
            expected = {"name": "Ada", "tags": ["Ada", 2]}
            assert seen == [{"name": "Ada", "tags": []}, expected], "a handler sends a key once"
            assert session.state.form == expected
            assert session.state.todos == [{"done": False}, {"done": True}]
            await session.converge()
            for state in (client.state, other.state):
                assert (state.form, state.todos) == (session.state.form, session.state.todos)

    run(main())
