"""Behind a real JupyterHub, with no setting: two users, whose apps are their own, and what a login has to do with it.

A hub takes the cookie of a request for its own page, a script, a picture or a socket, and of no other without the
token that a script of its page can read.
"""

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import test_igor as igor
from tests.e2e.gallery import Gallery
from tests.e2e.hub import Hub, HubUser, jupyter_hub
from tests.e2e.lab import HOST, Lab, View, Watch
from tests.e2e.notebooks import APP, LOAD

Picture = Callable[[str], Path]

CUT = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
    constructor(...args) { super(...args); window.sockets.push(this); }
};
"""
"""Lets a test end the sockets of a page."""
END_SOCKETS = "() => window.sockets.forEach((socket) => socket.close())"
STATUS = """async ([url, method]) => {
    const [, token] = /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie) ?? [];
    const headers = token ? { "X-XSRFToken": token } : {};
    const { status, type } = await fetch(url, { method, headers, redirect: "manual" });
    return type === "opaqueredirect" ? 302 : status;
}"""


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with jupyter_hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


class Seat:
    """A browser profile in which a user is signed in."""

    def __init__(self, browser: Browser, user: HubUser) -> None:
        self.user = user
        self.context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 900})
        self.context.set_default_timeout(30_000)
        self.context.add_init_script(CUT)
        user.sign_in(self.context).close()
        self.watches: list[Watch] = []

    def lab(self, cells: list[str]) -> Lab:
        """JupyterLab with a notebook of these cells, which have run."""
        lab = Lab(self.context, self.user)
        self.watches.append(lab.watch)
        if cells:
            lab.open_cells(cells)
            lab.run_all(120)
        else:
            lab.start()
        return lab

    def page(self, lab: Lab, slug: str) -> Page:
        """The page of its own of an app in the lab's notebook."""
        page = self.context.new_page()
        self.watches.append(Watch(page, []))
        page.goto(f"{self.user.url}trame/{lab.kernel_id()}/{slug}/")
        return page

    def check(self) -> None:
        """Fails with what the pages reported; leaves no page."""
        watches, self.watches = self.watches, []
        for page in self.context.pages:
            page.close()
        for watch in watches:
            watch.check()


@pytest.fixture(scope="module")
def seats(browser: Browser, hub: Hub) -> Iterator[dict[str, Seat]]:
    seats = {name: Seat(browser, hub.user(name)) for name in ("ann", "bob")}
    yield seats
    for seat in seats.values():
        seat.context.close()


@pytest.fixture
def ann(seats: dict[str, Seat]) -> Iterator[Seat]:
    yield seats["ann"]
    seats["ann"].check()


@pytest.fixture
def bob(seats: dict[str, Seat]) -> Iterator[Seat]:
    yield seats["bob"]
    seats["bob"].check()


@pytest.mark.parametrize("name", ["ann", "bob"])
def test_cell_tab_and_page_are_live_by_websocket(seats: dict[str, Seat], name: str, picture: Picture) -> None:
    seat = seats[name]
    lab = seat.lab([LOAD, APP, "server.open('tab')"])
    lab.inline_view().expect_live("websocket")
    lab.tab_view().expect_live("websocket")
    lab.tab_view().exercise_controls()
    lab.inline_view().expect_text(".double", "44")
    lab.screenshot(picture("lab"))
    view = View(seat.page(lab, "counter").locator(HOST))
    view.expect_live("websocket")
    view.expect_text(".double", "44")
    view.find(".button").click()
    lab.inline_view().expect_text(".double", "46")
    view.page.screenshot(path=picture("page"))
    seat.check()


def test_a_client_of_igor_in_a_cell(ann: Seat) -> None:
    lab = ann.lab([igor.SERVER, igor.CLIENT])
    igor.expect_talk(igor.output(lab))


def test_a_launcher_card_starts_its_app(bob: Seat) -> None:
    lab = bob.lab([])
    lab.page.locator(".jp-LauncherCard", has_text=re.compile("Demo|trame", re.IGNORECASE)).first.click()
    lab.tab_view().expect_live("websocket")


