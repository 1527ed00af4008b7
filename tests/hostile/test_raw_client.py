"""A client that is no page: what it writes into the keys of inputs, and calls their triggers with."""

import asyncio
import math
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import msgpack
import pytest

from jupyter_trame import Server, UploadedFile, ui
from jupyter_trame.protocol.client_events import Replied
from jupyter_trame.server import runtime_of
from tests.support.servers import App, Client, turn

Start = Callable[..., App]

ODD: list[Any] = [
    *(None, True, -1, 1e308, math.nan, math.inf, -(1 << 63)),
    *("", "x" * 100_000, "../../etc/passwd", "<script>alert(1)</script>", "\x00", b"\x89PNG"),
    *([], [1, 2, 3], ["a"] * 10_000, [[[]]], {}, {"toString": 1}, {"value": 5, "trame__shown": "html"}),
]
INPUTS: dict[str, Callable[[], object]] = {
    "slider": lambda: ui.slider("slider", 0, 10),
    "range": lambda: ui.range_slider("range", 0, 10),
    "number": lambda: ui.number("number", 0, 10),
    "text": lambda: ui.text_input("text"),
    "area": lambda: ui.text_area("area"),
    "choice": lambda: ui.select("choice", ["a", "b"]),
    "radio": lambda: ui.radio("radio", ["a", "b"]),
    "several": lambda: ui.multi_select("several", ["a", "b"]),
    "check": lambda: ui.check("check"),
    "switch": lambda: ui.switch("switch"),
    "day": lambda: ui.date("day", "2026-01-01"),
    "color": lambda: ui.color("color"),
    "file": lambda: ui.upload("file"),
}


class Saved:
    """What the form of the app was saved with."""

    def __init__(self) -> None:
        self.values: list[dict[str, Any]] = []

    def save(self, **values: Any) -> None:
        self.values.append({key: values[key] for key in INPUTS})


def app_with_all_inputs(saved: Saved) -> Server:
    server = Server("app")
    with ui.app(server), ui.form(saved.save):
        for make in INPUTS.values():
            make()
    return server


def triggers(server: Server) -> list[str]:
    """The names that the interface calls, which any client can read."""
    text = unescape(server.state.trame__template_main)
    return list(dict.fromkeys(re.findall(r"trigger\('(\w+)'", text)))


def expected(key: str, value: Any) -> bool:
    """Whether the input of `key` may have `value`."""
    if value is None:
        return True  # as before there is a value
    match key:
        case "text" | "area":
            return isinstance(value, str)
        case "check" | "switch":
            return isinstance(value, bool)
        case "several":
            return value in ([], ["a"] * 10_000)
    return False


def test_no_value_of_a_client_is_saved_that_its_input_does_not_take(start: Start) -> None:
    saved = Saved()

    async def scenario() -> None:
        server = app_with_all_inputs(saved)
        first = dict(server.state.initial)
        app = start(server)
        raw, other = await app.client(), await app.client()
        save = triggers(server)[0]
        for key in INPUTS:
            for value in ODD:
                raw.write(**{key: value})
                await raw.settled()
                before = len(saved.values)
                assert (await raw.trigger(save)).error is None
                is_saved = len(saved.values) > before
                assert is_saved == expected(key, value), (key, value)
            raw.write(**{key: first[key]})
            await raw.settled()
        await raw.trigger(save)
        assert saved.values[-1] == {key: first[key] for key in INPUTS}
        assert not runtime_of(server).user_code.errors
        await other.until(lambda: not raw.session.pending and other.state["slider"] == 0)

    asyncio.run(scenario())


def test_what_is_no_call_of_a_page_ends_nothing(start: Start) -> None:
    """Each trigger of the interface is called with anything; the app answers, and goes on."""
    heard: list[Any] = []

    def everything(server: Server) -> None:
        server.state.update({"picture": b"\x89PNG", "rows": [{"n": 1}, {"n": 2}]})
        with ui.app(server):
            ui.button("Go", lambda: heard.append("go"))
            ui.slider("power", 0, 10, on_change=heard.append)
            ui.image("picture", lambda x, y: heard.append((x, y)), clicked="at")
            ui.table("rows", selected="picked", many=True, on_select=heard.append, on_open=heard.append)
            ui.download("a.txt", lambda power: f"{power}")
            ui.job(lambda: None)
            with ui.form(lambda power: heard.append(power)):
                ui.text_input("name", check=lambda name: None)

    async def scenario() -> None:
        server = Server("app")
        everything(server)
        app = start(server)
        raw, page = await app.client(), await app.client()
        names = [*triggers(server), "trame__ui_answer", "trame__table__rows"]
        for name in names:
            for arguments in ([], [None], [[1, 2]], [{}], ["x", "y", "z"], [math.nan, 1e99], [[0] * 10_000]):
                assert isinstance(await raw.trigger(name, *arguments), Replied)
            assert isinstance(await raw.trigger(name, power=[]), Replied)
        heard.clear()
        page.write(power=7)
        await page.settled()
        go = next(iter(triggers(server)))
        assert (await page.trigger(go)).error is None
        assert heard == ["go"]
        assert (await page.trigger("trame__table__rows", {"start": 0, "count": 9, "sorting": None})).result[
            "rows"
        ] == [["1"], ["2"]]
        await server.stop()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "point", [[], [1], [1.5, 2], ["1", "2"], [True, 1], [None, None], [1, 2, 3], [[1, 2]]]
)
def test_a_click_that_is_none_is_not_heard(start: Start, point: list[Any]) -> None:
    heard: list[Any] = []

    async def scenario() -> None:
        server = Server("app")
        server.state.picture = b"\x89PNG"
        with ui.app(server):
            ui.image("picture", lambda x, y: heard.append((x, y)))
        client = await start(server).client()
        (name,) = triggers(server)
        assert (await client.trigger(name, *point)).error is None
        await client.trigger(name, 3, 4)
        assert heard == [(3, 4)]
        assert not runtime_of(server).user_code.errors

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "answer", [[], [None], [[1], True], ["1", True], [{}], [1e9, True], [1, "yes"], [1, 2, 3]]
)
def test_an_answer_that_is_none_agrees_to_nothing(start: Start, answer: list[Any]) -> None:
    agreed: list[bool] = []

    async def scenario() -> None:
        server = Server("app")

        async def ask() -> None:
            agreed.append(await ui.confirm("Delete?"))

        server.trigger("ask")(ask)
        app = start(server)
        client, other = await app.client(), await app.client()
        asking = asyncio.create_task(client.trigger("ask"))
        await client.until(lambda: client.published("trame.ui.ask"))
        assert (await other.trigger("trame__ui_answer", *answer)).error is None
        assert agreed == []
        assert (await client.trigger("trame__ui_answer", *answer)).error is None
        await client.trigger("trame__ui_answer", 1, False)
        await asking
        assert agreed == [False]
        assert not runtime_of(server).user_code.errors

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "question",
    [
        *(None, [], "rows", {}, {"start": -1, "count": 5, "sorting": None}, {"start": 0, "count": "9"}),
        {"start": 0, "count": 5, "sorting": {"column": ["n"], "descending": True}},
        {"start": math.nan, "count": math.inf, "sorting": None},
    ],
)
def test_a_table_says_what_it_is_to_be_asked(start: Start, question: Any) -> None:
    async def scenario() -> None:
        server = Server("app")
        with ui.app(server):
            ui.table("rows", [{"n": 1}])
        client = await start(server).client()
        answer = await client.trigger("trame__table__rows", question)
        assert answer.error is not None
        (report,) = runtime_of(server).user_code.errors
        assert re.search(r"ValueError: a table is (asked for rows|sorted) by ", report.message)

    asyncio.run(scenario())


