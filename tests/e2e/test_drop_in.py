"""Programs written for trame, on this package, with trame's own page: as their users see them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.compat.support import OURS, Program, served
from tests.e2e.conftest import MakePage


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Iterator[Program]:
    """The app that the test is named after."""
    with served(OURS, request.node.originalname.removeprefix("test_")) as program:
        yield program


@pytest.fixture
def page(program: Program, make_page: MakePage, picture: Callable[[str], Path]) -> Iterator[Page]:
    """The app's page; a picture is taken at the end."""
    page, watch = make_page(None)
    # Stock clients ask for a launcher first; trame-markdown wants a font of the internet; one test makes an error.
    watch.expected += ["405", "fonts.googleapis.com", "css __trame_markdown", "from the page"]
    page.goto(program.address)
    yield page
    path = picture("end")
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)


def test_counter(page: Page) -> None:
    expect(page).to_have_title("Counter")
    result = page.locator(".result")
    expect(result).to_have_text("5 * 2 = 10")
    page.locator(".plus").click()
    expect(result).to_have_text("6 * 2 = 12")
    page.locator(".slider").fill("9")
    expect(result).to_have_text("9 * 2 = 18")
    expect(page.locator(".list li")).to_have_count(9)
    page.locator(".reset").click()
    expect(result).to_have_text("20 * 2 = 40")


def test_vuetify(page: Page) -> None:
    summary = page.locator(".summary")
    expect(summary).to_have_text("40 x green")
    page.locator(".amount .v-slider-thumb").press("ArrowRight")
    expect(summary).to_have_text("45 x green")
    page.locator(".bold input").click()
    expect(summary).to_have_text("45 x green!")
    page.locator(".color").click()
    page.get_by_role("option", name="Blue").click()
    expect(summary).to_have_text("45 x blue!")
    page.locator(".name input").fill("trame")
    expect(page.locator(".card")).to_contain_text("Hello trame")
    page.locator(".reset").click()
    expect(summary).to_have_text("20 x red")


def test_routes(page: Page) -> None:
    expect(page.locator(".home")).to_have_text("Home")
    page.locator(".to-foo").click()
    page.locator(".visit").click()
    expect(page.locator(".visit")).to_have_text("visited 1 times")
    page.locator(".to-home").click()
    page.locator(".to-bar").click()
    expect(page.locator(".bar")).to_have_text("Bar 7")
    assert page.url.endswith("#/bar/7")


def test_notes(page: Page) -> None:
    expect(page.locator(".words")).to_have_text("9 words")
    expect(page.locator("h1")).to_have_text("Title")
    expect(page.locator("strong")).to_have_text("second")
    expect(page.locator("pre code")).to_contain_text("hello")
    page.locator(".source").fill("## Smaller\n\n*slanted* words")
    expect(page.locator("h2")).to_have_text("Smaller")
    expect(page.locator("em")).to_have_text("slanted")
    expect(page.locator(".words")).to_have_text("4 words")


def test_plot(page: Page) -> None:
    expect(page.locator(".gtitle")).to_have_text("4 squares")
    expect(page.locator(".bars .point")).to_have_count(4)
    page.locator(".v-select").click()
    page.get_by_role("option", name="12").click()
    expect(page.locator(".gtitle")).to_have_text("12 squares")
    expect(page.locator(".bars .point")).to_have_count(12)


def test_upload(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "fruits.txt"
    file.write_bytes(b"banana" * 100_000)
    page.locator(".file input").set_input_files(file)
    expect(page.locator(".report")).to_have_text("fruits.txt: 600000 bytes, 300000 a, text/plain")
    with page.expect_download() as download:
        page.locator(".get").click()
    assert Path(download.value.path()).read_bytes() == b"\x00\x01binary\xff"


def test_life_cycle(program: Program, page: Page) -> None:
    program.until(lambda: "client connected" in program.life, "client connected")
    expect(page.locator(".count")).to_have_text("0")
    page.locator(".count").click()
    expect(page.locator(".count")).to_have_text("1")
    page.evaluate("() => void setTimeout(() => { console.error('from', 'the page'); })")
    program.until(lambda: any(line.startswith("error from the page") for line in program.life), "the error")
    page.goto("about:blank")
    program.until(lambda: "client exited" in program.life, "client exited")
    page.goto(program.address)
    page.locator(".stop").click()
    assert program.wait() == 0
    assert program.life[-2:] == ["server exited 1", "after"]


def test_children(page: Page) -> None:
    left, right = page.locator(".left"), page.locator(".right")
    left.locator(".plus").click()
    expect(left.locator(".text")).to_have_text("2m, squared 4")
    expect(right.locator(".text")).to_have_text("1m, squared 1")
    right.locator(".plus5").click()
    expect(right.locator(".text")).to_have_text("6m, squared 36")
    page.locator(".both").click()
    expect(left.locator(".text")).to_have_text("12m, squared 144")
    expect(right.locator(".text")).to_have_text("26m, squared 676")


def test_measurements(page: Page) -> None:
    expect(page.locator(".log")).to_have_text("sum 42, bytes 3-2-1, ticks 3-2-1")


def test_web_routes(page: Page) -> None:
    page.locator(".add").click()
    expect(page.locator(".received")).to_have_text("5")
    page.locator(".add").click()
    expect(page.locator(".received")).to_have_text("10")