@pytest.fixture(scope="module")
def hub_gallery(browser: Browser, hub: Hub) -> Iterator[Gallery]:
    ann = hub.user("ann")
    with Gallery(browser, ann, ann.sign_in) as gallery:
        gallery.forget()
        yield gallery


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("vuetify3", "cell"),
        pytest.param("pyvista_plot", "cell", marks=pytest.mark.long),
        ("code", "page"),
        pytest.param("router", "cell", marks=pytest.mark.long),
        pytest.param("vuetify3", "page", marks=pytest.mark.long),
        pytest.param("pyvista_plot", "page", marks=pytest.mark.long),
        pytest.param("code", "cell", marks=pytest.mark.long),
        pytest.param("router", "page", marks=pytest.mark.long),
    ],
)
def test_packages(hub_gallery: Gallery, name: str, place: str, picture: Picture) -> None:
    """Of those: fonts and icons, pictures of a renderer, workers, and a package that lives in a frame."""
    package = importlib.import_module(f"tests.e2e.packages.{name}")
    view = hub_gallery.show(name) if place == "cell" else hub_gallery.open_page(name)
    view.expect_live("websocket")
    package.drive(view)
    if name == "vuetify3":
        loaded = "() => document.fonts.check('16px \"Material Design Icons\"')"
        view.page.wait_for_function(loaded)
    hub_gallery.screenshot(view, picture("view"))
    hub_gallery.check()
    hub_gallery.forget()


MODULES = """
from pathlib import Path
folder = Path("modules"); folder.mkdir(exist_ok=True)
(folder / "main.js").write_text(
    'import { word } from "./lib/word.js";'
    'const install = (app) => app.component("word-of-module", { template: word });'
    'window.fromModule = { install };'
)
(folder / "lib").mkdir(exist_ok=True)
(folder / "lib" / "word.js").write_text('export const word = "<b class=word>imported</b>";')
server = Server("modules")
serve = {"m": str(folder.resolve())}
server.enable_module({"serve": serve, "module_scripts": ["m/main.js"], "vue_use": ["fromModule"]})
with DivLayout(server):
    html.Div("<word-of-module />")
server.start()
display(server)
"""


def test_module_scripts_find_what_they_import(ann: Seat) -> None:
    lab = ann.lab([LOAD, MODULES])
    lab.inline_view().expect_text(".word", "imported")
    page = View(ann.page(lab, "modules").locator(HOST))
    page.expect_text(".word", "imported")


def test_an_app_is_its_owners_alone(ann: Seat, bob: Seat) -> None:
    """Whatever bob asks of ann's server, with the cookies that he has."""
    lab = ann.lab([LOAD, APP])
    app = f"{ann.user.url}trame/{lab.kernel_id()}/counter/"
    stranger = bob.lab([]).page
    for address, method in (
        (app, "GET"),
        (f"{app}index.html", "HEAD"),
        (f"{app}ws", "GET"),
        (f"{app}__trame_client/x.js", "GET"),
        (f"{app}paraview/", "POST"),
        (f"{ann.user.url}trame/static/client.js", "GET"),
        (f"{ann.user.url}trame/api/v1/servers", "GET"),
        (f"{ann.user.url}trame/api/v1/apps/demo", "POST"),
    ):
        status = stranger.evaluate(STATUS, [address, method])
        assert status in (302, 403), f"{method} {address}: {status}"
    bob.watches[-1].expected += ["403", "WebSocket connection"]
    ended = stranger.evaluate(
        """(url) => new Promise((end) => {
            const socket = new WebSocket(url);
            socket.onopen = () => end("open");
            socket.onclose = () => end("refused");
        })""",
        app.replace("http", "ws", 1) + "ws",
    )
    assert ended == "refused"
    visit = bob.context.new_page()
    response = visit.goto(app)
    assert response is not None
    assert response.status == 403
    assert "counter" not in visit.title()
    assert ann.page(lab, "counter").evaluate(STATUS, [f"{app}index.html", "HEAD"]) == 200


def test_no_token_is_in_an_address_and_the_hubs_policy_stays(ann: Seat) -> None:
    lab = ann.lab([LOAD, APP])
    lab.inline_view().expect_live("websocket")
    page = ann.page(lab, "counter")
    View(page.locator(HOST)).expect_live("websocket")
    response = page.reload()
    assert response is not None
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"], "the hub's own is kept"
    asked = [url for watch in ann.watches for url in [*watch.requests, *watch.sockets] if "/trame/" in url]
    assert asked
    assert not [url for url in asked if "_xsrf" in url or "token=" in url]


