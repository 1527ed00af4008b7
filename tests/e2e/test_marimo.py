"""Apps in notebooks of marimo, which has kernels and comms of its own; the pictures in test-results/ are for people."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.docs.pages import ROOT, blocks_of
from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, View
from tests.e2e.marimo import marimo
from tests.e2e.notebooks import BUILD, package_cell
from tests.e2e.packages import vuetify3
from tests.e2e.recipes import PARTS, recipe
from tests.e2e.servers import wait_until

COUNTER = f"{BUILD}server".replace("server", "counter")
"""In marimo a name is one cell's: that of the README has `server`, and the imports."""
README = next(
    block.text for block in blocks_of(ROOT / "README.md", "jupyter_trame") if "Server(" in block.text
)
Picture = Callable[[str], Path]


def open_app(page: Page, url: str, count: int = 1) -> list[View]:
    """The `count` views that the notebook shows, connected."""
    page.goto(url)
    hosts = page.locator(HOST)
    expect(hosts).to_have_count(count, timeout=60_000)
    views = [View(hosts.nth(index)) for index in range(count)]
    for view in views:
        view.expect_live("comm")
    return views


def words(view: View) -> Locator:
    return view.find("h2")


def test_an_app_two_views_and_two_visitors(make_page: MakePage, tmp_path: Path) -> None:
    """The server is a cell's last line, and what another cell sets is seen when that has run."""
    cells = [README, "server.view()", 'server.state.name = "marimo"', COUNTER]
    with marimo(tmp_path, "run", cells) as url:
        first, second, controls = open_app(make_page(None)[0], url, 3)
        expect(words(first)).to_have_text("Hello, marimo!")
        first.find("input").fill("Ada")
        expect(words(second)).to_have_text("Hello, Ada!")
        controls.exercise_controls()
        other = open_app(make_page(None)[0], url, 3)[0]
        expect(words(other)).to_have_text("Hello, marimo!")
        other.find("input").fill("Grace")
        expect(words(other)).to_have_text("Hello, Grace!")
        expect(words(second)).to_have_text("Hello, Ada!")


RERUN = """\
import gc, weakref
from pathlib import Path
from ipywidgets.widgets.widget import _instances as widgets
from jupyter_trame.kernel import TrameView

lives = []

def alive():
    gc.collect()
    return [server for server in (life() for life in lives) if server is not None]
"""
AGAIN = """\
import marimo as mo
again = mo.ui.button(label="again", value=0, on_click=lambda count: count + 1)
again
"""
REPLACED = """\
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

server = Server("replaced")
lives.append(weakref.ref(server))
server.state.update({"run": again.value, "facts": ""})
server.controller.on_server_exited.add(lambda run, **_: Path(f"ended-{run}").touch())

@server.trigger("count")
def count():
    running = sum(each.running for each in alive())
    views = sum(isinstance(widget, TrameView) for widget in widgets.values())
    server.state.facts = f"{len(alive())} servers, {running} running, {views} views"

with DivLayout(server):
    html.Span("{{ run }}", classes="run")
    html.Button("count", click="trigger('count')")
    html.Span("{{ facts }}", classes="facts")
server
"""


def test_a_cell_that_runs_again_replaces_its_app(make_page: MakePage, tmp_path: Path) -> None:
    """Nothing of the apps before is left but the last one; the end of the visit ends that too."""
    with marimo(tmp_path, "run", [RERUN, AGAIN, REPLACED, "server.view()"], session_ttl=1) as url:
        page, _ = make_page(None)
        views = open_app(page, url, 2)
        for run in range(1, 4):
            page.get_by_role("button", name="again").click()
            for view in views:
                view.expect_text(".run", str(run))
                view.expect_live("comm")
            wait_until((tmp_path / f"ended-{run - 1}").exists, f"the end of run {run - 1}")
        views[1].find("button", "count").click()
        views[0].expect_text(".facts", "1 servers, 1 running, 2 views")
        page.close()
        wait_until((tmp_path / "ended-3").exists, "the end of the visit")


@pytest.mark.long
def test_in_the_editor_a_cell_shows_its_app_again(
    make_page: MakePage, tmp_path: Path, picture: Picture
) -> None:
    with marimo(tmp_path, "edit", [README]) as url:
        page, _ = make_page(None)
        with page.expect_response("**/api/kernel/instantiate"):
            page.goto(url)
        for word in ("Ada", "Grace"):
            page.get_by_test_id("run-button").first.click()
            view = View(page.locator(HOST))
            expect(words(view)).to_have_text("Hello, world!")
            view.expect_live("comm")
            view.find("input").fill(word)
            expect(words(view)).to_have_text(f"Hello, {word}!")
        page.screenshot(path=picture("editor"))


BINARY = """\
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

def square(size):
    return f"<svg xmlns='http://www.w3.org/2000/svg' width='{size}' height='{size}'/>".encode()

binary = Server("binary")
binary.state.picture = square(20)

@binary.trigger("other")
def other():
    binary.state.picture = square(40)

with DivLayout(binary):
    html.Img(src=("picture",), classes="picture")
    html.Button("other", click="trigger('other')")
binary
"""


@pytest.mark.long
def test_files_bytes_packages_and_the_demo(make_page: MakePage, tmp_path: Path, picture: Picture) -> None:
    (tmp_path / "parts.py").write_text(PARTS)
    package = package_cell("vuetify3", show="server").replace("server", "vuetify")
    demo = "from jupyter_trame.demo import app as build\ncars = Server('cars')\nbuild(cars)\ncars"
    package = package.replace("from jupyter_trame import Server\n", "")  # another cell has that name
    (tmp_path / ".marimo.toml").write_text('[display]\ntheme = "system"\n')
    with marimo(tmp_path, "run", [BINARY, recipe(3), package, demo]) as url:
        page, _ = make_page(None)
        binary, upload, vuetify, cars = open_app(page, url, 4)
        binary.wait_picture(".picture")
        before = str(binary.find(".picture").get_attribute("src"))
        binary.find("button", "other").click()
        binary.expect_other_source(".picture", before)
        upload.find("input[type=file]").set_input_files(
            {"name": "n.csv", "mimeType": "text/csv", "buffer": b"n\n" + b"1\n2\n6\n" * 200_000}
        )
        expect(upload.host.get_by_role("row").filter(has_text="mean")).to_contain_text("3")
        with page.expect_download() as download:
            upload.host.get_by_role("button", name="Save summary.csv").click()
        assert "mean,3.0" in download.value.path().read_text()
        vuetify3.drive(vuetify)
        expect(cars.find(".chart")).to_be_visible()
        cars.wait_picture(".chart")
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            for view in (upload, vuetify, cars):
                expect(view.find(".jt-frame").first).to_have_attribute("data-theme", scheme)
            cars.find("h1, h2").first.scroll_into_view_if_needed()
            page.screenshot(path=picture(scheme))
