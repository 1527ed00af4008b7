"""The site of the documentation, opened from its folder: nothing is fetched, and it is found, read and copied from."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.docs.pages import ROOT

PAGES = (
    "index",
    "tutorials/counter",
    "ui",
    "gallery",
    "reference/ui",
    "outside/CONTRIBUTING",
    "troubleshooting",
)
LOCAL = ("file:", "data:", "blob:", "about:")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the folder in which it was built."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=100, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    return folder.as_uri()


Scheme = Literal["light", "dark"]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    return request.param


@pytest.fixture(params=[1280, 390])
def width(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def reader(browser: Browser, scheme: Scheme, width: int) -> Iterator[BrowserContext]:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def page(reader: BrowserContext) -> Iterator[Page]:
    """A page that fails the test when it asks another host, or when a script of it raises."""
    page = reader.new_page()
    strange: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(LOCAL) else strange.append(request.url))
    page.on("pageerror", lambda error: strange.append(str(error)))
    yield page
    assert strange == []


def test_each_page_fits_and_has_the_colours(page: Page, site: str, scheme: Scheme, width: int) -> None:
    for name in PAGES:
        page.goto(f"{site}/{name}.html")
        expect(page.locator("body")).to_have_attribute(
            "data-md-color-scheme", {"light": "default", "dark": "slate"}[scheme]
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_search_leads_to_an_entry(page: Page, site: str, width: int) -> None:
    page.goto(f"{site}/index.html")
    if width < 960:
        page.locator("label.md-icon[for=__search]").first.click()
    field = page.locator("input.md-search__input")
    field.click()
    field.press_sequentially("range_slider")  # it listens to keys
    found = page.locator(".md-search-result__link", has_text="range_slider").first
    found.click()
    expect(page.locator("article")).to_contain_text("range_slider")


def test_code_is_copied(page: Page, site: str) -> None:
    page.goto(f"{site}/index.html")
    block = page.locator(".highlight", has_text="powers")
    block.hover()
    block.locator("button").first.click()
    assert "ui.slider" in page.evaluate("navigator.clipboard.readText()")


def test_navigation_leads_through_the_tutorials(page: Page, site: str) -> None:
    page.goto(f"{site}/tutorials/counter.html")
    page.locator("a.md-footer__link--next").click()
    expect(page.locator("h1")).to_contain_text("A slider that drives a picture")
