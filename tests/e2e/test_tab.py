"""An app in a tab of JupyterLab: opened from a cell, from the view, from the launcher."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import TAB_HOST, Lab, View
from tests.e2e.notebooks import APP, BUILD, LOAD

PLACES = {"tab": "main", "right": "right", "split": "main"}
"""Where `server.open` puts an app, and the area of the lab that this is."""


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


def panel(lab: Lab, title: str) -> View:
    """The tab of an app, by what it is called for those who do not see it."""
    region = lab.page.get_by_role("region", name=f"trame app {title}")
    expect(region).to_be_visible()
    return View(region)


def test_tabs_of_all_places_are_restored_after_a_reload_and_close(own_lab: Lab) -> None:
    cells = [
        f'{BUILD.replace("counter", mode)}\nserver.start()\nserver.state.n = 44\nserver.open("{mode}")'
        for mode in PLACES
    ]
    own_lab.open_cells([LOAD, *cells])
    own_lab.run_all()
    for mode in PLACES:
        panel(own_lab, mode).expect_text(".n", "44")
    assert own_lab.app_areas() == PLACES
    own_lab.wait_layout_saved("/split/main")
    own_lab.reload()
    for mode in PLACES:
        view = panel(own_lab, mode)
        view.expect_live("websocket")
        view.expect_text(".n", "44")
    assert own_lab.app_areas() == PLACES
    for count in (2, 1, 0):
        own_lab.page.evaluate(
            """() => [...["main", "right"].flatMap((area) => [...window.jupyterapp.shell.widgets(area)])]
                .filter(({ id }) => id.startsWith("jupyter-trame-")).at(-1).close()"""
        )
        expect(own_lab.page.locator(TAB_HOST)).to_have_count(count)
    assert len(own_lab.server.kernels()) == 1


def test_an_app_moves_to_the_place_that_is_asked_for(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, "server.open('right')", "server.open('tab')", "server.open()"])
    lab.run(0)
    lab.run(1)
    for index, area in ((2, "right"), (3, "main"), (4, "main"), (2, "right"), (4, "right")):
        lab.run(index)
        panel(lab, "counter").expect_text(".double", "2")
        assert lab.app_areas() == {"counter": area}


def test_a_window_of_the_browser(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, "server.open('window')"])
    lab.run(0)
    lab.run(1)
    with lab.page.expect_popup() as opened:
        lab.run(2)
    view = View(opened.value.locator("body"))
    view.set_slider(".slider", 12)
    view.expect_text(".double", "24")
    lab.inline_view().expect_text(".double", "24")
