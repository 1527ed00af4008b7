"""Twelve mistakes that are commonly made, and the words that a user sees of them in a cell and in a view."""

import asyncio
import re
from collections.abc import Callable
from string import ascii_letters
from typing import Any

import pytest
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

from jupyter_trame import ui
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.kernel.backend import text_of
from jupyter_trame.names import ERROR_TOPIC, TEMPLATE_MISTAKE, UNKNOWN_KEY
from jupyter_trame.server import Server, runtime_of
from tests.support.servers import App, Client, LoopBackend, turn

Start = Callable[..., App]
HERE = r"test_words\.py, line \d+"


class Seen:
    """What a cell and a view show of one app."""

    def __init__(self, server: Server, client: Client) -> None:
        self.server = server
        self.client = client
        self.reports: list[ErrorReport] = []
        runtime_of(server).user_code.sinks.append(self.reports.append)

    @property
    def cell(self) -> str:
        return "".join(map(text_of, self.reports))

    @property
    def view(self) -> str:
        return "".join(f"{report['message']}\n" for report in self.client.published(ERROR_TOPIC))

    def expect(self, words: str) -> None:
        """Both show what matches `words`, once."""
        for place, text in (("cell", self.cell), ("view", self.view)):
            assert len(re.findall(words, text)) == 1, f"the {place} shows:\n{text}"


def run(start: Start, mistake: Callable[[Server, Seen], Any], name: str = "app") -> Seen:
    """What is seen when `mistake` is made of an app that has a client."""

    async def scenario() -> Seen:
        server = Server(name)
        server.state.update({"low": 1, "high": 2, "picture": b"", "rows": []})
        seen = Seen(server, await start(server).client())
        result = mistake(server, seen)
        if asyncio.iscoroutine(result):
            await result
        server.state.flush()
        await turn(10)
        await server.stop()
        return seen

    return asyncio.run(scenario())


def test_a_listener_names_what_nobody_has_set(start: Start) -> None:
    def mistake(server: Server, _: Seen) -> None:
        @server.state.change("low")
        def on_low(low: int, hgih: int) -> None: ...

        server.state.low = 5

    seen = run(start, mistake)
    seen.expect(r"is 'high' meant\? .*on_low takes 'hgih', which nobody has set")
    assert "Traceback" not in seen.cell


def test_a_listener_waits_for_what_nobody_has_set(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    def draw(hihg: int = 3) -> None: ...

    async def scenario() -> None:
        server = Server("app")
        server.state.low = 1
        server.state.change("lwo")(lambda lwo: lwo)
        server.state.high = 2
        with ui.app(server):
            ui.output(draw)
        client = await start(server).client()
        await client.until(lambda: len(client.published(ERROR_TOPIC)) >= 2)
        seen = Seen(server, client)
        assert re.search(r"is 'low' meant\? \S*<lambda> waits for 'lwo', which nobody has set", seen.view)
        assert "is 'high' meant? output draw waits for 'hihg', which nobody has set" in seen.view

    asyncio.run(scenario())
    assert "is 'low' meant?" in caplog.text


def test_an_output_tells_of_its_missing_key_once(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.level = 1
        with ui.app(server):
            ui.output(lambda levle: levle)
        seen = Seen(server, await start(server).client())
        await turn(10)
        words = r"is 'level' meant\?"
        reports = [*server.errors, *runtime_of(server).user_code.hints.values()]
        assert [bool(re.search(words, report.message)) for report in reports] == [True]
        assert not re.search(words, seen.view), "its own part shows it"
        assert "takes 'levle', which nobody has set" in str(seen.client.state)

    asyncio.run(scenario())


def test_a_value_that_cannot_be_sent_is_not_called_unset(start: Start) -> None:
    async def mistake(server: Server, seen: Seen) -> None:
        server.state.trame__template_main = "{{ thing }} {{ lwo }}"
        server.state.thing = object()
        server.state.flush()
        await turn(10)
        assert (await seen.client.call(UNKNOWN_KEY, "main", "lwo")).result
        assert (await seen.client.call(UNKNOWN_KEY, "main", "thing")).result is None

    run(start, mistake).expect(r"the value of 'thing' \(object\) cannot be sent")


def test_python_reads_what_nobody_has_set(start: Start) -> None:
    seen = run(start, lambda server, _: [server.state.hihg, server.state.hihg])
    seen.expect(r"is 'high' meant\? 'hihg' was read, which nobody has set")


def test_a_template_names_what_nobody_has_set(start: Start) -> None:
    answers: list[Any] = []

    async def mistake(server: Server, seen: Seen) -> None:
        with DivLayout(server):
            html.Div("{{ high }}")
            html.Div("{{ hihg }}")
        keys = ("hihg", "hihg", "total", "high")
        answers.extend([(await seen.client.call(UNKNOWN_KEY, "main", key)).result for key in keys])

    seen = run(start, mistake)
    words = rf"is 'high' meant\? html\.Div in {HERE} names 'hihg', which nobody has set"
    assert re.match(words, answers[0])
    assert answers[1] == answers[0]
    assert answers[2].startswith("set state.total first, to None if it has no value yet: ")
    assert answers[3] is None
    assert len(re.findall(words, seen.cell)) == 1
    assert "total" not in seen.cell
    assert seen.view == "", "the page shows the answer"


def test_pages_that_make_up_mistakes_leave_room_for_hints(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.update({"low": 1})
        with DivLayout(server):
            html.Div("{{ low }}")
        client = await start(server).client()
        hints = runtime_of(server).user_code.hints
        for number in range(120):
            assert (await client.call(UNKNOWN_KEY, f"{number}" * 1000, "lwo")).result is None
        assert not hints
        for letter in ascii_letters:
            await client.call(UNKNOWN_KEY, "main", f"low{letter}")
            await client.call(UNKNOWN_KEY, "main", f"{letter}low")
        assert len(hints) == 50
        assert server.state.lwo is None
        assert "'lwo' was read" in list(hints.values())[-1].message
        await server.stop()

    asyncio.run(scenario())


def layout_mistake(make: Callable[[], object]) -> Callable[[Server, Seen], None]:
    def mistake(server: Server, _: Seen) -> None:
        with DivLayout(server):
            make()
        with DivLayout(server):
            make()

    return mistake


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: html.Img(src="picture"),
            r'write src=\("picture",\) for the value of state\.picture: src="picture" is the text itself',
        ),
        (
            lambda: html.Button("Go", on_click=print),
            r"is 'click' meant\? html\.Button has no argument 'on_click', and leaves it out",
        ),
        (
            lambda: html.Button("Go", clik=print),
            r"is 'click' meant\? html\.Button has no argument 'clik', and leaves it out",
        ),
        (
            lambda: html.Button("Go", v_on_clik=print),
            r"is 'v_on_click' meant\? html\.Button knows no event that 'v_on_clik' may wait for",
        ),
        (
            lambda: html.Input(placehoder="name"),
            r"is 'placeholder' meant\? html\.Input has no argument 'placehoder', and leaves it out",
        ),
        (
            lambda: html.Button("Go", aria_label="go"),
            r"""write raw_attrs=\['aria-label="..."'\] if the element is to have that attribute: html\.Button """,
        ),
    ],
)
def test_an_element_is_given_what_it_does_not_have(
    start: Start, make: Callable[[], object], words: str
) -> None:
    seen = run(start, layout_mistake(make))
    seen.expect(words)
    assert re.search(rf"^Hint: .*\({HERE} of template \"main\"\)$", seen.cell, re.MULTILINE)


