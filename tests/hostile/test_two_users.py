"""Two users of one app at once: what they share, and what is each one's own."""

import asyncio
import threading
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from jupyter_trame import Server, ui
from jupyter_trame.testing import AppClient, AppLauncher

WAIT = 30
pytestmark = pytest.mark.asyncio


class Gate:
    """Work on a thread that goes on when the test says so."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.runs = 0

    def work(self) -> str:
        self.runs += 1
        self.begun.set()
        assert self.go.wait(WAIT)
        return f"run {self.runs}"


def toasts(client: AppClient) -> list[str]:
    return [one.data["text"] for one in client.publications if one.topic == "trame.ui.toast"]


async def test_what_one_types_is_the_others_too_unless_each_view_has_its_own(trame: AppLauncher) -> None:
    def app(server: Server) -> None:
        with ui.app(server), ui.form(lambda name: None):
            ui.text_input("name")
            ui.text_input("note")
        server.state.client_only("note")

    async with trame(app) as session:
        one, two = await session.client(), await session.client()
        await one.set(name="Ada")
        await two.until(lambda state: state.name == "Ada")
        assert two.state.trame__client_only is not None
        assert "note" in one.state.trame__client_only, "pages keep it to themselves"


async def test_a_job_that_both_begin_runs_once_and_either_may_stop_it(trame: AppLauncher) -> None:
    gate, stopped = Gate(), threading.Event()

    def app(server: Server) -> None:
        with ui.app(server):

            @ui.job
            def work(progress: ui.Progress) -> str:
                ui.toast("begun")
                result = gate.work()
                stopped.wait(WAIT)
                progress(1.0)
                return result

    def stage(client: AppClient) -> str:
        return str(client.state.trame__job__work__status["stage"])

    async with trame(app) as session:
        one, two = await session.client(), await session.client()
        await asyncio.gather(one.find("JtJob").fire("run"), two.find("JtJob").fire("run"))
        for client in (one, two):
            await client.until(lambda _, client=client: stage(client) == "running")
        gate.go.set()
        await two.find("JtJob").fire("stop")
        stopped.set()
        for client in (one, two):
            await client.until(lambda _, client=client: stage(client) == "stopped")
        assert gate.runs == 1
        assert sorted(len(toasts(client)) for client in (one, two)) == [0, 1], "to who began it"


async def test_a_job_goes_on_when_who_began_it_has_left(trame: AppLauncher) -> None:
    gate = Gate()

    def app(server: Server) -> None:
        with ui.app(server):
            ui.job(gate.work)

    key = "trame__job__work"
    async with trame(app) as session:
        one, two = await session.client(), await session.client()
        await one.find("JtJob").fire("run")
        assert await asyncio.to_thread(gate.begun.wait, WAIT)
        await one.disconnect()
        gate.go.set()
        await two.until(lambda state: state[key] == "run 1")


async def test_an_output_that_somebody_has_caused_and_left_is_seen_by_the_others(trame: AppLauncher) -> None:
    gate = asyncio.Event()

    def app(server: Server) -> None:
        server.state.power = 0
        with ui.app(server):

            @ui.output
            async def chart(power: int) -> str:
                if power:
                    await gate.wait()
                return f"{power} kW"

    async with trame(app) as session:
        one, two = await session.client(), await session.client()
        await one.set(power=5)
        await one.disconnect()
        gate.set()
        await two.until(lambda state: state.trame__output__chart == "5 kW")


async def test_a_download_that_nobody_waits_for_any_more_harms_nobody(trame: AppLauncher) -> None:
    gate = asyncio.Event()
    made: list[str] = []

    async def content(power: int) -> str:
        await gate.wait()
        made.append(f"{power}")
        return made[-1]

    def app(server: Server) -> None:
        server.state.power = 3
        with ui.app(server):
            ui.download("power.txt", content)

    async with trame(app) as session:
        one, two = await session.client(), await session.client()
        name = unescape(one.state.trame__template_main).partition("trigger('")[2].partition("'")[0]
        waiting = asyncio.create_task(one.trigger(name))
        other = asyncio.create_task(two.trigger(name))
        await two.set(other=1)  # both have been heard
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await one.disconnect()
        gate.set()
        assert await other == "3"


async def test_rows_and_their_order_are_each_ones_own_and_the_selection_is_shared(trame: AppLauncher) -> None:
    def app(server: Server) -> None:
        with ui.app(server):
            ui.table("rows", [{"n": at} for at in range(500)], selected="picked", page=50)

    ask = "trame__table__rows"
    async with trame(app) as session:
        one, two = await session.client(), await session.client()
        down = {"start": 0, "count": 2, "sorting": {"column": "n", "descending": True}}
        up = {"start": 250, "count": 2, "sorting": None}
        first, second = await asyncio.gather(one.trigger(ask, down), two.trigger(ask, up))
        assert (first["rows"], second["rows"]) == ([["499"], ["498"]], [["250"], ["251"]])
        await one.find("JtTable").fire("update:selected", 7)
        await two.until(lambda state: state.picked == 7)


async def test_only_who_clicked_is_told_and_asked(trame: AppLauncher) -> None:
    def app(server: Server) -> None:
        async def delete() -> None:
            if await ui.confirm("Delete?"):
                ui.toast("deleted")

        server.trigger("delete")(delete)
        with ui.app(server):
            ui.button("Delete", delete)

    def questions(client: AppClient) -> list[Any]:
        return [one.data for one in client.publications if one.topic == "trame.ui.ask"]

    async with trame(app) as session:
        one, two = await session.client(), await session.client()
        asking = asyncio.create_task(one.trigger("delete"))
        await one.until(lambda _: questions(one))
        (question,) = questions(one)
        assert questions(two) == []
        await two.trigger("trame__ui_answer", question["id"], True)
        assert not asking.done(), "it is not the other one's to answer"
        await one.trigger("trame__ui_answer", question["id"], True)
        await asking
        await one.until(lambda _: toasts(one) == ["deleted"])
        assert toasts(two) == []


async def test_who_leaves_without_an_answer_has_not_agreed(trame: AppLauncher) -> None:
    answers: list[bool] = []

    def app(server: Server) -> None:
        async def ask() -> None:
            answers.append(await ui.confirm("Delete?"))

        server.trigger("ask")(ask)

    async with trame(app) as session:
        one, two = await session.client(), await session.client()
        waiting = [asyncio.create_task(client.trigger("ask")) for client in (one, two)]
        for client in (one, two):
            await client.until(lambda _, client=client: client.publications)
        waiting[0].cancel()
        await asyncio.gather(waiting[0], return_exceptions=True)
        await one.disconnect()
        await session.until(lambda: answers == [False])
        question = next(p.data for p in two.publications if p.topic == "trame.ui.ask")
        await two.trigger("trame__ui_answer", question["id"], True)
        await waiting[1]
        assert answers == [False, True]


def pressed(client: AppClient) -> Callable[[], Any]:
    return client.find("JtButton").click


async def test_a_click_of_one_is_not_busy_for_the_other(trame: AppLauncher) -> None:
    order: list[str] = []
    gate = asyncio.Event()

    def app(server: Server) -> None:
        async def go() -> None:
            order.append("begun")
            if len(order) == 1:
                await gate.wait()
            order.append("done")

        with ui.app(server):
            ui.button("Go", go)

    async with trame(app) as session:
        one, two = await session.client(), await session.client()
        waiting = asyncio.create_task(pressed(one)())
        await session.until(lambda: order)
        await pressed(two)()
        assert order == ["begun", "begun", "done"]
        gate.set()
        await waiting
        assert order[-1] == "done"
