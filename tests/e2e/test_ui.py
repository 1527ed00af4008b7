"""`jupyter_trame.ui` as it is seen and used: by keyboard, by readers, in themes and widths."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.lab import Lab
from tests.e2e.ui_programs import LOOKS, PARTS, axe_problems, opened, served


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(PARTS, tmp_path_factory.mktemp("ui")) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    page = opened(browser, address)
    yield page
    page.close()


def test_a_form_is_filled_in_by_keyboard(page: Page) -> None:
    name, age = page.get_by_label("Name"), page.get_by_label("Age")
    page.get_by_role("button", name="Save").press("Enter")
    expect(name).to_be_focused()
    expect(page.get_by_text("A name is needed.")).to_be_visible()
    page.keyboard.type("Ada")
    page.keyboard.press("Tab")
    expect(age).to_be_focused()
    expect(page.get_by_text("A name is needed.")).to_be_hidden()
    page.keyboard.type("136")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enter 120 or less.")).to_be_visible()
    age.fill("36")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").get_by_text("Ada, 36")).to_be_visible()
    page.get_by_role("button", name="Close").first.press("Enter")
    expect(page.locator(".jt-toast")).to_have_count(0)


def test_a_button_shows_that_its_function_runs(page: Page) -> None:
    wait = page.get_by_role("button", name="Wait")
    wait.click()
    expect(wait).to_have_attribute("aria-busy", "true")
    page.get_by_role("button", name="Go on").click()
    expect(wait).not_to_have_attribute("aria-busy", "true")


def test_a_button_asks_first(page: Page) -> None:
    delete, search = page.get_by_role("button", name="Delete"), page.get_by_label("Search")
    delete.press("Enter")
    expect(page.get_by_role("dialog", name="Delete all?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(delete).to_be_focused()
    expect(search).to_have_value("")
    delete.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Delete").press("Enter")
    expect(search).to_have_value("deleted")


def test_tabs_and_dialogs_by_keyboard(page: Page) -> None:
    ask = page.get_by_role("button", name="Ask")
    for _ in range(2):
        ask.press("Enter")
        expect(page.get_by_role("dialog", name="A question")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(ask).to_be_focused()
    page.get_by_role("tab", name="Form").press("ArrowRight")
    expect(page.get_by_text("The second one")).to_be_visible()
    page.keyboard.press("Home")
    expect(page.get_by_role("tabpanel", name="Form")).to_be_visible()


def test_a_range_by_keyboard(page: Page) -> None:
    low = page.get_by_role("slider", name="Years from")
    low.focus()
    page.keyboard.press("End")
    expect(page.get_by_text("1980 \N{EN DASH} 1980")).to_be_visible()
    page.keyboard.press("Home")
    expect(page.get_by_text("1970 \N{EN DASH} 1980")).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("looks", LOOKS)
def test_axe_finds_nothing(browser: Browser, address: str, looks: str) -> None:
    page = opened(browser, address, **LOOKS[looks])

    def look(what: str) -> None:
        assert axe_problems(page) == [], what

    look("all parts")
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("A name is needed.")).to_be_visible()
    look("a problem")
    page.get_by_role("button", name="Delete").click()
    look("a question")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look("a dialog")
    page.keyboard.press("Escape")
    page.get_by_label("Name").fill("Ada")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".jt-toast").first).to_be_visible()
    look("a toast")
    page.close()


@pytest.mark.long
def test_nothing_is_wider_than_a_narrow_view(
    browser: Browser, address: str, picture: Callable[[str], Path]
) -> None:
    page = opened(browser, address, viewport={"width": 320, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.screenshot(path=picture("narrow"), full_page=True)
    page.close()


def test_a_finger_uses_inputs(browser: Browser, address: str) -> None:
    page = opened(browser, address, **LOOKS["narrow"])
    power = page.get_by_role("slider", name="Power")
    box = power.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    expect(page.get_by_text("230 hp")).to_be_visible()
    complete = page.get_by_role("checkbox", name="Only complete rows")
    page.get_by_text("Only complete rows").tap()
    expect(complete).to_be_checked()
    page.get_by_role("tab", name="Second").tap()
    expect(page.get_by_text("The second one")).to_be_visible()
    page.get_by_role("tab", name="Form").tap()
    page.get_by_role("button", name="Ask").tap()
    dialog = page.get_by_role("dialog", name="A question")
    expect(dialog).to_be_in_viewport(ratio=1)
    dialog.get_by_role("button", name="Close").tap()
    expect(dialog).to_be_hidden()
    page.close()


@pytest.mark.long
def test_parts_in_forced_colours(browser: Browser, address: str, picture: Callable[[str], Path]) -> None:
    page = opened(browser, address, forced_colors="active")
    page.screenshot(path=picture("forced"), full_page=True)
    edges = page.evaluate(
        """() => [".jt-input", ".jt-button", ".jt-switch", ".jt-card"].map((css) =>
             getComputedStyle(document.querySelector(css)).borderTopWidth)"""
    )
    assert edges == ["1px"] * 4
    page.close()


@pytest.mark.long
def test_parts_in_the_lab(own_lab: Lab, picture: Callable[[str], Path]) -> None:
    own_lab.open_cells(["%load_ext jupyter_trame", f"{PARTS}\napp"])
    own_lab.run_all()
    own_lab.execute("application:toggle-left-area")
    own_lab.scroll_to(1)
    view = own_lab.inline_view()
    view.expect_visible(".jt-range")
    colours = []
    for theme in ("light", "dark"):
        own_lab.set_theme(f"JupyterLab {theme.title()}")
        expect(view.find(".jt-frame")).to_have_attribute("data-theme", theme)
        view.find(".jt-app").screenshot(path=picture(theme))
        colours.append(view.find(".jt-input").first.evaluate("(one) => getComputedStyle(one).color"))
    assert colours[0] != colours[1]
    view.find(".jt-button", "Delete").press("Enter")
    expect(view.find(".jt-question")).to_be_visible()
    own_lab.page.keyboard.press("Escape")
    expect(view.find(".jt-question")).to_have_count(0)
