"""Scripts of plotting libraries."""

from pathlib import Path
from typing import Any

import plotly

from jupyter_trame import Server
from jupyter_trame.showing import kinds
from jupyter_trame.ui.scripts import enable_for


def scripts(server: Server) -> list[Any]:
    return list(server.state.trame__scripts)


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
