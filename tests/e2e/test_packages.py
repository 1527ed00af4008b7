"""Widget packages, in a cell and on a page, with the apps of `tests.e2e.packages`."""

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.notebooks import LOAD, package_cell
from tests.e2e.packages import table
from tests.e2e.servers import TOKEN, JupyterServer

NAMES = table.names()
Picture = Callable[[str], Path]
HARMLESS = [
    "WebGL",  # no graphics card
    "GPU stall",
    "GroupMarkerNotSet",
    "fonts.googleapis.com",  # a style sheet of trame-markdown imports a font from there
]
"""Parts of what the packages' own code reports on any page."""


def module(name: str) -> ModuleType:
    return importlib.import_module(f"tests.e2e.packages.{name}")


def shown(lab: Lab, name: str) -> View:
    """The app in a cell, wherever its packages can live."""
    lab.watch.expected += HARMLESS
    lab.open_cells([LOAD, package_cell(name)])
    lab.run_all()
    host = lab.page.locator(f".jp-OutputArea {HOST}").first
    expect(host).to_be_attached(timeout=30_000)
    if module(name).FRAMED:
        return View(host.frame_locator("iframe"), lab.page)
    return View(host, lab.page)


@pytest.mark.parametrize("name", NAMES)
def test_in_a_cell(lab: Lab, name: str, picture: Picture) -> None:
    view = shown(lab, name)
    view.expect_visible(".answer")
    module(name).drive(view)
    lab.screenshot(picture("cell"))


@pytest.mark.parametrize("name", NAMES)
def test_on_a_page(
    lab: Lab, lab_server: JupyterServer, make_page: MakePage, name: str, picture: Picture
) -> None:
    lab.watch.expected += HARMLESS
    lab.open_cells([LOAD, package_cell(name).replace("display(server)", "")])
    lab.run_all()
    page, watch = make_page(lab_server)
    watch.expected += HARMLESS
    page.goto(f"{lab_server.url}trame/{lab.kernel_id()}/{name.replace('_', '-')}/?token={TOKEN}")
    view = View(page.locator("body"), page)
    view.expect_visible(".answer")
    module(name).drive(view)
    picture("page").parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=picture("page"))


def test_the_table_in_the_documentation_is_of_these_apps() -> None:
    rows = [
        line.rsplit("|", 2)[0].split("|")[3:] for line in table.page().splitlines() if line.startswith("| `")
    ]
    written = table.PAGE.read_text("utf-8")
    kept = [line.rsplit("|", 2)[0].split("|")[3:] for line in written.splitlines() if line.startswith("| `")]
    assert kept == rows, "write it again: python -m tests.e2e.packages.table"
