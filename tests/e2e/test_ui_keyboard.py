"""Every part of `jupyter_trame.ui` is reached by Tab, and works without a mouse."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.ui_programs import PARTS, SHOWN, opened, served, tab_to

FOCUS = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const drawn = (one) => one && getComputedStyle(one).outlineStyle !== "none";
  const label = document.getElementById(at.getAttribute("aria-labelledby")) ?? at.labels?.[0] ?? at;
  const name = at.getAttribute("aria-label") ?? label.textContent;
  const seen = drawn(at) || drawn(at.querySelector(".jt-table-active"));
  return [at === document.body ? "" : `${at.tagName.toLowerCase()} ${name.trim().slice(0, 30)}`, seen];
}"""
WITHIN_DIALOG = (
    "() => document.activeElement === document.body || !!document.activeElement.closest('dialog[open]')"
)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(PARTS, tmp_path_factory.mktemp("parts")) as address:
        yield address


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(SHOWN, tmp_path_factory.mktemp("shown")) as address:
        yield address


@pytest.fixture
def form(browser: Browser, parts: str) -> Iterator[Page]:
    page = opened(browser, parts)
    expect(page.get_by_role("slider", name="Power")).to_be_visible()
    # Which tab is seen is everybody's, and a page that a test has closed may have had more to send.
    if not page.get_by_role("tabpanel", name="Form").is_visible():
        other = opened(browser, parts)
        other.get_by_role("tab", name="Form").click()
        expect(page.get_by_role("tabpanel", name="Form")).to_be_visible()
        other.close()
    yield page
    page.close()


@pytest.fixture(scope="module")
def results(browser: Browser, shown: str) -> Iterator[Page]:
    """One for all: what it draws takes seconds to come."""
    page = opened(browser, shown)
    expect(page.locator(".jt-table-row").first).to_be_visible()
    yield page
    page.close()


def stops(page: Page) -> list[str]:
    """What Tab leads to, from the top of the page to its end; each stop can be seen."""
    page.evaluate("() => document.activeElement.blur()")
    found: list[str] = []
    while True:
        page.keyboard.press("Tab")
        name, seen = page.evaluate(FOCUS)
        if not name or [name] == found[:1]:
            return found
        # A day has several parts, in which the browser shows where the focus is.
        if name not in found[-1:]:
            assert seen, f"nothing shows that {name} has the focus"
            found.append(name)


def test_tab_leads_to_all_inputs_in_their_order(form: Page) -> None:
    names = [name.partition(" ")[2] for name in stops(form)]
    assert names == [
        *(
            "Power",
            "Years from",
            "Years to",
            "Origin",
            "4",
            "6",
            "8",
            "Economy",
            "Only complete rows",
            "Live",
        ),
        *("Form", "Form", "Name", "Age", "Born", "Paint", "Notes", "Photo", "Save"),
        *("Search", "Wait", "Go on", "Delete", "More", "Ask", "Details"),
    ]


def test_tab_leads_to_all_that_is_shown(results: Page) -> None:
    names = stops(results)
    for name in (
        "pre python",
        "pre json",
        "pre Lines",
        "button Work",
        "button A field: choose a point",
        "table Cars",
    ):
        assert [one for one in names if one.startswith(name)], (name, names)


def test_inputs(form: Page) -> None:
    power, live = form.get_by_role("slider", name="Power"), form.get_by_role("switch", name="Live")
    tab_to(power)
    form.keyboard.press("ArrowRight")
    expect(form.get_by_text("151 hp")).to_be_visible()
    form.keyboard.press("End")
    expect(form.get_by_text("230 hp")).to_be_visible()
    origin = form.get_by_role("combobox", name="Origin")
    tab_to(origin)
    form.keyboard.press("ArrowDown")
    expect(origin).to_have_value("1")
    six = form.get_by_role("checkbox", name="6")
    tab_to(six)
    form.keyboard.press("Space")
    expect(six).to_be_checked()
    tab_to(form.get_by_role("radio", name="Economy"))
    form.keyboard.press("ArrowDown")
    expect(form.get_by_role("radio", name="Power")).to_be_checked()
    tab_to(live)
    form.keyboard.press("Space")
    expect(live).not_to_be_checked()
    born = form.get_by_label("Born")
    tab_to(born)
    form.keyboard.type("06181981")
    expect(born).to_have_value("1981-06-18")


def test_a_file_is_chosen(form: Page, tmp_path: Path) -> None:
    photo = form.get_by_label("Photo")
    tab_to(photo)
    with form.expect_file_chooser() as chooser:
        form.keyboard.press("Space")
    picture = tmp_path / "photo.png"
    picture.write_bytes(b"png")
    chooser.value.set_files(picture)
    assert photo.evaluate("(one) => one.files[0].name") == "photo.png"