def test_signing_in_is_asked_for_when_the_login_ended_and_only_then(
    browser: Browser, hub: Hub, picture: Picture
) -> None:
    seat = Seat(browser, hub.user("ann"))
    lab = seat.lab([LOAD, APP])
    view = View(seat.page(lab, "counter").locator(HOST))
    for watch in seat.watches:
        watch.expected += ["403", "WebSocket connection", "Failed to"]
    view.expect_live("websocket")
    view.page.evaluate(END_SOCKETS)
    view.expect_live("websocket")
    seat.user.sign_out(seat.context)
    view.page.evaluate(END_SOCKETS)
    expect(view.find(".jt-notice")).to_contain_text("Sign in again to go on.")
    view.page.screenshot(path=picture("signed-out"))
    seat.user.sign_in(seat.context).close()
    view.find(".jt-notice-retry").click()
    view.expect_live("websocket")
    view.find(".button").click()
    view.expect_text(".double", "4")
    seat.check()
    seat.context.close()


@pytest.mark.long
def test_a_named_server_has_cookies_of_its_own(browser: Browser, hub: Hub) -> None:
    """Below that of the server without a name, whose token is not good for it."""
    seat = Seat(browser, hub.user("bob"))
    seat.user = hub.user("bob", "second")
    seat.user.sign_in(seat.context).close()
    lab = seat.lab([LOAD, APP])
    lab.inline_view().expect_live("websocket")
    view = View(seat.page(lab, "counter").locator(HOST))
    view.expect_live("websocket")
    view.exercise_controls()
    seat.check()
    seat.context.close()


NARVI = {
    "adder.py": """
class Adder:
    def __init__(self, services):
        self.services = services
        services.add_message_listener(self.heard)
        for method in ("GET", "POST"):
            services.create_request_service("adder", "add/$number", self.add, request_method=method)

    def heard(self, msg, session_id):
        self.services.send(f"heard {msg}", for_session_id=session_id)

    def add(self, path_parameters, query_parameters, headers, body):
        return 200, str(int(path_parameters["number"]) + 1).encode(), "text/plain", {}
""",
    "adder.html": """<!doctype html>
<meta charset="utf-8"><link rel="icon" href="data:,">
<p></p>
<script src="narvi/narvi.js"></script>
<script src="adder.js"></script>
""",
    "adder.js": """
start_narvi(class {
    constructor(services) {
        services.add_message_listener(async (message) => {
            const asked = ["GET", "POST"].map((method) => fetch("add/1", { method }));
            const texts = (await Promise.all(asked)).map((answer) => answer.text());
            document.querySelector("p").textContent = [message, ...await Promise.all(texts)].join(", ");
        });
        services.send("hello");
    }
});
""",
}
"""A service and its page, as they are written for the original, beside the notebook."""

NARVI_SERVER = """
from pathlib import Path
from jupyter_trame.narvi import MonitorApp, NarviServer
server = NarviServer(monitoring_interval_s=1)
adder = server.register_service("demo", "adder", "adder.Adder", fixed_service_id="1")
files = {"index.html": Path("adder.html").absolute(), "adder.js": Path("adder.js").absolute()}
server.register_app("adder", adder, resource_roots={name: str(path) for name, path in files.items()})
monitor = server.register_service(
    "admin", "monitor", "jupyter_trame.narvi.apps.monitor.MonitorApp", fixed_service_id="1"
)
server.register_app("monitor", monitor, resource_roots=MonitorApp.RESOURCES)
server.run()
"""


def test_pages_of_narvi_and_their_requests(ann: Seat, picture: Picture) -> None:
    for name, text in NARVI.items():
        (ann.user.root / name).write_text(text)
    lab = ann.lab([LOAD, NARVI_SERVER])
    page = lab.page.context.new_page()
    page.goto(f"{ann.user.url}trame/narvi/demo/adder")
    expect(page.locator("p")).to_have_text("heard hello, 2, 2")
    page.goto(f"{ann.user.url}trame/narvi/admin/monitor")
    expect(page.get_by_role("status")).to_have_text("Live")
    expect(page.get_by_role("button", name="Restart adder 1")).to_be_visible()
    background = "getComputedStyle(document.querySelector('table')).borderRadius"
    assert page.evaluate(background) == "8px", "its style sheet is there"
    page.screenshot(path=picture("monitor"))
    page.close()
