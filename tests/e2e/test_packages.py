"""Widget packages, in a cell and on a page, with the apps of `tests.e2e.packages`.

All of them share a notebook, a kernel and a browser tab: what one of them did to the others would be seen. No response
may be framed and no other host answers.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.e2e.gallery import Gallery
from tests.e2e.packages import table

NAMES = table.names()
PAGES = [
    name
    if name in {"html", "vuetify3", "pyvista_plot", "router"}
    else pytest.param(name, marks=pytest.mark.long)
    for name in NAMES
]
"""On a page a package meets what it meets in a cell, but for frames, routes and the size of the page."""
Picture = Callable[[str], Path]


def module(name: str) -> ModuleType:
    return importlib.import_module(f"tests.e2e.packages.{name}")


@pytest.mark.parametrize("name", NAMES)
def test_in_a_cell(gallery: Gallery, name: str, picture: Picture) -> None:
    view = gallery.show(name)
    view.expect_visible(".answer")
    module(name).drive(view)
    gallery.screenshot(view, picture("cell"))


@pytest.mark.parametrize("name", PAGES)
def test_on_a_page(gallery: Gallery, name: str, picture: Picture) -> None:
    view = gallery.open_page(name)
    view.expect_visible(".answer")
    module(name).drive(view)
    gallery.screenshot(view, picture("page"))


def test_the_table_in_the_documentation_is_of_these_apps() -> None:
    rows = [
        line.rsplit("|", 2)[0].split("|")[3:] for line in table.page().splitlines() if line.startswith("| `")
    ]
    written = table.PAGE.read_text("utf-8")
    kept = [line.rsplit("|", 2)[0].split("|")[3:] for line in written.splitlines() if line.startswith("| `")]
    assert kept == rows, "write it again: python -m tests.e2e.packages.table"
