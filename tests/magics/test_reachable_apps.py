"""The apps of this process, without a Jupyter server."""

from pathlib import Path

import pytest

from jupyter_trame.command_line.app_choice import SeveralAppsError
from jupyter_trame.command_line.rest_client import RunningEntry
from jupyter_trame.errors import ServerError
from jupyter_trame.magics.reachable_apps import ReachableApps
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.runtime import RUNNING
from jupyter_trame.server import Server
from jupyter_trame.server.server import runtime_of
from tests.support.servers import fresh_process


@pytest.fixture
def apps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ReachableApps:
    monkeypatch.setattr(registry, "process", fresh_process())
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    Server("off")
    runtime_of(Server("clock")).stage = RUNNING
    return ReachableApps()


def choose(several: SeveralAppsError) -> RunningEntry:
    raise several


def test_those_of_the_process_that_run_are_known(apps: ReachableApps) -> None:
    (app,) = apps.running()
    assert (app.entry.name, app.entry.slug, app.entry.viewers, app.server) == (
        "clock",
        "clock",
        0,
        registry.process.servers["clock"],
    )
    assert apps.unreached.endswith("only its own apps are known here")
    assert apps.registered() == []


def test_they_are_found_by_their_names(apps: ReachableApps) -> None:
    assert apps.find("clock", choose).server is registry.process.servers["clock"]
    with pytest.raises(ServerError, match=r"is 'clock' meant\? no app is called 'clcok'; no Jupyter server"):
        apps.find_or_start("clcok", choose)
