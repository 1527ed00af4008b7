"""What notebooks do to outputs: cells out of sight, moved, cleared, run again, closed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OURS, MakeLab
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.notebooks import BUILD, LOAD, package_cell
from tests.e2e.servers import JupyterServer, jupyter_server, wait_until

NOTED = """\
from pathlib import Path
class Noted:
    def _note(self, line):
        with Path("clients.txt").open("a") as file:
            print(line, file=file)
    def setSession(self, *_): pass
    def onConnect(self, _, client): self._note(f"+{client}")
    def onClose(self, client): self._note(f"-{client}")
    def __getattr__(self, name): raise AttributeError(name)
Path("clients.txt").unlink(missing_ok=True)
"""
LINKED = """\
server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(Noted()))
server.start()
display(server)
"""
ROUNDS = 20
LAST = 14
FILL = "print('\\n' * 60)"
MARK = "(element) => { element.shadowRoot.querySelector('.jt-root > *').dataset.seen = 'yes'; }"
MARKED = "[data-seen=yes]"


@pytest.fixture(scope="module")
def windowed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Notebooks hold only the cells that are seen in the document."""
    with jupyter_server(tmp_path_factory.mktemp("windowed"), windowing="full") as server:
        yield server


def _clients(server: JupyterServer) -> list[str]:
    """Who is connected, by what the app's own protocol saw."""
    path = server.root / "clients.txt"
    lines = path.read_text("utf-8").split() if path.exists() else []
    return [line[1:] for line in lines if line[0] == "+" and f"-{line[1:]}" not in lines]


def _sockets(lab: Lab) -> int:
    return sum(1 for url in lab.watch.sockets if OURS.search(url))


def test_scrolling_away_and_back_neither_connects_nor_mounts_again(
    make_lab: MakeLab, windowed_server: JupyterServer
) -> None:
    lab = make_lab(windowed_server)
    lab.open_cells(
        [LOAD, f"{BUILD}server.start()\ndisplay(server)", package_cell("vuetify3"), *[FILL] * (LAST - 2)]
    )
    lab.run_all()
    hosts = lab.page.locator(HOST)
    lab.scroll_to(1)
    expect(hosts).to_have_count(2)
    views = [View(hosts.nth(index), lab.page) for index in range(2)]
    views[0].find(".text").fill("kept")
    views[1].expect_visible(".answer")
    for index in range(2):
        hosts.nth(index).evaluate(MARK)
    sockets = _sockets(lab)
    assert sockets == 2
    for _ in range(ROUNDS):
        lab.select(LAST)
        lab.scroll_to(LAST)
        expect(hosts.filter(visible=True)).to_have_count(0)
        lab.scroll_to(1)
        expect(hosts.filter(visible=True)).to_have_count(2)
    for view in views:
        expect(view.find(MARKED)).to_have_count(1)
        view.expect_live("websocket")
    expect(views[0].find(".text")).to_have_value("kept")
    views[0].find(".button").click()
    views[0].expect_text(".double", "4")
    views[1].find(".level .v-slider-thumb").focus()
    views[1].press("ArrowRight")
    views[1].expect_text(".answer", "python: 4")
    assert _sockets(lab) == sockets


def test_moving_clearing_running_again_and_closing(lab: Lab, lab_server: JupyterServer) -> None:
    lab.open_cells([LOAD, f"{NOTED}{BUILD}{LINKED}", "display(server)", "print('last')"])
    lab.run_all()
    for index in range(2):
        lab.inline_view(index).expect_live("websocket")
    wait_until(lambda: len(_clients(lab_server)) == 2, "two clients")
    lab.inline_view(1).set_slider(".slider", 30)
    lab.inline_view(0).expect_text(".double", "60")

    lab.select(2)
    lab.execute("notebook:move-cell-down")
    expect(lab.cell_host(3)).to_be_visible()
    moved = View(lab.cell_host(3), lab.page)
    moved.expect_live("websocket")
    moved.set_slider(".slider", 31)
    lab.inline_view(0).expect_text(".double", "62")
    wait_until(lambda: len(_clients(lab_server)) == 2, "two clients after the move")

    lab.select(3)
    lab.execute("notebook:clear-cell-output")
    expect(lab.page.locator(f".jp-OutputArea {HOST}")).to_have_count(1)
    wait_until(lambda: len(_clients(lab_server)) == 1, "one client after the output was cleared")
    lab.inline_view(0).find(".button").click()
    lab.inline_view(0).expect_text(".double", "64")
    lab.run(3)
    View(lab.cell_host(3), lab.page).expect_text(".double", "64")
    wait_until(lambda: len(_clients(lab_server)) == 2, "two clients after the cell ran again")

    lab.select(1)
    lab.execute("notebook:create-output-view")
    wait_until(lambda: len(_clients(lab_server)) == 3, "a client for the output's own view")
    beside = View(lab.page.locator(f".jp-LinkedOutputView {HOST}"), lab.page)
    beside.set_slider(".slider", 5)
    lab.inline_view(0).expect_text(".double", "10")

    lab.save()
    lab.execute("application:close-all")
    expect(lab.page.locator(HOST)).to_have_count(0)
    wait_until(lambda: _clients(lab_server) == [], "no client after the notebook was closed")
