"""trame's own page, unchanged, at the address of a server below the Jupyter server."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import MakeLab, MakePage
from tests.e2e.lab import Lab
from tests.e2e.servers import TOKEN, JupyterServer

LOAD = """\
%load_ext jupyter_trame
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
"""
APP = """\
server = Server("stock", compat="trame")
state = server.state
state.update({"n": 1, "double": 2, "busy": 0})
server.start()

@state.change("n")
def on_n(n, **_):
    state.double = int(n) * 2

def press():
    state.n = int(state.n) + 1

with DivLayout(server):
    html.Input(type="range", min=0, max=100, v_model_number=("n",), classes="slider")
    html.Button("more", click=press, classes="button")
    html.Span("{{ n }}", classes="n")
    html.Span("{{ double }}", classes="double")
    html.Span("{{ busy }}", classes="busy")
state.flush()
"""
BLOCK = """\
import time
from pathlib import Path
with state:
    state.busy = 1
while not Path("go-stock").exists():
    time.sleep(0.005)
"""


@pytest.fixture
def app_lab(make_lab: MakeLab, prefixed_server: JupyterServer) -> Lab:
    lab = make_lab(prefixed_server)
    lab.open_cells([LOAD, APP, BLOCK])
    lab.run(0)
    lab.run(1)
    return lab


def visit(lab: Lab, make_page: MakePage) -> Page:
    page, watch = make_page(lab.server)
    watch.expected += ["/paraview/"]  # it asks for a launcher first, and a browser writes each refusal down
    page.goto(f"{lab.server.url}trame/{lab.kernel_id()}/stock/?token={TOKEN}")
    return page


def test_state_goes_both_ways(app_lab: Lab, make_page: MakePage) -> None:
    page = visit(app_lab, make_page)
    assert page.locator("html").get_attribute("data-app-name") == "trame", "that is the stock page"
    expect(page.locator(".double")).to_have_text("2")
    page.get_by_role("button", name="more").click()
    expect(page.locator(".n")).to_have_text("2")
    expect(page.locator(".double")).to_have_text("4")
    page.locator(".slider").fill("21")
    expect(page.locator(".double")).to_have_text("42")
    other = visit(app_lab, make_page)
    expect(other.locator(".double")).to_have_text("42")
    other.get_by_role("button", name="more").click()
    expect(page.locator(".double")).to_have_text("44")


def test_it_loads_while_a_cell_runs(app_lab: Lab, make_page: MakePage) -> None:
    app_lab.run(2, wait=False)
    page = visit(app_lab, make_page)
    expect(page.locator(".busy")).to_have_text("1")
    (app_lab.server.root / "go-stock").touch()
    page.get_by_role("button", name="more").click()
    expect(page.locator(".double")).to_have_text("4")
