"""What a program prints at its start."""

import asyncio
from collections.abc import Callable

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.server import Server
from jupyter_trame.server.announcement import print_banner, print_informations
from tests.server.support import App


def test_where_the_app_is(start: Callable[..., App], capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        server = Server("app")
        with pytest.raises(ServerError, match="has not started"):
            print_informations(server)
        start(server)
        server._runtime.port = 1234
        print_informations(server)
        assert "App running at:\n - Local:   http://localhost:1234/?secret=" in capsys.readouterr().out

    asyncio.run(scenario())


def test_a_greeting(capsys: pytest.CaptureFixture[str]) -> None:
    print_banner(anything=1)
    assert len(capsys.readouterr().out.splitlines()) == 6


def test_the_greeting_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        Server("app").start(args=["--banner"])

    asyncio.run(scenario())
    assert "___" in capsys.readouterr().out
