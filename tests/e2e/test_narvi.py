"""narvi's apps in real pages, served by a program: rows 1 and 12, and what a page does when its service is gone."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.docs.pages import ROOT
from tests.e2e.conftest import MakePage
from tests.e2e.lab import Watch
from tests.e2e.servers import isolated_environment, running
from tests.support.ports import free_port

PAGE = ROOT / "docs" / "narvi.md"
FILE = re.compile(r"^```\w+\n((?:# |// |<!-- )([\w.]+)(?: -->)?\n.*?)^```$", re.DOTALL | re.MULTILINE)
"""A block of code that begins with the name of the file that it is."""

Serve = Callable[[str], AbstractContextManager[str]]

OURS = "from jupyter_trame.narvi import NarviServer"
ORIGINAL = "from narvi.api.narvi_server import NarviServer"

MONITORED = """
import sys
from pathlib import Path

from jupyter_trame.narvi import MonitorApp, NarviServer

here = Path(__file__).parent
server = NarviServer(port=int(sys.argv[1]), monitoring_interval_s=0.2, monitoring_retention_s=60)
for workspace in ("team", "science"):
    service = server.register_service(workspace, "echo", "measured.Measured")
    files = {"index.html": str(here / "index.html"), "echo.js": str(here / "echo.js")}
    server.register_app("echo", service, app_parameters={"title": workspace}, resource_roots=files)
monitor = server.register_service(
    "admin", "monitor", "jupyter_trame.narvi.apps.monitor.MonitorApp", fixed_service_id="main"
)
server.register_app("monitor", monitor, resource_roots=MonitorApp.RESOURCES)
server.register_redirect("/monitor", "admin", "monitor")
server.run()
"""

MEASURED = """
from echo import Echo

class Measured(Echo):
    def __init__(self, services):
        super().__init__(services)
        self.rounds = 0
        services.set_metrics_callback(self.metrics, {"rounds": {"min": 0, "max": 9, "colour": "teal"}})

    def metrics(self):
        self.rounds += 1
        return {"rounds": self.rounds, "wave": self.rounds % 7}
"""


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """Runs a program beside the files of the documentation's first app, always on the same port; gives its address."""
    port = free_port()
    for text, name in FILE.findall(PAGE.read_text("utf-8")):
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "measured.py").write_text(MEASURED)

    @contextmanager
    def serve(source: str) -> Iterator[str]:
        program, log = tmp_path / "program.py", tmp_path / "program.log"
        program.write_text(source)
        command = [sys.executable, "-m", "jupyter_trame", "run", str(program), str(port)]
        address = f"http://localhost:{port}"
        with running(command, address, log, isolated_environment(tmp_path), tmp_path):
            yield address
        assert "Traceback" not in log.read_text()

    return serve


@pytest.fixture
def echo(serve: Serve, tmp_path: Path) -> str:
    """The program of the documentation."""
    return (tmp_path / "serve.py").read_text("utf-8")


def say(page: Page, text: str) -> None:
    expect(page.locator("h1")).not_to_be_empty()
    page.get_by_label("Say something").fill(text)
    page.get_by_label("Say something").press("Enter")


def lines(page: Page) -> Locator:
    return page.locator("#lines li")


@pytest.mark.parametrize("line", [OURS, ORIGINAL])
def test_row_1_the_echo(serve: Serve, echo: str, line: str, make_page: MakePage) -> None:
    page, _ = make_page(None)
    assert OURS in echo
    with serve(echo.replace(OURS, line)) as address:
        page.goto(f"{address}/narvi/demo/echo?from=here")
        expect(page.locator("h1")).to_have_text("Echo")
        assert page.url == f"{address}/narvi/demo/echo/main/index.html?from=here"
        say(page, "hé")
        expect(lines(page)).to_have_text(["you said: hé"])
        page.evaluate("start_narvi(class { constructor(services) { window.services = services; } })")
        page.wait_for_function("window.services")
        page.evaluate(
            """() => new Promise((heard) => {
                services.add_message_listener((message) => { window.heard = message; heard(); });
                services.send(new Uint8Array([0, 255, 7]));
            })"""
        )
        assert page.evaluate("[...new Uint8Array(heard)]") == [0, 255, 7]
        page.goto("about:blank")


