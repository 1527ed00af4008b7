"""A phone: a finger in place of a mouse, and 390 pixels of width."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.lab import HOST, TAB_HOST, Lab, View
from tests.e2e.notebooks import LOAD
from tests.e2e.touch import PHONE, drag, touch_problems
from tests.e2e.ui_programs import PARTS, SHOWN, opened, served

APP = """\
server = Server("phone")
server.state.name = "world"

with DivLayout(server):
    html.Input(v_model=("name",))
    html.H2("Hello, {{ name }}!")
    html.Button("Break", click=lambda: 1 // 0, classes="break")

server
"""

Picture = Callable[[str], Path]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(PARTS, tmp_path_factory.mktemp("parts")) as address:
        yield address


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(SHOWN, tmp_path_factory.mktemp("shown")) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone, in place of the wide window of other tests."""
    context = browser.new_context(**PHONE)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    yield context
    context.close()


def phone(browser: Browser, address: str, ready: str) -> Page:
    page = opened(browser, address, **PHONE)
    expect(page.locator(".jt-mark")).to_have_attribute("data-state", "live")
    expect(page.get_by_text(ready, exact=True).last).to_be_visible()
    return page


def test_controls_can_be_hit(browser: Browser, parts: str) -> None:
    page = phone(browser, parts, "Ask")
    assert touch_problems(page, "body") == []
    page.get_by_role("button", name="Ask").tap()
    expect(page.get_by_role("dialog", name="A question")).to_be_visible()
    assert touch_problems(page, "dialog[open]") == []
    page.get_by_role("button", name="Done").tap()  # all pages of the app have this dialog
    expect(page.get_by_role("dialog", name="A question")).to_be_hidden()
    page.close()


def test_outputs_can_be_hit(browser: Browser, shown: str) -> None:
    page = phone(browser, shown, "A car with a rather long name 4")
    # Plotly's own buttons are plotly's.
    problems = [text for text in touch_problems(page, "body") if "modebar" not in text]
    assert problems == []
    page.close()


def test_sliders_are_dragged(browser: Browser, parts: str) -> None:
    page = phone(browser, parts, "Ask")
    drag(page.get_by_role("slider", name="Power"), (0.55, 0.5), (0.99, 0.5))
    expect(page.get_by_text("230 hp")).to_be_visible()
    drag(page.get_by_role("slider", name="Years").first, (0.27, 0.5), (0.01, 0.5))
    expect(page.get_by_role("slider", name="Years").first).to_have_value("1970")
    page.close()


def test_a_table_scrolls(browser: Browser, shown: str) -> None:
    page = phone(browser, shown, "A car with a rather long name 4")
    scroller = page.locator(".jt-table-area").first
    drag(scroller, (0.5, 0.8), (0.5, 0.3))
    page.wait_for_function("(one) => one.scrollTop > 40", arg=scroller.element_handle())
    drag(scroller, (0.8, 0.6), (0.2, 0.6))
    page.wait_for_function("(one) => one.scrollLeft > 20", arg=scroller.element_handle())
    page.close()


def test_a_cell_and_what_is_told_of_it(own_lab: Lab, picture: Picture) -> None:
    own_lab.watch.expected.append("ZeroDivisionError")
    own_lab.open_cells([LOAD, APP, "server.open('tab')"])
    own_lab.execute("application:toggle-left-area")
    own_lab.run(0)
    own_lab.run(1)
    view = own_lab.inline_view()
    view.expect_live("websocket")
    assert touch_problems(own_lab.page, f".jp-OutputArea {HOST}") == []
    view.find(".jt-mark-state").tap()
    view.find(".jt-mark-why").tap()
    expect(view.find(".jt-why dt").first).to_be_visible()
    assert touch_problems(own_lab.page, f".jp-OutputArea {HOST}") == []
    own_lab.screenshot(picture("why"))
    view.find(".jt-why-close").tap()
    view.find(".break").tap()
    expect(view.find(".jt-error-close")).to_be_visible()
    assert touch_problems(own_lab.page, f".jp-OutputArea {HOST}") == []
    for theme in ("Dark", "Light"):
        own_lab.set_theme(f"JupyterLab {theme}")
        own_lab.screenshot(picture(f"error-{theme.lower()}"))
    view.find(".jt-error-close").tap()
    expect(view.find(".jt-error")).to_have_count(0)
    own_lab.run(2, wait=False)
    tab: View = own_lab.tab_view()
    tab.find("input").fill("touch")
    tab.expect_text("h2", "Hello, touch!")
    assert touch_problems(own_lab.page, TAB_HOST) == []
