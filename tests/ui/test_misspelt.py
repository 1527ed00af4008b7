"""Parameters of jobs and forms that name no key."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame import Server, ui
from jupyter_trame.server import runtime_of
from jupyter_trame.ui.jobs import Progress
from tests.support.servers import App, turn

Start = Callable[..., App]


def work(progress: Progress, epochs: int, hihg: int, elsewhere: int) -> None: ...


def save(nmae: str, epochs: int, other: int = 3) -> None: ...


def parts(server: Server) -> None:
    with ui.app(server):
        ui.job(work)
        with ui.form(save):
            ui.text_input("name")
    # Below the interface, and known all the same when it is looked at.
    server.state.update({"epochs": 1, "high": 2, "progres": 1})


def hints(server: Server) -> list[str]:
    return [message for _, message in runtime_of(server).user_code.hints]


EXPECTED = [
    "is 'high' meant? job work takes 'hihg', which nobody has set",
    "is 'name' meant? form save takes 'nmae', which nobody has set",
]


@pytest.mark.parametrize("running", [False, True])
def test_they_are_told_before_anybody_presses(start: Start, running: bool) -> None:
    async def scenario() -> Any:
        server = Server("app")
        if not running:
            parts(server)
        app = start(server)
        await app.client()
        if running:
            parts(server)
            assert hints(server) == []
        await turn(10)
        found = hints(server)
        await server.stop()
        return found

    assert asyncio.run(scenario()) == EXPECTED
