"""Registered apps."""

from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.kernel import apps
from jupyter_trame.names import APP_GROUP
from jupyter_trame.runtime import registry
from jupyter_trame.server import Server
from tests.kernel.support import Kernel
from tests.support.distributions import install
from tests.support.servers import fresh_process

QUOTES = """
    def app(server):
        from trame_client.ui.html import DivLayout
        from trame_client.widgets import html

        with DivLayout(server):
            html.B("x", title='a "b"')
"""


def demo(server: Server) -> None:
    server.state.from_app = 1


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("demo", f"{__name__}:demo", APP_GROUP)
    monkeypatch.setattr(apps, "entry_points", lambda **_: EntryPoints([entry]))
    monkeypatch.setattr(EntryPoint, "load", lambda _: demo)
    monkeypatch.setattr(registry, "process", fresh_process())


@pytest.mark.usefixtures("entries")
def test_an_app_is_built_and_started(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr(Server, "start", lambda self: started.append(self))
    server = apps.run_app("demo")
    assert (server.name, server.state.from_app) == ("demo", 1)
    assert started == [server]


@pytest.mark.usefixtures("entries")
def test_an_unknown_app_is_named_beside_the_known_ones() -> None:
    with pytest.raises(ServerError, match=r"no app 'other' .* there: demo"):
        apps.run_app("other")


def test_elements_are_written_as_in_a_notebook(fresh_kernel: Kernel, tmp_path: Path) -> None:
    """Though the app's package imports nothing of ours."""
    install(tmp_path / "site", "quotes", {"quotes": "quotes:app"}, quotes=QUOTES)
    fresh_kernel.run(f"import sys\nsys.path.insert(0, {str(tmp_path / 'site')!r})")
    fresh_kernel.run("from jupyter_trame.kernel import run_app\nserver = run_app('quotes')")
    assert fresh_kernel.value("'a &quot;b&quot;' in server.state.trame__template_main")
    assert [entry.slug for entry in fresh_kernel.record.servers] == ["quotes"]