def test_a_table_gives_what_it_has_to_who_asks_for_more(start: Start) -> None:
    async def scenario() -> None:
        server, heard = Server("app"), list[Any]()
        with ui.app(server):
            ui.table("rows", [{"n": at} for at in range(20_000)], many=True, on_select=heard.append)
        client = await start(server).client()
        everything = {"start": 0, "count": 1 << 60, "sorting": None}
        answer = (await client.trigger("trame__table__rows", everything)).result
        assert len(answer["rows"]) == 1000, "and no more at a time"
        (select,) = triggers(server)
        await client.trigger(select, list(range(10_000)))
        await client.trigger(select, [*range(-5, 5), 1 << 40, "x", None, math.nan, [1]] * 10)
        await client.trigger(select, [0] * 200_000)
        assert [len(rows) for rows in heard] == [10_000, 50, 20_000]
        assert heard[0][-1] == {"n": 9_999}

    asyncio.run(scenario())


def test_keys_of_parts_are_the_servers(start: Start) -> None:
    async def scenario() -> None:
        server = Server("app")
        server.state.rows = [{"n": 1}]
        with ui.app(server):
            ui.output(lambda: "shown")
            ui.table("rows")
            ui.text_input("name", check=lambda name: None)
        app = start(server)
        raw, page = await app.client(), await app.client()
        before = {key: value for key, value in page.state.items() if key.startswith("trame__")}
        assert {"trame__output__output", "trame__table__rows_head", "trame__problems"} <= before.keys()
        for key in before:
            raw.write(**{key: "<script>"})
            await raw.settled()
        raw.write(rows=[])
        await raw.settled()
        await turn(10)
        assert {key: page.state[key] for key in before if key != "trame__busy"} == {
            key: value for key, value in before.items() if key != "trame__busy"
        }
        assert server.state.rows == [{"n": 1}], "rows stay in Python"

    asyncio.run(scenario())


async def bring(client: Client, key: str, name: str, content: bytes) -> None:
    """Upload a file as pages do, and put it into a key."""
    upload = f"upload {name}"
    assert (await client.call("jupyter_trame.upload.open", upload, len(content), name)).error is None
    step = 1 << 16
    for start in range(0, len(content), step):
        piece = content[start : start + step]
        assert (await client.call("jupyter_trame.upload.piece", upload, start, piece)).error is None
    reference = msgpack.ExtType(85, upload.encode())
    client.write(**{key: {"name": name, "size": len(content), "content": reference, "_filter": ["content"]}})
    await client.settled()


def test_files_of_two_users_come_whole_and_the_last_one_stays(start: Start) -> None:
    contents = {"../../etc/passwd": b"1" * 300_000, "two.bin": b"2" * 200_000}
    heard: list[tuple[str, bytes]] = []

    def on_file(file: UploadedFile) -> None:
        heard.append((file["name"], file["content"]))

    async def scenario() -> None:
        server = Server("app")
        with ui.app(server):
            ui.upload("file", on_change=on_file)
        app = start(server)
        clients = [await app.client(), await app.client()]
        await asyncio.gather(
            *(
                bring(client, "file", name, content)
                for client, (name, content) in zip(clients, contents.items(), strict=True)
            )
        )
        for client in clients:
            assert (await client.trigger(triggers(server)[0])).error is None
        file = server.state.file
        assert isinstance(file, UploadedFile)
        assert {name for name, _ in heard} == {file["name"]}
        assert file["content"] == contents[file["name"]]
        assert file.name in {"passwd", "two.bin"}, "a name is no path"
        await server.stop()

    asyncio.run(scenario())