def test_the_client_as_a_module(serve: Serve, echo: str, make_page: MakePage) -> None:
    page, _ = make_page(None)
    with serve(echo) as address:
        page.goto(f"{address}/narvi/demo/echo")
        found = page.evaluate(
            """async () => {
                const { start_narvi } = await import(new URL("narvi/narvi.mjs", location).href);
                return new Promise((heard) => start_narvi(class {
                    constructor(services) { services.add_message_listener(heard); services.send("module"); }
                }));
            }"""
        )
        assert found == "you said: module"
        page.goto("about:blank")


def expect_lost(watch: Watch) -> None:
    """Browsers write into the console what the page knows and shows."""
    watch.expected += ["WebSocket connection", "ERR_CONNECTION_REFUSED"]


def notice(page: Page) -> Locator:
    return page.locator("narvi-notice")


def test_a_page_outlives_its_server(serve: Serve, echo: str, make_page: MakePage) -> None:
    page, watch = make_page(None)
    expect_lost(watch)
    with serve(echo) as address:
        page.goto(f"{address}/narvi/demo/echo")
        say(page, "before")
        expect(lines(page)).to_have_text(["you said: before"])
        page.evaluate("window.kept = true")
    expect(notice(page)).to_contain_text("The server does not answer. Trying again")
    with serve(echo):
        page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(notice(page)).to_have_count(0)
        say(page, "after")
        expect(lines(page)).to_have_text(["you said: before", "you said: after"])
        assert page.evaluate("window.kept"), "the page was not loaded again"
        page.goto("about:blank")


def row(page: Page, workspace: str, service_id: str) -> Locator:
    table = page.get_by_role("table", name=f"Services of the workspace {workspace}")
    return table.get_by_role("row").filter(has=page.get_by_text(service_id, exact=True))


def test_row_12_the_monitor(serve: Serve, make_page: MakePage, picture: Callable[[str], Path]) -> None:
    (echo, _), (page, _) = make_page(None), make_page(None)
    with serve(MONITORED) as address:
        echo.goto(f"{address}/narvi/team/echo/room 1/index.html")
        say(echo, "here")
        expect(lines(echo)).to_have_count(1)
        page.goto(f"{address}/monitor")
        expect(page.get_by_role("status")).to_have_text("Live")
        room = row(page, "team", "room 1")
        expect(room.get_by_text("1 session")).to_be_visible()
        expect(row(page, "admin", "main").get_by_text("this monitor")).to_be_visible()
        expect(page.get_by_text("not running")).to_have_count(1)
        curve = room.get_by_role("img", name=re.compile(r"rounds: now \d+, from"))
        expect(curve.locator(".line")).to_have_attribute("d", re.compile("^M.+L"))
        before = curve.locator(".line").get_attribute("d")
        expect(curve.locator(".line")).not_to_have_attribute("d", str(before))
        expect(room.locator(".bound").first).to_have_text(re.compile(r"^\d+\.00$"))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in (1280, 400):
                page.set_viewport_size({"width": width, "height": 900})
                expect(curve).to_be_visible()
                assert page.evaluate("document.documentElement.scrollWidth") == width
                page.screenshot(path=picture(f"{scheme}-{width}"), full_page=True)

        echo.evaluate("document.querySelector('h1').textContent = 'the last session'")
        page.get_by_role("button", name="Restart echo room 1").press("Enter")
        page.get_by_role("dialog").get_by_role("button", name="Restart").click()
        expect(echo.locator("h1")).to_have_text("team")
        say(echo, "again")
        expect(lines(echo)).to_have_text(["you said: here", "you said: again"])
        expect(room.get_by_text("1 session")).to_be_visible()

        page.get_by_role("button", name="Stop echo room 1").click()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Stop echo room 1").click()
        page.get_by_role("dialog").get_by_role("button", name="Stop").click()
        expect(room.get_by_text("stopped")).to_be_visible()
        expect(notice(echo)).to_contain_text("The service has ended")
        with page.expect_popup() as opened:
            page.get_by_role("link", name="monitor").click()
        opened.value.close()
        for one in (echo, page):
            one.goto("about:blank")


TRAME = """
import sys
from jupyter_trame.narvi import NarviServer

server = NarviServer(port=int(sys.argv[1]))
service = server.register_service("team", "cars", "team.Cars", app="jupyter_trame.demo.dashboard:build")
server.register_app("cars", service)
server.run()
"""


def test_a_trame_app_of_a_program(serve: Serve, make_page: MakePage) -> None:
    page, _ = make_page(None)
    with serve(TRAME) as address:
        page.goto(f"{address}/narvi/team/cars/x")
        expect(page.get_by_role("heading", name="What makes a car thrifty?")).to_be_visible()
        expect(page).to_have_title("Cars")
        page.goto("about:blank")
