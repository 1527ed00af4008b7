"""The apps of the recipes, in a browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.docs.pages import ROOT
from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, View
from tests.e2e.recipes import recipe, served

AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async () => (await axe.run({ rules: { "page-has-heading-one": { enabled: false } } })).violations
  .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join("; ")}`)"""
"""An app has the headings that its author writes."""

NUMBERS = (1, 2, 3, 4, 5, 6, 7, 9)
"""That with ipywidgets is no program."""


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, str]]:
    with served(tmp_path_factory.mktemp("recipes"), {number: recipe(number) for number in NUMBERS}) as found:
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


def label(view: View, text: str) -> Locator:
    """The control that has this label."""
    return view.host.get_by_label(text, exact=True)


def button(view: View, name: str) -> Locator:
    return view.host.get_by_role("button", name=name)


def rows(view: View) -> Locator:
    return view.find(".jt-table-row")


@app(1)
def test_filter_with_figure_and_table(opened: View) -> None:
    opened.wait_picture(".jt-output img")
    before = str(opened.find(".jt-output img").get_attribute("src"))
    label(opened, "Origin").select_option("Japan")
    expect(rows(opened).first).to_contain_text("toyota")
    opened.expect_other_source(".jt-output img", before)
    label(opened, "Power").fill("55")
    expect(opened.find(".jt-table-foot")).to_have_text(re.compile(r"^\d rows$"))


@app(2)
def test_long_work_with_progress_and_stop(opened: View) -> None:
    button(opened, "Run").click()
    bar = opened.host.get_by_role("progressbar").first
    expect(bar).to_have_attribute("value", re.compile(r"^0\.[1-9]"))
    button(opened, "Stop").click()
    expect(opened.find(".jt-job")).to_have_attribute("data-stage", "stopped")
    button(opened, "Run").click()
    expect(opened.find(".jt-job")).to_contain_text("4950")


@app(3)
def test_upload_parse_and_download(opened: View) -> None:
    table = b"n\n1\n2\n6\n"
    expect(button(opened, "Save summary.csv")).to_be_disabled()
    opened.find("input[type=file]").set_input_files(
        {"name": "n.csv", "mimeType": "text/csv", "buffer": table}
    )
    expect(rows(opened).filter(has_text="mean")).to_contain_text("3")
    with opened.page.expect_download() as download:
        button(opened, "Save summary.csv").click()
    assert "mean,3.0" in download.value.path().read_text()


@app(4)
def test_form_with_validation(opened: View) -> None:
    button(opened, "Save").click()
    expect(opened.find(".jt-problem").first).to_have_text("A person has a name.")
    label(opened, "Name").fill("Ada")
    label(opened, "Age").fill("200")
    button(opened, "Save").click()
    expect(label(opened, "Age")).to_have_attribute("aria-invalid", "true")
    label(opened, "Age").fill("36")
    button(opened, "Save").click()
    expect(label(opened, "Age")).not_to_have_attribute("aria-invalid", "true")


@app(5)
def test_live_figure_from_a_thread(opened: View) -> None:
    opened.wait_picture(".jt-output img")
    before = str(opened.find(".jt-output img").get_attribute("src"))
    opened.expect_other_source(".jt-output img", before)


@app(6)
def test_master_and_detail(opened: View) -> None:
    rows(opened).nth(2).click()
    opened.wait_picture(".jt-output img")
    before = str(opened.find(".jt-output img").get_attribute("src"))
    opened.find("th button").first.click()  # sorted by names, it is another row
    rows(opened).nth(2).click()
    opened.expect_other_source(".jt-output img", before)


@app(7)
def test_annotator(opened: View) -> None:
    opened.wait_picture(".jt-image img")
    box = opened.find(".jt-image img").bounding_box()
    assert box is not None
    opened.click_at(".jt-image img", 0.5, 0.25)
    expect(rows(opened)).to_have_count(1)
    expect(rows(opened).first).to_have_text(re.compile(r"^1(59|60)\D*(49|50)"))


@app(9)
def test_one_app_as_a_program(opened: View) -> None:
    label(opened, "Level").fill("7")
    expect(opened.find(".jt-output")).to_have_text("7 squared is 49")


@pytest.mark.parametrize(
    "opened",
    [number if number in {1, 6} else pytest.param(number, marks=pytest.mark.long) for number in NUMBERS],
    indirect=True,
)
def test_axe_finds_nothing(opened: View) -> None:
    opened.page.evaluate(AXE.read_text("utf-8"))
    assert opened.page.evaluate(VIOLATIONS) == []
