"""One small interface to browsers, so that one scenario runs in all of them: Playwright's and WebKitGTK's."""

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import BrowserType, Page, sync_playwright

from tests.e2e.servers import wait_until

PATIENCE = 60.0
"""Seconds for which something may become true: code of a package arrives and is compiled."""

MINI_BROWSERS = "*/webkit2gtk-4.*/MiniBrowser"
"""Below /usr/lib: the program that WebKitGTK's driver starts."""

FIND = """const host = document.querySelector(arguments[0]);
return (host?.shadowRoot ?? host)?.querySelector(arguments[1]) ?? null;"""

MIDDLE = """const [one, done] = arguments;
one.scrollIntoView({ block: "center", behavior: "instant" });
const middle = () => {
  const { left, top, width, height } = one.getBoundingClientRect();
  return [Math.round(left + width / 2), Math.round(top + height / 2)];
};
const before = middle();
requestAnimationFrame(() => requestAnimationFrame(() => {
  const now = middle();
  done(String(now) === String(before) ? now : null);
}));"""
"""Of an element, in the window; null while it moves."""


class Driver(Protocol):
    """A window of a browser. An element of an app is found by CSS within its host, which is found by CSS too."""

    def open(self, address: str) -> None:
        """Goes there and waits until the page has loaded."""

    def reload(self) -> None:
        """As F5 does."""

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression."""

    def click(self, host: str, css: str) -> None:
        """Clicks in the middle of the element with the mouse, whatever is there."""

    def write(self, host: str, css: str, text: str) -> None:
        """Replaces the text of a field, by keys."""

    def upload(self, host: str, css: str, path: Path) -> None:
        """Chooses a file in a file input."""


class PlaywrightDriver:
    """Firefox and Chromium."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def open(self, address: str) -> None:
        self._page.goto(address)

    def reload(self) -> None:
        self._page.reload()

    def evaluate(self, expression: str) -> Any:
        return self._page.evaluate(f"() => {expression}")

    def click(self, host: str, css: str) -> None:
        element = self._page.locator(f"{host} {css}").first
        element.scroll_into_view_if_needed()
        element.element_handle().wait_for_element_state("stable")
        box = element.bounding_box()
        assert box is not None, f"{css} has no box"
        self._page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def write(self, host: str, css: str, text: str) -> None:
        field = self._page.locator(f"{host} {css}").first
        field.fill("")
        field.press_sequentially(text)

    def upload(self, host: str, css: str, path: Path) -> None:
        self._page.locator(f"{host} {css}").first.set_input_files(path)


class WebKitDriver:
    """WebKitGTK by its own driver, whose pictures never come: the text of the page is what is looked at."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def open(self, address: str) -> None:
        self._driver.get(address)

    def reload(self) -> None:
        self._driver.refresh()

    def evaluate(self, expression: str) -> Any:
        return self._driver.execute_script(f"return {expression};")

    def click(self, host: str, css: str) -> None:
        from selenium.webdriver.common.actions.action_builder import ActionBuilder

        # By its place in the window: the driver takes a drawing for something that nobody can click.
        element = self._find(host, css)
        middle = wait_until(
            lambda: self._driver.execute_async_script(MIDDLE, element), f"{css} to stand still", PATIENCE
        )
        actions = ActionBuilder(self._driver)
        actions.pointer_action.move_to_location(*middle).click()
        actions.perform()

    def write(self, host: str, css: str, text: str) -> None:
        field = self._find(host, css)
        field.clear()
        field.send_keys(text)

    def upload(self, host: str, css: str, path: Path) -> None:
        self._find(host, css).send_keys(str(path))

    def _find(self, host: str, css: str) -> Any:
        return wait_until(lambda: self._driver.execute_script(FIND, host, css), css, PATIENCE)


@contextmanager
def _playwright(kind: str, **launch: Any) -> Iterator[Driver]:
    with sync_playwright() as playwright:
        browser_type: BrowserType = getattr(playwright, kind)
        browser = browser_type.launch(**launch)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE * 1000)
        yield PlaywrightDriver(page)
        browser.close()


@contextmanager
def _webkit() -> Iterator[Driver]:
    from selenium import webdriver
    from selenium.webdriver.webkitgtk.options import Options
    from selenium.webdriver.webkitgtk.service import Service

    driver = shutil.which("WebKitWebDriver")
    programs = sorted(Path("/usr/lib").glob(MINI_BROWSERS))
    if driver is None or not programs:
        pytest.fail("no WebKitGTK with its driver: `make test-browsers` says how to get one")
    options = Options()
    options.binary_location = str(programs[-1])
    options.add_argument("--automation")
    with warnings.catch_warnings():
        # Its own driver for WebKitGTK makes its connection in a way that it gives up.
        warnings.filterwarnings("ignore", "setting remote_server_addr", DeprecationWarning)
        window = webdriver.WebKitGTK(options=options, service=Service(driver))
    try:
        window.set_window_size(1280, 900)
        window.set_script_timeout(PATIENCE)
        yield WebKitDriver(window)
    finally:
        window.quit()


@contextmanager
def opened_browser(name: str, chromium: str, flags: list[str]) -> Iterator[Driver]:
    """A window of ``firefox``, ``webkit`` or ``chromium``, the last one with these flags."""
    if name == "webkit":
        with _webkit() as driver:
            yield driver
    elif name == "firefox":
        path = shutil.which("firefox-esr") or shutil.which("firefox")
        if path is None:
            pytest.fail("no Firefox: `make test-browsers` says how to get one")
        with _playwright("firefox", executable_path=path, channel="moz-firefox") as driver:
            yield driver
    elif name == "chromium":
        with _playwright("chromium", executable_path=chromium, args=flags) as driver:
            yield driver
    else:
        pytest.fail(f"BROWSERS names firefox, webkit and chromium, not {name!r}")
