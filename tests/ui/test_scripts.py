"""Scripts of plotting libraries."""

from pathlib import Path
from typing import Any

import plotly
import pytest

from jupyter_trame import Server, ui
from jupyter_trame.showing import kinds
from jupyter_trame.ui.scripts import enable_for


def scripts(server: Server) -> list[Any]:
    return list(server.state.trame__scripts)


def test_where_a_script_lies_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outputs say what they show with each run."""
    server, shown = Server("scripts"), kinds.plot("plotly", "{}")
    enable_for(server, shown)

    def again(name: str) -> str:
        raise AssertionError(f"the version of {name} is read again")

    monkeypatch.setattr("jupyter_trame.ui.scripts.version", again)
    enable_for(server, shown)
    enable_for(Server("other"), shown)


def test_what_is_shown_brings_its_script_once() -> None:
    server = Server("scripts")
    before = scripts(server)
    for shown in (None, "text", {"a": 1}, kinds.text("plot"), kinds.picture(b"")):
        enable_for(server, shown)
    assert scripts(server) == before
    for _ in range(2):
        enable_for(server, kinds.plot("plotly", "{}"))
    (script,) = scripts(server)[len(before) :]
    folder, name = script.split("/")
    assert folder == f"__trame_plotly_{plotly.__version__}"
    assert (Path(server.serve[folder]) / name).is_file()


@pytest.mark.parametrize("part", [ui.output, ui.job])
def test_where_figures_may_come_their_script_is_served_from_the_start(part: Any) -> None:
    with ui.app(Server("offered")) as server:
        before = scripts(server)
        part(lambda: None)
    folder = server.serve[f"__trame_plotly_{plotly.__version__}"]
    assert (Path(folder) / "plotly.min.js").is_file()
    assert scripts(server) == before