def test_views_are_told_again_of_what_another_text_still_has(start: Start) -> None:
    """A view forgets what was said of a template when its text changes; a cell keeps what it shows."""

    async def scenario() -> None:
        server = Server("app")
        client = await start(server).client()
        seen = Seen(server, client)
        hint = r"is 'click' meant\?"
        with server.state, DivLayout(server) as layout:
            html.Button("Go", on_click=print)
        await client.until(lambda: re.search(hint, seen.view))
        for count in (2, 3):
            with server.state, layout:
                html.P("more")
            await client.until(lambda count=count: len(re.findall(hint, seen.view)) == count)
        assert len(re.findall(hint, seen.cell)) == 1
        layout.root.clear()
        with server.state:
            layout.flush_content()
        await turn(10)
        assert len(re.findall(hint, seen.view)) == 3
        await server.stop()

    asyncio.run(scenario())


def test_a_template_is_no_template(start: Start) -> None:
    answers: list[Any] = []

    async def mistake(server: Server, seen: Seen) -> None:
        with DivLayout(server), html.Div():
            html.Span("fine")
            html.Span("{{ low + }}")
        template = str(server.state.trame__template_main).splitlines()
        line = 1 + next(number for number, text in enumerate(template) if "low +" in text)
        said = f"line {line}: it is no JavaScript"
        answers.append((await seen.client.call(TEMPLATE_MISTAKE, "main", said, line)).result)

    seen = run(start, mistake)
    words = rf"line \d+: it is no JavaScript \(html\.Span in {HERE}\)"
    assert re.fullmatch(words, answers[0])
    assert len(re.findall(words, seen.cell)) == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (
            object(),
            r"convert it to text, numbers, a list or a dict: the value of 'rows' \(object\) cannot be sent, ",
        ),
        (
            [1, {"a": 1 + 2j}],
            r"convert it with \[z\.real, z\.imag\]: the value of 'rows' .* at \[1\]\['a'\]: ",
        ),
        ({None: 1}, r"convert it with str\(\): the value of 'rows' \(dict\) cannot be sent, "),
    ],
)
def test_a_value_cannot_be_sent(start: Start, value: object, words: str) -> None:
    seen = run(start, lambda server, _: server.state.update({"rows": value}))
    seen.expect(words)
    assert "msgpack" not in seen.cell
    assert "Traceback" not in seen.cell


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("flush", "state.flush is a method of the state"),
        ("trigger", "in a template trigger is something else"),
    ],
)
def test_a_key_has_a_name_that_means_something_else(start: Start, key: str, what: str) -> None:
    seen = run(start, lambda server, _: server.state.update({key: 1}))
    seen.expect(f"give '{key}' another name, such as {key}_value: {what}")


