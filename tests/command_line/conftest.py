"""A Jupyter server with the extension, which the commands find as they find every other."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403 - its hooks run the coroutines of this folder

from jupyter_trame.command_line import main
from tests.extension.conftest import apps, jp_runtime_dir, jp_server_config, options

__all__ = ["apps", "command", "jp_runtime_dir", "jp_server_config", "options"]


class Result(NamedTuple):
    """What a command left."""

    status: int
    out: str
    err: str


Command = Callable[..., Awaitable[Result]]


@pytest.fixture
def command(jp_fetch: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command line on another thread, as the server's loop has to turn meanwhile."""
    for name in ("JUPYTER_TOKEN", "JUPYTER_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)

    async def command(*arguments: str) -> Result:
        capsys.readouterr()
        status = await asyncio.to_thread(main, arguments)
        return Result(status, *capsys.readouterr())

    return command
