"""Servers of one test only."""

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.runtime import registry
from jupyter_trame.server import Server
from tests.support.servers import App, fresh_process


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> registry.Process:
    """The registry of this test."""
    process = fresh_process()
    monkeypatch.setattr(registry, "process", process)
    return process


@pytest.fixture
def start() -> Callable[..., App]:
    """Starts a server on the running loop; called in a coroutine."""

    def start(server: Server | None = None, **options: Any) -> App:
        server = server or Server("app", **options)
        server.start()
        return App(server)

    return start
