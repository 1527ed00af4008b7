"""A server's own page, below the address of the Jupyter server."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import MakeLab, MakePage
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.servers import TOKEN, JupyterServer


@pytest.fixture
def app_lab(make_lab: MakeLab, prefixed_server: JupyterServer) -> Lab:
    lab = make_lab(prefixed_server)
    lab.open_cells([LOAD, APP])
    lab.run_all()
    lab.inline_view().expect_text(".double", "2")
    return lab


def visit(app_lab: Lab, make_page: MakePage, slug: str, token: str = TOKEN) -> Page:
    page, watch = make_page(app_lab.server)
    watch.expected += [f"/{slug}/"]  # a refused page is an error in the console too
    page.goto(f"{app_lab.server.url}trame/{app_lab.kernel_id()}/{slug}/?token={token}")
    return page


def test_it_shows_the_app(app_lab: Lab, make_page: MakePage) -> None:
    view = View(visit(app_lab, make_page, "counter").locator(HOST))
    view.expect_live("websocket")
    view.exercise_controls()
    app_lab.inline_view().expect_text(".double", "44")


def test_its_title_is_the_apps(app_lab: Lab, make_page: MakePage) -> None:
    expect(visit(app_lab, make_page, "counter")).to_have_title("counter")


def test_an_unknown_name_lists_what_runs(app_lab: Lab, make_page: MakePage) -> None:
    page = visit(app_lab, make_page, "nobody")
    expect(page.locator("body")).to_contain_text("nobody")
    page.get_by_role("link", name="counter").click()
    View(page.locator(HOST)).expect_live("websocket")
