"""The apps of the recipes that are written with elements of HTML, in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, View
from tests.e2e.recipes import recipe, served

pytestmark = pytest.mark.long

NUMBERS = (1, 2, 3, 4, 5, 6, 7)
"""The other two are no programs."""


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, str]]:
    codes = {number: recipe(number, 1) for number in NUMBERS}
    with served(tmp_path_factory.mktemp("recipes"), codes) as found:
        yield found


@pytest.fixture
def opened(addresses: dict[int, str], make_page: MakePage, request: pytest.FixtureRequest) -> View:
    page, _ = make_page(None)
    page.goto(addresses[request.param])
    view = View(page.locator(HOST), page)
    view.expect_live("websocket")
    return view


def app(number: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("opened", [number], indirect=True, ids=[f"app{number}"])


@app(1)
def test_filter(opened: View) -> None:
    opened.wait_picture("img")
    before = opened.find("tr").count()
    opened.find("select").select_option("Japan")
    expect(opened.find("tr", "toyota").first).to_be_visible()
    assert opened.find("tr").count() != before
    opened.set_slider("input", 60)
    expect(opened.find("tr", "datsun 1200")).to_have_count(0)


@app(2)
def test_long_work(opened: View) -> None:
    opened.find("button", "Run").click()
    expect(opened.find("button", "Run")).to_be_disabled()
    opened.find("button", "Stop").click()
    expect(opened.find("button", "Run")).to_be_enabled()
    expect(opened.find("p")).to_have_count(0)
    opened.find("button", "Run").click()
    opened.expect_text("p", "4950")


@app(3)
def test_upload(opened: View) -> None:
    table = b"n\n1\n2\n6\n"
    opened.find("input").set_input_files({"name": "n.csv", "mimeType": "text/csv", "buffer": table})
    expect(opened.find("tr", "mean")).to_contain_text("3")
    with opened.page.expect_download() as download:
        opened.find("button").click()
    assert "mean,3.0" in download.value.path().read_text()


@app(4)
def test_form(opened: View) -> None:
    opened.find("button").click()
    opened.expect_text("p", "A person has a name.")
    opened.find("input").first.fill("Ada")
    opened.find("input[type=number]").fill("200")
    opened.find("button").click()
    opened.expect_text("p", "An age is between 0 and 150.")
    opened.find("input[type=number]").fill("36")
    opened.find("button").click()
    opened.expect_text("p", "Saved")


@app(5)
def test_live_figure(opened: View) -> None:
    opened.wait_picture("img")
    opened.expect_other_source("img", str(opened.find("img").get_attribute("src")))


@app(6)
def test_master_and_detail(opened: View) -> None:
    opened.wait_picture("img")
    before = str(opened.find("img").get_attribute("src"))
    opened.find("button").nth(3).click()
    opened.expect_other_source("img", before)


@app(7)
def test_annotator(opened: View) -> None:
    opened.wait_picture("img")
    opened.find("img").click(position={"x": 30, "y": 20})
    opened.expect_text("li", "30, 20")
