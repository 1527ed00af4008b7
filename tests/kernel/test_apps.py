"""Registered apps."""

from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.kernel import apps
from jupyter_trame.runtime import registry
from jupyter_trame.server import Server
from tests.support.servers import fresh_process


def demo(server: Server) -> None:
    server.state.from_app = 1


@pytest.fixture(autouse=True)
def entries(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("demo", f"{__name__}:demo", apps.GROUP)
    monkeypatch.setattr(apps, "entry_points", lambda **_: EntryPoints([entry]))
    monkeypatch.setattr(EntryPoint, "load", lambda _: demo)
    monkeypatch.setattr(registry, "process", fresh_process())


def test_an_app_is_built_and_started(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr(Server, "start", lambda self: started.append(self))
    server = apps.run_app("demo")
    assert (server.name, server.state.from_app) == ("demo", 1)
    assert started == [server]


def test_an_unknown_app_is_named_beside_the_known_ones() -> None:
    with pytest.raises(ServerError, match=r"no app 'other' .* there: demo"):
        apps.run_app("other")
