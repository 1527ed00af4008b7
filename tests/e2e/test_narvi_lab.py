"""A service of the user's own in JupyterLab: shown by its server, in a cell and in a tab of the browser."""

import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, Request, expect

from tests.e2e.conftest import MakeLab
from tests.e2e.lab import Lab
from tests.e2e.servers import JupyterServer

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><title>Where</title><link rel="icon" href="data:,">
<script src="narvi/narvi.js"></script>
<script src="where.js"></script>
<button onclick="ask()">Ask</button> <output></output> <p id="sum"></p>
</html>
"""
SCRIPT = """
let services;
class Where {
  constructor(given) {
    services = given;
    services.add_message_listener((text) => { document.querySelector("output").textContent = text; });
    services.send("where");
  }
}
async function ask() {
  document.getElementById("sum").textContent = await (await fetch("add/2/3")).text();
}
start_narvi(Where);
"""
SERVICE = """
import os

class Where:
    def __init__(self, services):
        self.services = services
        services.add_message_listener(self.hear)
        services.create_request_service("where", "add/$a/$b", self.add)

    def hear(self, message, session_id):
        self.services.send(f"in process {os.getpid()}", for_session_id=session_id)

    def add(self, path, query, headers, body):
        return 200, str(int(path["a"]) + int(path["b"])).encode(), "text/plain", {}
"""
CELL = """
from pathlib import Path
from IPython.display import display
from jupyter_trame.narvi import MonitorApp, NarviServer

here = Path("where_app").absolute()
server = NarviServer(monitoring_interval_s=1)
where = server.register_service("own", "where", "where_app.service.Where", fixed_service_id="main")
server.register_app(
    "where", where, resource_roots={"index.html": f"{here}/page.html", "where.js": f"{here}/where.js"}
)
monitor = server.register_service(
    "admin", "monitor", "jupyter_trame.narvi.apps.monitor.MonitorApp", fixed_service_id="main"
)
server.register_app("monitor", monitor, resource_roots=MonitorApp.RESOURCES)
many = server.register_service("own", "many", "where_app.service.Where")
server.register_app("chosen", many, service_chooser_app_name="where")
server.run()
display(server)
"""


@pytest.fixture
def where() -> Iterator[Callable[[JupyterServer], None]]:
    """Puts the service and its page beside the notebooks of a server."""
    folders: list[Path] = []

    def put(server: JupyterServer) -> None:
        folder = server.root / "where_app"
        folder.mkdir()
        folders.append(folder)
        (folder / "__init__.py").touch()
        (folder / "service.py").write_text(SERVICE)
        (folder / "page.html").write_text(PAGE)
        (folder / "where.js").write_text(SCRIPT)

    yield put
    for folder in folders:
        shutil.rmtree(folder)


def shown(lab: Lab, name: str) -> Locator:
    """What the cell shows of an app."""
    return lab.page.locator(".jp-OutputArea :is(details, li)", has_text=name)


def in_a_tab(lab: Lab, name: str) -> Page:
    """An app in a tab of the browser, opened by its link in the cell."""
    with lab.page.expect_popup() as opened:
        shown(lab, name).get_by_role("link", name="Open in a tab").click()
    return opened.value


def by_card(lab: Lab, name: str) -> Locator:
    """The lab tab that the launcher's card of an app opens, in place of the launcher."""
    loads: list[str] = []

    def note(request: Request) -> None:
        if request.is_navigation_request() and request.redirected_from is None:
            loads.append(request.url)

    lab.execute("launcher:create")
    lab.page.on("request", note)
    lab.page.locator(".jp-LauncherCard:visible", has_text=name).first.click()
    tab = lab.page.locator(".jp-TramePagePanel:visible")
    expect(tab).to_have_count(1)
    expect(lab.page.locator(".jp-Launcher")).to_have_count(0)
    lab.page.remove_listener("request", note)
    assert len(loads) == 1, "the frame was not loaded again when its tab took the launcher's place"
    return tab


def process(page: Page | FrameLocator, *, other_than: int = 0) -> int:
    """That of the service, as its page says."""
    output = page.locator("output")
    expect(output).to_have_text(re.compile(rf"in process (?!{other_than}$)\d+"), timeout=60_000)
    return int(output.inner_text().rpartition(" ")[2])


def test_row_15_shown_in_a_cell_restarted_by_the_monitor_and_back_after_its_kernel_was_killed(
    own_lab: Lab, where: Callable[[JupyterServer], None], picture: Callable[[str], Path]
) -> None:
    where(own_lab.server)
    own_lab.open_cells([CELL])
    own_lab.run(0, timeout=120)
    own_lab.watch.expected += ["WebSocket connection", "404"]  # of pages whose service was ended
    app = shown(own_lab, "own / where")
    app.locator("summary").click(position={"x": 5, "y": 5})
    frame = app.frame_locator("iframe")
    first = process(frame)
    frame.get_by_role("button", name="Ask").click()
    expect(frame.locator("#sum")).to_have_text("5")
    own_lab.screenshot(picture("cell"))

    monitor = in_a_tab(own_lab, "admin / monitor")
    monitor.get_by_role("button", name="Restart where main").click()
    monitor.get_by_role("dialog").get_by_role("button", name="Restart").click()
    second = process(frame, other_than=first)
    expect(monitor.get_by_role("button", name="Restart where main")).to_be_visible()
    monitor.screenshot(path=picture("monitor"))

    os.kill(second, signal.SIGKILL)
    third = process(frame, other_than=second)
    monitor.get_by_role("button", name="Stop where main").click()
    monitor.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(frame.locator("narvi-notice")).to_contain_text("The service has ended")
    own_lab.screenshot(picture("stopped"))

    tab = by_card(own_lab, "where").frame_locator("iframe")
    fourth = process(tab)
    tab_of_monitor = by_card(own_lab, "monitor").frame_locator("iframe")
    expect(tab_of_monitor.get_by_role("status")).to_have_text("Live")
    own_lab.screenshot(picture("tab"))
    assert fourth not in {first, second, third}


def test_where_frames_are_forbidden_apps_open_in_tabs(
    make_lab: MakeLab,
    strict_server: JupyterServer,
    where: Callable[[JupyterServer], None],
    picture: Callable[[str], Path],
) -> None:
    lab = make_lab(strict_server)
    where(strict_server)
    lab.open_cells([CELL])
    lab.run(0, timeout=120)
    output = lab.page.locator(".jp-OutputArea-output")
    expect(output.get_by_text("This Jupyter server allows no frames")).to_be_visible()
    expect(output.locator("iframe")).to_have_count(0)
    lab.screenshot(picture("cell"))
    page = in_a_tab(lab, "own / where")
    process(page)
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#sum")).to_have_text("5")
    page.screenshot(path=picture("page"))
    chosen = in_a_tab(lab, "own / chosen")
    expect(chosen).to_have_title("Where")
    process(chosen)
    monitor = in_a_tab(lab, "admin / monitor")
    expect(monitor.get_by_role("status")).to_have_text("Live")
    monitor.screenshot(path=picture("monitor"))
    lab.watch.expected += ["frame-ancestors"]  # the tab tries a frame
    expect(by_card(lab, "monitor")).to_contain_text("shows no pages of its own in frames")
    lab.screenshot(picture("tab"))
