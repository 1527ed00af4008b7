"""An app in a tab of JupyterLab: opened from a cell, from the view, from the launcher."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import TAB_HOST, Lab
from tests.e2e.notebooks import APP, LOAD


@pytest.mark.parametrize("mode", ["tab", "right", pytest.param("split", marks=pytest.mark.long)])
def test_open_shows_the_same_app_beside_the_notebook(
    lab: Lab, mode: str, picture: Callable[[str], Path]
) -> None:
    lab.open_cells([LOAD, APP, f"server.open({mode!r})"])
    lab.run_all()
    tab = lab.tab_view()
    tab.expect_live("websocket")
    tab.set_slider(".slider", 12)
    tab.expect_text(".double", "24")
    box = tab.host.bounding_box()
    assert box is not None
    assert box["width"] >= 300
    lab.screenshot(picture(mode))


def test_tab_and_notebook_share_the_state_and_closing_leaves_the_app(lab: Lab) -> None:
    path = lab.open_cells([LOAD, APP])
    lab.run_all()
    lab.inline_view().find(".jt-mark-open").click()
    lab.tab_view().set_slider(".slider", 17)
    lab.tab_view().expect_text(".double", "34")
    lab.execute("application:close")
    expect(lab.page.locator(TAB_HOST)).to_have_count(0)
    lab.execute("docmanager:open", {"path": path.name})
    lab.inline_view().expect_text(".double", "34")
    lab.inline_view().find(".button").click()
    lab.inline_view().expect_text(".double", "36")


def test_opening_twice_shows_the_tab_that_is_there(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, "server.open('tab')"])
    lab.run_all()
    lab.tab_view().expect_text(".double", "2")
    lab.page.get_by_role("tab", name=re.compile(r"\.ipynb")).first.click()
    lab.run(2)
    expect(lab.page.locator(TAB_HOST)).to_have_count(1)


def test_the_tab_is_restored_after_a_reload(own_lab: Lab) -> None:
    own_lab.open_cells([LOAD, APP, "server.open('tab')"])
    own_lab.run_all()
    own_lab.tab_view().set_slider(".slider", 44)
    own_lab.tab_view().expect_text(".double", "88")
    own_lab.wait_layout_saved("jupyter-trame")
    own_lab.reload()
    own_lab.tab_view().expect_text(".double", "88")
    own_lab.tab_view().find(".button").click()
    own_lab.tab_view().expect_text(".double", "90")