def test_a_thread_leaves_what_it_has_set(start: Start) -> None:
    async def mistake(server: Server, seen: Seen) -> None:
        def work() -> None:
            server.state.low = 5

        await asyncio.to_thread(work)
        async with asyncio.timeout(20):
            while not seen.view:  # noqa: ASYNC110 - what is waited for is time that goes by
                await asyncio.sleep(0.05)

    seen = run(start, mistake)
    seen.expect(
        r"set it within 'with state:', or call state\.flush\(\) afterwards: state\.low was set more than"
    )


def test_another_cell_makes_a_server_of_the_same_name(start: Start, process: Any) -> None:
    async def scenario() -> None:
        told: list[bool] = []
        server = Server("orders")
        for cell in ("one", "one", "other", None):
            process.host.running_cell = cell
            server = Server("orders")
            start(server)
            hints = [report.message for report in runtime_of(server).user_code.hints.values()]
            told.append(any(text.startswith("give one of the two servers another name: ") for text in hints))
            if cell == "other":
                seen = Seen(server, await App(server).client())
                words = r"give one of the two servers another name: Server\('orders'\) of this cell takes"
                assert len(re.findall(words, seen.view)) == 1
        assert told == [False, False, True, False]
        await server.stop()

    asyncio.run(scenario())


def test_a_widget_package_is_not_installed(start: Start) -> None:
    """As a callback imports it; of a cell itself tests/kernel/test_cell_advice.py tells."""

    def mistake(server: Server, _: Seen) -> None:
        @server.state.change("low")
        def on_low() -> None:
            from trame.widgets import quasar  # noqa: F401

        server.state.low = 5

    seen = run(start, mistake)
    seen.expect(
        "pip install trame-quasar: trame.widgets has no 'quasar', which a package of that name brings"
    )
    assert seen.view.startswith("pip install trame-quasar")
    assert seen.cell.splitlines()[1].startswith("pip install trame-quasar")


def test_what_was_wrong_with_a_server_is_not_said_of_the_next(start: Start) -> None:
    async def scenario() -> None:
        first = Server("app")
        first.state.low = 1

        @first.state.change("low")
        def on_low(low: int) -> None:
            raise ValueError(low)

        start(first)
        assert first.state.lwo is None
        second = Server("app")
        second.state.low = 1
        client = await start(second).client()
        await turn(10)
        assert Seen(second, client).view == ""
        runtime = runtime_of(second)
        assert (list(runtime.user_code.errors), runtime.user_code.hints) == ([], {})
        assert runtime_of(first).user_code.errors
        await second.stop()

    asyncio.run(scenario())


def test_a_callback_raises(start: Start) -> None:
    """The traceback has the user's own lines alone."""

    def mistake(server: Server, _: Seen) -> None:
        @server.state.change("low")
        def on_low(low: int) -> None:
            server.state.update(low)  # type: ignore[arg-type]

        server.state.low = 5

    seen = run(start, mistake)
    seen.expect("TypeError: update takes a dict of names and values, not 5")
    files = re.findall(r'File "([^"]+)"', seen.cell)
    assert files
    assert {path.rpartition("/")[2] for path in files} == {"test_words.py"}


def test_with_trames_manners_nothing_is_said(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app", compat="trame")
        server.state.update({"low": 1, "flush": 2})
        with DivLayout(server):
            html.Button("{{ lwo }}", on_click=print)
        client = await start(server).client()
        seen = Seen(server, client)
        assert server.state.lwo is None
        assert (await client.call(UNKNOWN_KEY, "main", "lwo")).result is None
        await turn(10)
        assert (seen.cell, seen.view) == ("", "")
        await server.stop()

    asyncio.run(scenario())


def test_who_comes_later_is_told_what_still_holds(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.update({"low": 1})

        @server.state.change("low")
        def on_low(low: int) -> None:
            raise ValueError(low)

        app = start(server)
        assert server.state.lwo is None
        first, second = await app.client(), await app.client()
        texts = []
        for client in (first, second):
            await client.until(lambda client=client: "is 'low' meant?" in Seen(server, client).view)
            texts.append(Seen(server, client).view)
        assert ["ValueError: 1" in text for text in texts] == [True, False]
        await server.stop()

    asyncio.run(scenario())


def test_in_a_program_hints_are_for_the_log(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its views are of people who did not write the app."""
    monkeypatch.setattr(LoopBackend, "shows_traces", False)

    async def scenario() -> None:
        server = Server("app")
        server.state.update({"low": 1})
        with DivLayout(server):
            html.Button("{{ lwo }}", on_click=print)
        client = await start(server).client()
        seen = Seen(server, client)
        assert server.state.hgih is None
        assert (await client.call(UNKNOWN_KEY, "main", "lwo")).result is None
        assert (await client.call(TEMPLATE_MISTAKE, "main", "line 2: no", 2)).result == "line 2: no"
        await turn(10)
        assert seen.view == ""
        await server.stop()

    asyncio.run(scenario())
    assert "is 'click' meant?" in caplog.text
    assert "is 'low' meant?" in caplog.text
