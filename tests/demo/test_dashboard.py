"""The app on a server that is not started: its state, its page, its reactions."""

import asyncio
import re
import threading
from typing import Any

import pytest

from jupyter_trame import Server, demo
from jupyter_trame.demo import dashboard
from jupyter_trame.demo.dashboard import DEFAULTS, answer
from jupyter_trame.server import runtime_of


@pytest.fixture
def server() -> Server:
    server = Server("cars-test")
    demo.app(server)
    return server


def change_and_run(server: Server, *changes: dict[str, Any]) -> None:
    """Flushes after each change, as writes of clients do, and then lets the app react."""
    owner = runtime_of(server).owner

    async def react() -> None:
        owner.attach(asyncio.get_running_loop(), threading.get_ident())
        server.state.ready()
        for values in changes:
            with server.state as state:
                state.update(values)
        reacted = asyncio.Event()
        owner.submit(reacted.set)
        await asyncio.wait_for(reacted.wait(), 10)
        owner.detach()

    asyncio.run(react())


def test_the_first_picture_is_there_at_once(server: Server) -> None:
    assert server.state.chart.startswith(b"\x89PNG")
    assert (server.state.shown, server.state.total, len(server.state.rows)) == (392, 392, 8)
    assert server.state.trame__title == "Cars"


def test_the_page_binds_every_key(server: Server) -> None:
    page = server.state["trame__template_main"]
    for key in DEFAULTS:
        assert re.search(rf'v-model(\.number)?="{key}"|@click="{key} = ', page), key
    for key in answer(DEFAULTS):
        assert re.search(rf"\b{key}\b", page), key


def test_a_filter_changes_everything(server: Server) -> None:
    before = server.state.chart
    change_and_run(server, {"origin": "Japan", "power_max": 80, "sort": "weight"})
    assert server.state.shown < 79
    assert server.state.chart != before
    assert {row["origin"] for row in server.state.rows} == {"Japan"}
    assert server.state.rows[0]["weight"] < server.state.rows[-1]["weight"]


def test_of_a_burst_only_the_last_is_drawn(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []

    def record(values: dict[str, Any]) -> dict[str, Any]:
        drawn.append(values["power_max"])
        return {}

    monkeypatch.setattr(dashboard, "answer", record)
    change_and_run(server, *({"power_max": power} for power in (90, 100, 110)))
    assert drawn == [110]


def test_reset_puts_the_defaults_back(server: Server) -> None:
    server.state.update({"search": "ford", "year_from": 1975})
    name = re.search(r"""class="reset" @click="trigger\('(\w+)'\)""", server.state["trame__template_main"])
    assert name
    server.controller.trigger_fn(name[1])()
    assert {key: server.state[key] for key in DEFAULTS} == DEFAULTS


def test_it_says_what_a_launcher_shows() -> None:
    assert demo.app.__doc__
    assert "demo" in demo.app.title.lower()  # type: ignore[attr-defined]
    assert demo.app.icon.startswith("<svg")  # type: ignore[attr-defined]