def test_tabs_are_one_stop_and_go_round(form: Page) -> None:
    tabs = {name: form.get_by_role("tab", name=name) for name in ("Form", "Second", "Third")}
    tab_to(tabs["Form"])
    for key, name in (
        *(("ArrowRight", "Second"), ("ArrowRight", "Third"), ("ArrowRight", "Form"), ("ArrowLeft", "Third")),
        *(("End", "Third"), ("Home", "Form")),
    ):
        form.keyboard.press(key)
        expect(tabs[name]).to_be_focused()
        expect(form.get_by_role("tabpanel", name=name)).to_be_visible()
    form.keyboard.press("Shift+Tab")
    form.keyboard.press("Tab")
    expect(tabs["Form"]).to_be_focused()


def test_a_dialog_keeps_the_focus_and_gives_it_back(form: Page) -> None:
    ask, dialog = form.get_by_role("button", name="Ask"), form.get_by_role("dialog", name="A question")
    tab_to(ask)
    form.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    for _ in range(8):
        form.keyboard.press("Tab")
        assert form.evaluate(WITHIN_DIALOG)
    form.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(ask).to_be_focused()
    form.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    tab_to(form.get_by_role("button", name="Done"))
    form.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(ask).to_be_focused()


def test_an_expander(form: Page) -> None:
    tab_to(form.locator("summary"))
    locked = form.get_by_label("Locked", exact=True)
    expect(locked).to_be_visible()
    form.keyboard.press("Enter")
    expect(locked).to_be_hidden()


def test_a_table(results: Page) -> None:
    table = results.get_by_role("grid", name="Cars", exact=True)
    row = table.locator("[aria-selected=true]")
    tab_to(table)
    for key in ("ArrowDown", "ArrowDown", "Space", "Shift+ArrowDown"):
        results.keyboard.press(key)
    expect(results.locator("#picked")).to_contain_text("Picked: [ 2, 3 ]")
    results.keyboard.press("Enter")
    expect(results.locator("#picked")).to_contain_text("opened: A car with a rather long name 3")
    results.keyboard.press("Escape")
    expect(row).to_have_count(0)
    results.keyboard.press("End")
    expect(table.locator(".jt-table-active")).to_contain_text("name 59")
    expect(table.locator(".jt-table-active")).to_be_in_viewport(ratio=0.9)
    heading = table.get_by_role("columnheader", name="Power")
    tab_to(heading.get_by_role("button"))
    for order in ("ascending", "descending", "none"):
        results.keyboard.press("Enter")
        expect(heading).to_have_attribute("aria-sort", order)


def test_columns_are_made_wider_and_pages_turned(results: Page) -> None:
    table = results.get_by_role("grid", name="Pages of cars")
    name, power = (table.get_by_role("columnheader", name=name) for name in ("Name", "Power"))
    before = width(name), width(power)
    tab_to(name.get_by_role("button"))
    for _ in range(3):
        results.keyboard.press("Shift+ArrowRight")
    assert (width(name), width(power)) == (before[0] + 48, before[1])
    tab_to(results.get_by_role("button", name="Next page"))
    results.keyboard.press("Enter")
    expect(table.locator(".jt-table-row").first).to_contain_text("name 5")


def width(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return round(box["width"])


def test_a_job_is_run_and_stopped(results: Page) -> None:
    job = results.locator(".jt-job", has_text="Work")
    said, run, stop = (
        job.get_by_role("status"),
        job.get_by_role("button", name="Work"),
        job.get_by_role("button", name="Stop"),
    )
    tab_to(run)
    results.keyboard.press("Enter")
    expect(said).to_have_text("Four of ten")
    expect(run).to_be_focused()
    tab_to(stop, 1)
    results.keyboard.press("Enter")
    expect(said).to_have_text(re.compile(r"^Stopped at \d+ %\.$"))
    expect(stop).to_be_focused()


def test_a_point_of_a_picture(results: Page) -> None:
    tab_to(results.get_by_role("button", name="A field"))
    for key in ("ArrowRight", "Shift+ArrowUp", "Enter"):
        results.keyboard.press(key)
    expect(results.locator("#point")).to_have_text("Point: [ 60, 24 ]")


def test_a_file_is_saved(results: Page) -> None:
    tab_to(results.get_by_role("button", name="Save power.csv"))
    with results.expect_download() as download:
        results.keyboard.press("Enter")
    assert download.value.suggested_filename == "power.csv"


def test_what_is_cut_off_can_be_scrolled_to(results: Page) -> None:
    log = results.get_by_role("log")
    tab_to(log)
    before = log.evaluate("(one) => one.scrollTop")
    assert before > 0
    results.keyboard.press("Home")
    results.wait_for_function("(one) => one.scrollTop === 0", arg=log.element_handle())
    tab_to(results.get_by_role("group", name="python"))
