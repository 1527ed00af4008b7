"""The demo notebook and the demo app, as a reader meets them; the pictures in test-results/ are for people."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import HOST, Lab, View

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_explore.ipynb"
THEMES = ("light", "dark")

Picture = Callable[[str], Path]


@pytest.fixture
def notebook(lab: Lab) -> Lab:
    open_demo(lab)
    return lab


def open_demo(lab: Lab) -> None:
    """Shows a fresh copy of the notebook, which a test may save."""
    shutil.copy(NOTEBOOK, lab.server.root)
    lab.start()
    lab.open(NOTEBOOK.name)


def address(view: View) -> str:
    """Of the chart that is shown; another picture has another."""
    shown = view.find(".chart").get_attribute("src")
    assert shown is not None
    return shown


def expect_new_chart(view: View, before: str) -> str:
    """Waits for another picture and gives its address."""
    expect(view.find(".chart")).not_to_have_attribute("src", before)
    expect(view.find(".chart")).to_have_js_property("complete", value=True)
    return address(view)


def index_of(lab: Lab, cell: str) -> int:
    """Number of the cell with this id in the file."""
    return int(
        lab.page.evaluate(
            "(id) => window.jupyterapp.shell.currentWidget.content.widgets.findIndex((c) => c.model.id === id)",
            cell,
        )
    )


def exercise(view: View) -> None:
    """Uses every control of the notebook's app; each must change the chart."""
    view.expect_text(".shown", "392 cars")
    expect(view.find(".interval")).to_have_text(re.compile(r"mean economy: [\d.]+ to [\d.]+ mpg"))
    chart = address(view)
    view.set_slider(".power", 100)
    chart = expect_new_chart(view, chart)
    view.find(".origin").select_option("Europe")
    chart = expect_new_chart(view, chart)
    view.find(".search").fill("volks")
    chart = expect_new_chart(view, chart)
    expect(view.find(".row").first).to_contain_text("Volkswagen")
    view.find(".measure").select_option("seconds")
    chart = expect_new_chart(view, chart)
    view.find(".reset").click()
    expect_new_chart(view, chart)
    view.expect_text(".shown", "392 cars")


def test_the_notebook_runs_and_every_control_works(notebook: Lab, picture: Picture) -> None:
    notebook.run_all()
    view = notebook.inline_view()
    view.expect_live("websocket")
    exercise(view)
    notebook.execute("application:toggle-left-area")
    for theme in THEMES:
        notebook.set_theme(f"JupyterLab {theme.title()}")
        view.find(".chart").scroll_into_view_if_needed()
        notebook.screenshot(picture(f"notebook-{theme}"))


@pytest.mark.long
def test_the_notebook_works_without_the_server_extension_and_without_requests(bare_lab: Lab) -> None:
    open_demo(bare_lab)
    bare_lab.run_all()
    bare_lab.inline_view().expect_live("comm")
    exercise(bare_lab.inline_view())


def test_the_progress_bar_moves_during_the_loop(notebook: Lab) -> None:
    notebook.run_all()
    view = notebook.inline_view()
    loop = index_of(notebook, "loop")
    notebook.run(loop, wait=False)
    for step in (3, 12, 30):
        notebook.page.wait_for_function(
            """([css, step]) => {
                const bar = document.querySelector(css).shadowRoot.querySelector("progress");
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                return kernel.status === "busy" && bar.value >= step && bar.value < 40;
            }""",
            arg=[HOST, step],
        )
    expect(view.find("progress")).to_have_js_property("value", 40)


@pytest.mark.long
def test_a_reload_brings_the_app_back(own_lab: Lab) -> None:
    open_demo(own_lab)
    own_lab.run_all()
    own_lab.inline_view().find(".origin").select_option("Japan")
    own_lab.inline_view().expect_text(".shown", "79 cars")
    own_lab.save()
    own_lab.reload()
    own_lab.open(NOTEBOOK.name)
    own_lab.inline_view().expect_live("websocket")
    own_lab.inline_view().expect_text(".shown", "79 cars")


def test_the_app_of_the_launcher(own_lab: Lab, picture: Picture) -> None:
    own_lab.start()
    card = own_lab.page.locator(".jp-LauncherCard", has_text="Cars demo").first
    expect(card).to_be_visible()
    own_lab.screenshot(picture("launcher"))
    card.click()
    view = own_lab.tab_view()
    view.expect_live("websocket")
    chart = address(view)
    view.set_slider(".power_max", 120)
    chart = expect_new_chart(view, chart)
    view.expect_text(".shown", "290")
    view.find(".choices label").nth(1).click()
    chart = expect_new_chart(view, chart)
    view.find("th button").first.click()
    expect(view.find("tbody tr").first).to_contain_text("AMC")
    own_lab.execute("application:toggle-left-area")
    for theme in THEMES:
        own_lab.set_theme(f"JupyterLab {theme.title()}")
        own_lab.screenshot(picture(f"app-{theme}"))
