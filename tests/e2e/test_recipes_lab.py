"""The apps of the recipes that are about JupyterLab."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import MakeLab
from tests.e2e.lab import Lab, View
from tests.e2e.notebooks import LOAD
from tests.e2e.recipes import PARTS, recipe
from tests.e2e.servers import JupyterServer, jupyter_server
from tests.support.distributions import install

SQUARED = ".jt-output"


def use(view: View) -> None:
    """Sets the level, and sees the answer."""
    view.host.get_by_label("Level", exact=True).fill("7")
    expect(view.find(SQUARED)).to_have_text("7 squared is 49")


@pytest.fixture
def squares_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JupyterServer]:
    """Where the app of the last recipe is installed."""
    packages = tmp_path / "packages"
    packages.mkdir()
    install(packages, "squares", {"squares": "squares:squares"}, squares=recipe(9), parts=PARTS)
    monkeypatch.setenv("PYTHONPATH", str(packages))
    with jupyter_server(tmp_path) as server:
        yield server


@pytest.mark.long
def test_one_app_as_cell_and_card(squares_server: JupyterServer, make_lab: MakeLab) -> None:
    lab = make_lab(squares_server)
    lab.start()
    lab.page.locator(".jp-LauncherCard", has_text="squares").first.click()
    use(lab.tab_view())
    lab.open_cells([LOAD, "from squares import squares\nsquares()"])
    lab.run(0)
    lab.run(1)
    use(lab.inline_view())


def test_ipywidgets_mixed_in(lab: Lab, lab_server: JupyterServer) -> None:
    lab_server.root.joinpath("parts.py").write_text(PARTS)
    lab.open_cells([LOAD, recipe(8), "knob.value = 5"])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    expect(view.find(SQUARED)).to_have_text("3 squared is 9")
    lab.run(2)
    expect(view.find(SQUARED)).to_have_text("5 squared is 25")
    knob = lab.page.locator(".jupyter-widgets .widget-readout, .jupyter-widget-readout").first
    knob.click()
    knob.fill("7")
    knob.press("Enter")
    expect(view.find(SQUARED)).to_have_text("7 squared is 49")
