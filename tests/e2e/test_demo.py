"""The demo: its notebook from top to bottom, and the registered app from the launcher."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import Lab, View

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_explore.ipynb"


@pytest.fixture
def explore(lab: Lab) -> Lab:
    """The notebook, as its author left it, opened in the lab."""
    path = lab.server.root / NOTEBOOK.name
    shutil.copy(NOTEBOOK, path)
    lab.start()
    lab.execute("application:toggle-left-area")
    lab.open(path.name)
    return lab


@contextmanager
def new_chart(view: View) -> Iterator[None]:
    """What is done in the block must make Python draw another chart."""
    chart = view.find(".chart")
    before = chart.get_attribute("src")
    yield
    expect(chart).not_to_have_attribute("src", before or "")
    assert chart.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 100


def use_controls(view: View) -> None:
    with new_chart(view):
        view.find(".origin").select_option("Japan")
    with new_chart(view):
        view.find(".search").fill("toyota")
    with new_chart(view):
        view.find("input[type=range]").first.fill("1975")
    with new_chart(view):
        view.find(".measure").select_option("horsepower")
    with new_chart(view):
        view.find(".reset").click()
    expect(view.find(".shown")).to_contain_text("392")


def test_the_notebook_runs_and_every_control_changes_the_chart(
    explore: Lab, picture: Callable[[str], Path]
) -> None:
    explore.run_all(timeout=100)
    failed = [output for output in explore.all_outputs() if output["output_type"] == "error"]
    assert not failed
    view = explore.inline_view()
    view.expect_live("websocket")
    use_controls(view)
    view.host.scroll_into_view_if_needed()
    explore.screenshot(picture("notebook"))


def test_the_progress_bar_moves_while_its_cell_runs(explore: Lab) -> None:
    loop = next(index for index, source in enumerate(explore.sources()) if "time.sleep" in source)
    for index in range(loop):
        if explore.is_code(index):
            explore.run(index)
    seen = explore.inline_view().find(".progress")
    seen.evaluate("""(bar) => {
        bar.seenWhileBusy = new Set();
        const busy = () => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === "busy";
        new MutationObserver(() => { if (busy()) bar.seenWhileBusy.add(bar.value); })
            .observe(bar, { attributes: true });
    }""")
    explore.run(loop)
    assert seen.evaluate("(bar) => bar.seenWhileBusy.size") >= 20
    assert seen.evaluate("(bar) => bar.value") == 40


def test_the_launcher_starts_the_app_without_a_notebook(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.start()
    lab.page.locator(".jp-LauncherCard", has_text="Cars demo").first.click()
    view = lab.tab_view()
    view.expect_live("websocket")
    assert len(lab.server.kernels()) == 1
    assert not lab.page.locator(".jp-Notebook").count()
    use_controls(view)
    lab.screenshot(picture("tab"))
