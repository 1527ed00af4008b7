"""trame's own page, unchanged: at the address of a server below the Jupyter server, and of one that listens itself."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import MakeLab, MakePage
from tests.e2e.lab import Lab, Watch
from tests.e2e.servers import TOKEN, JupyterServer, isolated_environment, running
from tests.support.ports import free_port

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


PROGRAM = """\
import asyncio
import sys
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

def run(life):
    server = Server("stock", compat="trame")
    state, tasks = server.state, []
    state.update({"n": 1, "double": 2, "answer": 0, "life": life})

    @state.change("n")
    def on_n(n, **_):
        state.double = int(n) * 2

    @server.trigger("add")
    async def add(a, b):
        await asyncio.sleep(0)
        return a + b

    def end():
        ended.append(life)
        tasks.append(asyncio.ensure_future(server.stop()))

    with DivLayout(server):
        html.Input(type="range", min=0, max=100, v_model_number=("n",), classes="slider")
        html.Input(v_model="n", classes="text")
        html.Button("ask", click="trigger('add', [20, 3]).then((v) => set('answer', v))", classes="ask")
        html.Button("end", click=end, classes="end")
        html.Span("{{ double }}", classes="double")
        html.Span("{{ answer }}", classes="answer")
        html.Span("{{ life }}", classes="life")
    server.start(port=int(sys.argv[1]), host="127.0.0.1", open_browser=False, timeout=0, backend=sys.argv[2])

ended = []
run("first")
if ended:
    run("second")
"""


@pytest.fixture(params=["tornado", pytest.param("aiohttp", marks=pytest.mark.long)])
def listening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a program, which starts its server once more when a page has ended it."""
    program, log, port = tmp_path / "app.py", tmp_path / "app.log", free_port()
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), str(port), request.param]
    url = f"http://127.0.0.1:{port}/"
    with running(command, url, log, isolated_environment(tmp_path), tmp_path):
        yield url


def open_page(url: str, make_page: MakePage) -> tuple[Page, Watch]:
    page, watch = make_page(None)
    watch.expected += ["/paraview/"]
    page.goto(url)
    assert page.locator("html").get_attribute("data-app-name") == "trame", "that is the stock page"
    return page, watch


def test_a_server_that_listens(listening: str, make_page: MakePage) -> None:
    page, _ = open_page(listening, make_page)
    expect(page.locator(".double")).to_have_text("2")
    page.locator(".slider").fill("21")
    expect(page.locator(".double")).to_have_text("42")
    page.locator(".text").fill("7")
    expect(page.locator(".double")).to_have_text("14")
    page.locator(".ask").click()
    expect(page.locator(".answer")).to_have_text("23")


def test_two_pages(listening: str, make_page: MakePage) -> None:
    first, _ = open_page(listening, make_page)
    second, _ = open_page(listening, make_page)
    expect(second.locator(".double")).to_have_text("2")
    first.locator(".slider").fill("10")
    expect(second.locator(".double")).to_have_text("20")
    expect(second.locator(".slider")).to_have_value("10")
    second.locator(".slider").fill("30")
    expect(first.locator(".double")).to_have_text("60")
    expect(first.locator(".text")).to_have_value("30")


def test_it_comes_back_after_the_server_closed_its_socket(listening: str, make_page: MakePage) -> None:
    page, watch = open_page(f"{listening}?reconnect=auto", make_page)
    watch.expected += ["WebSocket connection", "ERR_CONNECTION_REFUSED"]
    page.locator(".slider").fill("10")
    expect(page.locator(".double")).to_have_text("20")
    page.locator(".end").click()
    expect(page.locator(".life")).to_have_text("second", timeout=20_000)
    expect(page.locator(".double")).to_have_text("2")
    page.locator(".slider").fill("4")
    expect(page.locator(".double")).to_have_text("8")
    assert len(watch.sockets) > 1
    assert all(re.fullmatch(r"ws://127\.0\.0\.1:\d+/ws", url) for url in watch.sockets)
