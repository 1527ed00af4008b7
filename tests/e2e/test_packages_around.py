"""What packages in a cell do to the notebook around them, and the other ways to the same picture."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.gallery import Gallery
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.notebooks import LOAD, package_cell
from tests.e2e.packages import code, datagrid, html, plotly, vuetify3, vuetify4

TEN = [
    "html",
    "vuetify3",
    "vuetify4",
    "single_page",
    "plotly",
    "markdown",
    "code",
    "dockview",
    "leaflet",
    "vega",
]
STYLES = """() => [...document.querySelectorAll("body, body *")]
    .filter((element) => element.checkVisibility())
    .filter((element) => !element.closest(".jp-Notebook, .jp-DirListing, #jp-bottom-panel, .jp-Statusbar"))
    .slice(0, 30)
    .map((element) => {
        const style = getComputedStyle(element);
        const names = [...style].filter((name) => !name.startsWith("--"));
        return names.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";");
    })"""
"""Computed styles of the notebook's own elements.

Custom properties are left out: a registered one (`@property`, of which Vuetify 4 has some) is registered for the whole
document, since a shadow root cannot, and has its initial value on every element from then on. Nothing looks different,
for no rule of the notebook uses it.
"""
GLOBALS = """() => Object.keys(window).filter((name) => /^(vue|trame|plotly|monaco|vega|L$|dockview)/i.test(name))"""
COLOURS = """(host, selectors) => selectors.map((selector) => {
    const style = getComputedStyle(host.shadowRoot.querySelector(selector));
    return [style.color, style.backgroundColor, style.borderRadius, style.fontFamily, style.display].join(" ");
})"""
ELSEWHERE = """(host) => {
    const frame = document.body.appendChild(document.createElement("iframe"));
    frame.id = "elsewhere";
    window.jtPlace = [host.parentElement, host];
    frame.contentDocument.body.append(host);
}"""
BACK = """() => {
    const [parent, host] = window.jtPlace;
    parent.append(host);
    document.getElementById("elsewhere").remove();
    delete window.jtPlace;
}"""
SHEETS = "() => window.jtPlace[1].shadowRoot.adoptedStyleSheets.length"


@pytest.mark.long
def test_ten_apps_leave_the_notebook_as_it_is(gallery: Gallery) -> None:
    page = gallery.lab.page
    page.mouse.move(640, 700)
    before = page.evaluate(STYLES)
    assert len(before) == 30
    for name in TEN:
        gallery.show(name).expect_visible(".answer")
    page.mouse.move(640, 700)
    page.wait_for_function(
        f"(before) => JSON.stringify(({STYLES})()) === JSON.stringify(before)", arg=before, timeout=10_000
    )
    assert page.evaluate(GLOBALS) == []
    assert page.locator("body > .v-overlay-container").count() == 0


def test_the_theme_of_the_lab_is_that_of_the_apps(gallery: Gallery, picture: Callable[[str], Path]) -> None:
    lab = gallery.lab
    plain, *others = [gallery.show(name) for name in ("html", "vuetify3", "vuetify4", "single_page")]
    try:
        for theme, background in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(33, 33, 33)")):
            lab.set_theme(f"JupyterLab {theme.title()}")
            expect(plain.find(".jt-frame")).to_have_attribute("data-theme", theme)
            for view in others:
                expect(view.find(f".v-application.v-theme--{theme}")).to_be_visible()
                view.find(".answer").scroll_into_view_if_needed()
                gallery.screenshot(view, picture(f"{others.index(view)}-{theme}"))
            expect(others[0].find(".v-card").first).to_have_css("background-color", background)
    finally:
        lab.set_theme("JupyterLab Light")
    expect(others[0].find(".v-application.v-theme--light")).to_be_visible()


def test_keys_typed_in_packages_stay_there(gallery: Gallery) -> None:
    lab = gallery.lab
    plain, vuetify, editor = [gallery.show(name) for name in ("dataclass", "vuetify3", "code")]
    place = lab.place()
    for view, field in ((plain, ".name"), (editor, ".view-line")):
        view.find(field).first.click()
        for key in ("d", "d", "x", "a", "b", "ArrowUp", "ArrowDown", "Enter", "Escape", "d", "d"):
            view.press(key)
        assert lab.place()[0] == place[0]
    expect(plain.find(".name")).to_have_value("Adaddxabdd")

    vuetify.find(".fruit input").first.focus()
    slow = lab.page.context.new_cdp_session(lab.page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 12})
    vuetify.press("ArrowDown")
    # When the menu has opened, Vuetify focuses the chosen item, wherever keys had led meanwhile.
    expect(vuetify.find(".v-select__content")).to_have_css("pointer-events", "auto")
    chosen = vuetify.find(".v-list-item:focus")
    for fruit in ("apple", "pear"):
        expect(chosen).to_have_text(fruit)
        vuetify.press("ArrowDown" if fruit == "apple" else "Enter")
    vuetify.expect_text(".answer", "python: pear")
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    vuetify.find(".ask").click()
    why = vuetify.find(".why input")
    why.click()
    for key in ("d", "d", "x", "Enter", "ArrowUp", "d", "d"):
        vuetify.press(key)
    expect(why).to_have_value("ddddx")  # the arrow went to the start
    vuetify.press("Escape")
    vuetify.expect_hidden(".question")
    vuetify.press("d")
    vuetify.press("d")
    assert lab.place()[0] == place[0]


@pytest.mark.parametrize(
    ("name", "selectors"), [("html", [".reset", ".answer"]), ("vuetify4", [".ask", ".v-card", ".answer"])]
)
def test_a_view_keeps_its_styles_in_another_document(
    gallery: Gallery, name: str, selectors: list[str]
) -> None:
    page = gallery.lab.page
    gallery.show(name).expect_visible(".answer")
    host = page.locator(HOST, has=page.locator(selectors[0])).first
    handle = host.element_handle()
    before = handle.evaluate(COLOURS, selectors)
    handle.evaluate(ELSEWHERE)
    assert page.evaluate(SHEETS) > 0
    assert (
        page.locator("#elsewhere").evaluate("(frame) => getComputedStyle(window.jtPlace[1]).display")
        == "block"
    )
    page.evaluate(BACK)
    assert handle.evaluate(COLOURS, selectors) == before
    expect(host).to_be_visible()


def test_a_frame_is_had_for_the_asking(gallery: Gallery) -> None:
    lab = gallery.lab
    view = gallery.show("html", 'display(server.view(embed="frame"))', "framed")
    html.drive(view)
    frame = lab.page.locator(f"{HOST} iframe").last
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


@pytest.mark.long
def test_files_come_over_the_comm_where_there_is_no_extension(bare_lab: Lab) -> None:
    apps = {"vuetify3": vuetify3, "vuetify4": vuetify4, "plotly": plotly, "code": code}
    bare_lab.open_cells([LOAD, *map(package_cell, apps), package_cell("datagrid")])
    bare_lab.run_all()
    for index, package in enumerate(apps.values(), 1):
        view = View(bare_lab.cell_host(index), bare_lab.page)
        view.expect_visible(".answer")
        view.expect_live("comm")
        package.drive(view)
    framed = View(bare_lab.cell_host(len(apps) + 1).frame_locator("iframe"), bare_lab.page)
    datagrid.drive(framed)
    expect(framed.find(".jt-mark")).to_have_attribute("data-transport", "comm")
