"""narvi's apps in real pages of a Jupyter server below a prefix that forbids frames, also behind a proxy."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks.jupyter import execute, start_kernel
from tests.e2e.conftest import MakePage
from tests.e2e.proxies import Proxy
from tests.e2e.servers import TOKEN, JupyterServer, jupyter_server
from tests.e2e.test_narvi import FILE
from tests.e2e.test_narvi import PAGE as GUIDE

REGISTER = """
import os
from pathlib import Path
from jupyter_trame.narvi import MonitorApp, NarviServer

here = Path.cwd()
server = NarviServer(monitoring_interval_s=0.5)
echo = server.register_service("demo", "echo", "echo.Echo", fixed_service_id="main")
pages = {"index.html": str(here / "index.html"), "echo.js": str(here / "echo.js")}
server.register_app("echo", echo, {"title": "Echo"}, pages)
many = server.register_service("demo", "many", "late.Late", service_id_validator=["late"])
server.register_app("many", many, {"title": "Late"}, pages, service_chooser_app_name="echo")
monitor = server.register_service(
    "admin", "monitor", "jupyter_trame.narvi.apps.monitor.MonitorApp", fixed_service_id="main"
)
server.register_app("monitor", monitor, resource_roots=MonitorApp.RESOURCES)
server.run()
"""
LATE = """
import os
from echo import Echo

class Late(Echo):
    def __init__(self, services):
        open("go").read()  # until the test has looked
        super().__init__(services)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """With the guide's echo, an app that has it as its chooser, and the monitor."""
    home = tmp_path_factory.mktemp("prefixed")
    policy = "frame-ancestors 'none'"
    with jupyter_server(home, flavour="server", base_url="/user/some%20one/", policy=policy) as server:
        for text, name in FILE.findall(GUIDE.read_text("utf-8")):
            (server.root / name).write_text(text, "utf-8")
        (server.root / "late.py").write_text(LATE)
        os.mkfifo(server.root / "go")
        execute(server, start_kernel(server), REGISTER)
        yield server
        server.shut_kernels_down()


@pytest.fixture
def proxy(server: JupyterServer) -> Iterator[Proxy]:
    proxy = Proxy(server.url)
    yield proxy
    proxy.close()


def lines(page: Page) -> Locator:
    return page.locator("#lines li")


def say(page: Page, text: str) -> None:
    expect(page.locator("h1")).not_to_be_empty(timeout=60_000)
    page.get_by_label("Say something").fill(text)
    page.get_by_label("Say something").press("Enter")


def forget_title(page: Page) -> None:
    """The next session writes it again."""
    page.evaluate("document.querySelector('h1').textContent = ''")


def test_row_1_the_echo(server: JupyterServer, make_page: MakePage) -> None:
    page, _ = make_page(server)
    page.goto(f"{server.url}trame/narvi/demo/echo?token={TOKEN}")
    assert re.sub(r"\?.*", "", page.url) == f"{server.url}trame/narvi/demo/echo/main/index.html"
    say(page, "hé")
    expect(lines(page)).to_have_text(["you said: hé"])
    page.goto("about:blank")


def test_a_page_is_there_while_its_service_starts(
    server: JupyterServer, make_page: MakePage, picture: Callable[[str], Path]
) -> None:
    page, _ = make_page(server)
    page.goto(f"{server.url}trame/narvi/demo/many/late/index.html?token={TOKEN}")
    expect(page.locator("narvi-notice")).to_contain_text("Waiting for the service")
    expect(page.get_by_label("Say something")).to_be_visible()
    page.screenshot(path=picture("waiting"))
    (server.root / "go").write_text("go")
    say(page, "at last")
    expect(lines(page)).to_have_text(["you said: at last"])
    expect(page.locator("narvi-notice")).to_have_count(0)
    page.goto("about:blank")


def test_apps_the_chooser_and_the_monitor_behind_a_proxy(
    server: JupyterServer, proxy: Proxy, make_page: MakePage, picture: Callable[[str], Path]
) -> None:
    page, watch = make_page(server)
    watch.expected.append("WebSocket connection")  # those that are cut while they open
    answer = page.goto(f"{proxy.url}trame/narvi/demo/many/nobody/index.html?token={TOKEN}")
    assert answer is not None
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    expect(page.locator("h1")).to_have_text("Echo", timeout=30_000)
    assert page.url.startswith(f"{proxy.url}trame/narvi/demo/echo/main/index.html")
    say(page, "through it")
    expect(lines(page)).to_have_text(["you said: through it"])
    forget_title(page)
    proxy.cut()
    say(page, "again")
    expect(lines(page)).to_have_text(["you said: through it", "you said: again"])

    monitor, watch_monitor = make_page(server)
    watch_monitor.expected.append("WebSocket connection")
    monitor.goto(f"{proxy.url}trame/narvi/admin/monitor")
    expect(monitor.get_by_role("status")).to_have_text("Live", timeout=30_000)
    forget_title(page)
    monitor.get_by_role("button", name="Restart echo main").click()
    monitor.get_by_role("dialog").get_by_role("button", name="Restart").click()
    expect(page.locator("h1")).to_have_text("Echo", timeout=60_000)
    monitor.screenshot(path=picture("monitor"))
    with monitor.expect_popup() as opened:
        monitor.get_by_role("link", name="echo", exact=True).first.click()
    say(opened.value, "from the monitor")
    expect(lines(opened.value)).to_have_text(["you said: from the monitor"])
    for one in (opened.value, page, monitor):
        one.goto("about:blank")
