"""An app behind nginx, as docs/deploy.md sets it up: a path in front, TLS, and limits of a proxy."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.lab import HOST, Lab, View, Watch
from tests.e2e.nginx import NGINX, PREFIX, nginx
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.servers import TOKEN, JupyterServer, jupyter_server
from tests.e2e.test_values import SHOW, digest

pytestmark = [pytest.mark.long, pytest.mark.skipif(NGINX is None, reason="needs nginx")]


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    folder = tmp_path_factory.mktemp("nginx")
    with (
        jupyter_server(folder / "jupyter", base_url=PREFIX) as server,
        nginx(folder / "proxy", server.url, idle="30s") as address,
    ):
        server.url = address
        yield server


@pytest.fixture
def lab(browser: Browser, behind: JupyterServer) -> Iterator[Lab]:
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(30_000)
    lab = Lab(context, behind)
    yield lab
    lab.watch.check()
    context.close()


def open_page(lab: Lab, slug: str) -> tuple[View, Watch]:
    page = lab.page.context.new_page()
    watch = Watch(page, [])
    page.goto(f"{lab.server.url}trame/{lab.kernel_id()}/{slug}/?token={TOKEN}")
    return View(page.locator(HOST)), watch


def test_a_silent_view_stays_connected(lab: Lab) -> None:
    lab.open_cells([LOAD, APP])
    lab.run_all()
    lab.inline_view().expect_live("websocket")
    lab.inline_view().exercise_controls()
    view, watch = open_page(lab, "counter")
    view.expect_live("websocket")
    view.expect_text(".double", "44")
    connected = len(watch.sockets)
    view.page.wait_for_timeout(35_000)  # the proxy cuts what is silent for 30 s
    view.find(".button").click()
    lab.inline_view().expect_text(".double", "46")
    assert len(watch.sockets) == connected, "the connection is the one from before"
    watch.check()


def test_a_file_larger_than_a_body_may_be(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(random.Random(1).randbytes(5_000_000))
    lab.open_cells([LOAD, SHOW])
    lab.run_all()
    view, watch = open_page(lab, "values")
    view.expect_text(".size", "0")
    view.find(".file").set_input_files(file)
    view.expect_text(".size", "5000000")
    lab.append_cell("import hashlib; hashlib.sha256(state.doc['content']).hexdigest()")
    lab.run(2)
    lab.wait_output(2, digest(file))
    watch.check()
