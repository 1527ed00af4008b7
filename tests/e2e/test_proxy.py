"""An app behind a proxy that rewrites paths, and loses connections."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import MakePage
from tests.e2e.lab import Lab
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.proxies import Proxy
from tests.e2e.servers import TOKEN, JupyterServer

CUTS = 3


@pytest.fixture
def proxy(lab_server: JupyterServer) -> Iterator[Proxy]:
    proxy = Proxy(lab_server.url)
    yield proxy
    proxy.close()


def test_the_page_works_and_comes_back(lab: Lab, proxy: Proxy, make_page: MakePage) -> None:
    lab.open_cells([LOAD, APP])
    lab.run_all()
    page, watch = make_page(lab.server)
    watch.expected.append("WebSocket connection")  # those that are cut while they open
    page.goto(f"{proxy.url}trame/{lab.kernel_id()}/counter?token={TOKEN}")
    expect(page.locator(".double")).to_have_text("2", timeout=30_000)
    page.locator(".text").fill("kept")
    expect(page.locator(".echo")).to_have_text("kept/a")
    for cut in range(1, CUTS + 1):
        proxy.cut()
        page.locator(".slider").fill(str(cut))
        expect(page.locator(".double")).to_have_text(str(2 * cut), timeout=30_000)
    expect(page.locator(".text")).to_have_value("kept")
    lab.inline_view().expect_text(".double", str(2 * CUTS))
