"""narvi's apps in JupyterLab: the notebook as a reader runs it, and what its frames show."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, expect

from tests.docs.pages import ROOT
from tests.e2e.lab import Lab

NOTEBOOK = ROOT / "notebooks" / "04_narvi.ipynb"
LAST = "server.close()"


@pytest.fixture
def cells() -> list[str]:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


@pytest.fixture
def lab(own_lab: Lab) -> Iterator[Lab]:
    """Beside the modules that the notebook names."""
    modules = own_lab.server.root / "narvi_apps"
    shutil.copytree(NOTEBOOK.parent / modules.name, modules, ignore=shutil.ignore_patterns("__pycache__"))
    yield own_lab
    shutil.rmtree(modules)


def frame(lab: Lab, address: str) -> FrameLocator:
    return lab.page.frame_locator(f".jp-OutputArea iframe[src*='{address}']")


def test_the_notebook(lab: Lab, cells: list[str], picture: Callable[[str], Path]) -> None:
    assert cells[-1] == LAST
    lab.open_cells(cells)
    for index in range(len(cells) - 1):
        lab.run(index, timeout=120)

    chat = frame(lab, "team/chat")
    chat.get_by_label("Say something").fill("hello from the notebook")
    chat.get_by_label("Say something").press("Enter")
    expect(chat.get_by_role("log")).to_contain_text("hello from the notebook")

    calculator = frame(lab, "calculator/mine")
    calculator.get_by_role("button", name="Add").click()
    expect(calculator.locator("output")).to_have_text("2")
    calculator.get_by_role("button", name="Multiply").click()
    expect(calculator.locator("output")).to_have_text("4")

    counter = frame(lab, "science/counter")
    counter.get_by_role("button", name="One more").click()
    expect(counter.locator(".count")).to_have_text("1")

    monitor = frame(lab, "admin/monitor")
    expect(monitor.get_by_role("status")).to_have_text("Live")
    room = monitor.get_by_role("table", name="Services of the workspace team")
    expect(room.get_by_role("img", name=re.compile("messages: now 1, from"))).to_be_visible()
    expect(room.get_by_role("img", name=re.compile("requests: now 2, from"))).to_be_visible()
    monitor.locator("body").scroll_into_view_if_needed()
    for theme in ("light", "dark"):
        lab.set_theme(f"JupyterLab {theme.title()}")
        expect(monitor.locator("html")).to_have_attribute("data-theme", theme)
        lab.screenshot(picture(theme))
    lab.watch.expected += ["WebSocket connection", "404"]  # the pages are still there, and say so
    lab.run(len(cells) - 1)
    expect(chat.locator("narvi-notice")).to_contain_text("Trying again")
