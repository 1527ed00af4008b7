"""What parts of `jupyter_trame.ui` show: as it looks, to readers, under a finger, and without a network."""

from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.ui_programs import LOOKS, SHOWN, axe_problems, opened, served

LEAFLET = Path(__file__).parents[2] / "js" / "node_modules" / "leaflet" / "dist"
MAP = """
import folium
from jupyter_trame import ui

folium.Map.default_js = [("leaflet", "{host}/leaflet.js")]
folium.Map.default_css = [("leaflet_css", "{host}/leaflet.css")]
with ui.app("map") as app:
    @ui.output
    def turin():
        return folium.Map([45, 7.7], height=200, tiles="{host}/images/layers.png?{{x}}", attr="nobody")
"""
OTHERS = [one for one in LOOKS if one != "light"]
CIRCLE = "[role=graphics-symbol][aria-roledescription=circle]"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(SHOWN, tmp_path_factory.mktemp("shown")) as address:
        yield address


def drawn(browser: Browser, address: str, **options: object) -> Page:
    """The page of `SHOWN` with everything that comes after its first picture."""
    page = opened(browser, address, **options)
    for css in (
        ".jt-table-row",
        ".jt-plot .main-svg",
        CIRCLE,
        ".jt-code .hljs-keyword",
        "math",
        "table.dataframe",
    ):
        expect(page.locator(css).first).to_be_visible()
    return page


@pytest.mark.parametrize(
    "looks", ["light", *(pytest.param(one, marks=pytest.mark.long) for one in LOOKS if one != "light")]
)
def test_axe_finds_nothing(browser: Browser, shown: str, looks: str, picture: Callable[[str], Path]) -> None:
    page = drawn(browser, shown, **LOOKS[looks])
    assert axe_problems(page) == []
    page.screenshot(path=picture("all"), full_page=True)
    page.get_by_role("button", name="Break down").click()
    expect(page.get_by_text("no data in the file").first).to_be_visible()
    page.get_by_role("button", name="Work").click()
    expect(page.get_by_role("button", name="Stop").first).to_be_enabled()
    assert axe_problems(page) == [], "a job that runs, and one that has failed"
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Done.").wait_for()
    page.locator(".jt-table-row").nth(1).click()
    page.get_by_role("button", name="A field").press("ArrowRight")
    assert axe_problems(page) == [], "a job that is done, and what is selected"
    page.screenshot(path=picture("used"), full_page=True)
    page.close()


def test_a_chart_answers_to_the_pointer(browser: Browser, shown: str, picture: Callable[[str], Path]) -> None:
    page = drawn(browser, shown)
    circle = page.locator(CIRCLE).nth(20)
    circle.scroll_into_view_if_needed()
    circle.hover()
    tip = page.locator(".jt-chart-tip")
    expect(tip).to_contain_text("name A car with a rather long name 20")
    page.locator(".jt-chart").screenshot(path=picture("chart"))
    box, area = circle.bounding_box(), page.locator(".jt-chart svg").bounding_box()
    assert box is not None
    assert area is not None
    page.mouse.move(box["x"] - 30, box["y"] + 20)
    expect(tip).to_be_hidden()
    before = page.locator(CIRCLE).last.get_attribute("d")
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 20, steps=4)
    page.mouse.up()
    expect(page.locator(CIRCLE).last).not_to_have_attribute("d", before or "")
    page.set_viewport_size({"width": 500, "height": 900})
    page.wait_for_function(
        "(before) => document.querySelector('.jt-chart svg').clientWidth !== before", arg=area["width"]
    )
    page.close()


@pytest.fixture
def leaflet() -> Iterator[str]:
    """A host with the script, the style and a picture that maps of folium fetch."""
    handler = partial(SimpleHTTPRequestHandler, directory=LEAFLET)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_map_is_a_page_that_fetches_its_files(
    browser: Browser, leaflet: str, tmp_path: Path, picture: Callable[[str], Path]
) -> None:
    with served(MAP.format(host=leaflet), tmp_path) as address:
        page = opened(browser, address)
        tiles = page.frame_locator("iframe[title=Turin]").locator(".leaflet-tile-loaded")
        expect(tiles.first).to_be_visible()
        expect(page.get_by_text("needs files from")).to_have_count(0)
        page.screenshot(path=picture("map"))
        page.close()


def test_a_map_says_what_does_not_come(
    browser: Browser, tmp_path: Path, picture: Callable[[str], Path]
) -> None:
    with served(MAP.format(host="http://nowhere.invalid"), tmp_path) as address:
        page = opened(browser, address)
        said = page.get_by_role("alert").filter(has_text="needs files from")
        expect(said).to_contain_text("needs files from nowhere.invalid, which did not come.")
        page.screenshot(path=picture("map"))
        assert axe_problems(page) == []
        page.close()


def test_a_finger_uses_what_is_shown(browser: Browser, shown: str) -> None:
    page = drawn(browser, shown, **LOOKS["narrow"])
    assert page.evaluate("document.documentElement.scrollWidth") == 400, "nothing is wider than the page"
    rows = page.get_by_role("grid", name="Cars", exact=True).locator(".jt-table-row")
    rows.nth(1).tap()
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    page.get_by_role("columnheader", name="Power").first.get_by_role("button").tap()
    expect(page.get_by_role("columnheader", name="Power").first).to_have_attribute("aria-sort", "ascending")
    field = page.get_by_role("button", name="A field")
    field.locator("img").evaluate("(image) => { image.style.width = '300px'; }")
    field.tap(position={"x": 158, "y": 83})  # a finger's place is told in whole pixels of the page
    expect(page.locator("#point")).to_have_text("Point: [ 52, 27 ]")
    page.close()
