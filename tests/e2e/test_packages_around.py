"""What packages in a cell do to the notebook around them, and the other ways to the same picture."""

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import HOST, Lab, View
from tests.e2e.notebooks import LOAD, package_cell
from tests.e2e.packages import html, plotly, vuetify3, vuetify4

STYLES = """() => [...document.querySelectorAll("body, body *")]
    .filter((element) => element.checkVisibility() && !element.closest(".jp-Cell, .jp-DirListing, #jp-bottom-panel"))
    .slice(0, 30)
    .map((element) => {
        const style = getComputedStyle(element);
        const names = [...style].filter((name) => !name.startsWith("--"));
        return names.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";");
    })"""
GLOBALS = """() => Object.keys(window).filter((name) => /^(vue|trame|plotly)/i.test(name))"""


@pytest.mark.parametrize("name", ["vuetify3", "vuetify4", "plotly"])
def test_the_notebook_stays_as_it_is(lab: Lab, name: str) -> None:
    lab.open_cells([LOAD, package_cell(name)])
    lab.run(0)
    lab.page.mouse.move(640, 700)
    before = lab.page.evaluate(STYLES)
    lab.run(1)
    view = View(lab.page.locator(HOST).first, lab.page)
    view.expect_visible(".answer")
    lab.page.mouse.move(640, 700)
    lab.page.wait_for_function(
        f"(before) => JSON.stringify(({STYLES})()) === JSON.stringify(before)", arg=before, timeout=10_000
    )
    assert lab.page.evaluate(GLOBALS) == []
    assert lab.page.locator("body > .v-overlay-container").count() == 0


def test_the_theme_of_the_lab_is_vuetifys_too(lab: Lab) -> None:
    lab.open_cells([LOAD, package_cell("vuetify3")])
    lab.run_all()
    view = View(lab.page.locator(HOST).first, lab.page)
    expect(view.find(".v-application")).to_have_class(
        "v-application v-theme--light v-layout v-layout--full-height v-locale--is-ltr"
    )
    lab.set_theme("JupyterLab Dark")
    try:
        expect(view.find(".v-application.v-theme--dark")).to_be_visible()
        expect(view.find(".v-card")).to_have_css("background-color", "rgb(33, 33, 33)")
    finally:
        lab.set_theme("JupyterLab Light")
    expect(view.find(".v-application.v-theme--light")).to_be_visible()


def test_two_versions_share_a_page(lab: Lab) -> None:
    lab.open_cells([LOAD, package_cell("vuetify3"), package_cell("vuetify4")])
    lab.run_all()
    for index, package in enumerate((vuetify3, vuetify4)):
        host = lab.page.locator(f".jp-OutputArea {HOST}").nth(index)
        package.drive(View(host, lab.page))


def test_a_frame_is_had_for_the_asking(lab: Lab) -> None:
    lab.open_cells(
        [LOAD, package_cell("html").replace("display(server)", 'display(server.view(embed="frame"))')]
    )
    lab.run_all()
    frame = lab.page.locator(f"{HOST} iframe")
    view = View(frame.content_frame, lab.page)
    html.drive(view)
    assert frame.get_attribute("src") is None
    height = view.find(".jt-frame").bounding_box()
    outer = frame.bounding_box()
    assert height is not None
    assert outer is not None
    assert abs(height["height"] - outer["height"]) < 2
    lab.set_theme("JupyterLab Dark")
    try:
        expect(view.find(".jt-frame[data-theme=dark]")).to_be_visible()
    finally:
        lab.set_theme("JupyterLab Light")


@pytest.mark.parametrize(("name", "package"), [("vuetify4", vuetify4), ("plotly", plotly)])
def test_files_come_over_the_comm_where_there_is_no_extension(
    bare_lab: Lab, name: str, package: object
) -> None:
    bare_lab.open_cells([LOAD, package_cell(name)])
    bare_lab.run_all()
    view = View(bare_lab.page.locator(f".jp-OutputArea {HOST}").first, bare_lab.page)
    view.expect_visible(".answer")
    view.expect_live("comm")
    package.drive(view)  # type: ignore[attr-defined]


def test_a_frame_lives_on_the_comm_alone(bare_lab: Lab) -> None:
    bare_lab.open_cells([LOAD, package_cell("datagrid")])
    bare_lab.run_all()
    view = View(bare_lab.page.locator(f"{HOST} iframe").content_frame, bare_lab.page)
    view.expect_visible(".rgCell")
    expect(view.find(".jt-mark")).to_have_attribute("data-transport", "comm")
