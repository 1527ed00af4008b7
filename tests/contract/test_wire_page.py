"""What pages do on the wire: trame's own page and ours, in Chromium, with a server that listens."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.contract.facts import fact
from tests.contract.test_wire_bytes import HELLO
from tests.e2e.conftest import MakePage, browser, context, make_page  # noqa: F401 - fixtures
from tests.e2e.servers import isolated_environment, running
from tests.support.ports import free_port

pytestmark = pytest.mark.e2e

PROGRAM = """\
import sys
from aiohttp import web
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

port, compat, embedding = int(sys.argv[1]), sys.argv[2] or None, sys.argv[3]
server = Server("paged", compat=compat)
state = server.state
state.update({"n": 1, "mine": 0, "trame__client_only": ["mine"]})

@server.controller.add("on_server_bind")
def bind(bound):
    async def launcher(request):
        config = await request.json()
        if config.get("mode") == "full":
            return web.json_response({"error": "no room for you"})
        if config.get("mode") == "redirect":
            address = {"sessionURL": "ws://USE_HOST/ws", "secret": 123, "colour": "green"}
            return web.json_response(address)
        return web.Response(status=405, text="no launcher")

    async def embed(request):
        return web.FileResponse(embedding)

    bound.app.router.add_post("/paraview/", launcher)
    bound.app.router.add_get("/embedding.html", embed)

with DivLayout(server):
    html.Button("more", click="n = n + 1", classes="button")
    html.Button("mine", click="mine = mine + 1", classes="mine")
    html.Span("{{ n }}", classes="n")
arguments = ["--authKey", sys.argv[4]]
server.start(port=port, host="127.0.0.1", open_browser=False, timeout=0, backend="aiohttp", args=arguments)
"""

EMBEDDING = """\
<!doctype html>
<link rel="icon" href="data:,">
<iframe></iframe>
<script>
const query = new URL(location).searchParams;
const open = () => {
  const socket = new WebSocket(`ws://${location.host}/ws`);
  socket.binaryType = "blob";
  return socket;
};
window.asked = [];
window.trameJupyter = {
  init: (page) => ({ createWebSocket: (url) => (window.asked.push(url, page.location.pathname), open()) }),
};
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {
  if (query.get("by") !== "port") return;
  const { port1, port2 } = new MessageChannel();
  const socket = open();
  port1.onmessage = ({ data }) => (data.a === "s" ? socket.send(data.b) : socket.close());
  socket.onmessage = ({ data }) => port1.postMessage({ a: "s", b: data });
  socket.onopen = () => frame.contentWindow.postMessage("trame-ws-channel-init", "*", [port2]);
});
frame.src = `/index.html?${query.get("frame")}`;
</script>
"""
"""A page that gives the app in its frame a socket: as the parent of a notebook does, or over a port.

It comes from a route of the program: a file of a served folder is in a sandbox, whose origin is nobody's.
"""


@contextmanager
def program(folder: Path, compat: str, secret: str) -> Iterator[str]:
    """The address of a running program."""
    embedding = folder / "embedding.html"
    embedding.write_text(EMBEDDING)
    (folder / "app.py").write_text(PROGRAM)
    port = free_port()
    command = [sys.executable, str(folder / "app.py"), str(port), compat, str(embedding), secret]
    url = f"http://127.0.0.1:{port}"
    with running(command, f"{url}/index.html", folder / "log", isolated_environment(folder), folder):
        yield url


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of trame's own page."""
    with program(tmp_path_factory.mktemp("stock"), "trame", "wslink-secret") as url:
        yield url


@pytest.fixture(scope="module")
def stock_digits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same, where the secret is 123."""
    with program(tmp_path_factory.mktemp("digits"), "trame", "123") as url:
        yield url


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of our page, where the secret is ``known``."""
    with program(tmp_path_factory.mktemp("own"), "", "known") as url:
        yield url


@pytest.fixture
def visit(make_page: MakePage) -> Callable[..., Page]:  # noqa: F811 - the fixture
    """Opens an address in a page of its own; with a `secret` in a browser that has the cookie for files."""

    def visit(address: str, secret: str = "") -> Page:
        page, watch = make_page(None)
        if secret:
            page.context.request.get(urljoin(address, f"/index.html?secret={secret}"))
        watch.expected += ["405"]  # a browser writes each refusal down
        page.goto(address)
        return page

    return visit


def exercise(place: Any) -> None:
    """The state goes both ways."""
    number = int(place.locator(".n").text_content())
    place.locator(".button").click()
    expect(place.locator(".n")).to_have_text(str(number + 1))


@fact("wire 1", "the stock page asks for a launcher and then opens the websocket `ws` beside itself")
def test_the_page_finds_the_socket(stock: str, make_page: MakePage) -> None:  # noqa: F811
    page, watch = make_page(None)
    watch.expected.append("405")
    page.goto(f"{stock}/")
    exercise(page)
    assert watch.sockets == [f"{stock.replace('http', 'ws')}/ws"]
    assert [url for url in watch.requests if "paraview" in url] == [f"{stock}/paraview/"]


@fact("wire 17", "what the stock page sends first is the hello of 95 bytes but for the message id")
def test_the_hello_of_the_page(stock: str, make_page: MakePage) -> None:  # noqa: F811
    page, watch = make_page(None)
    watch.expected.append("405")
    sent: list[bytes] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))  # type: ignore[call-overload]
    page.goto(f"{stock}/")
    exercise(page)
    assert sent[0][4:] == HELLO[4:]


@fact(
    "wire 1",
    "`sessionURL` in the address names any socket of the page's own host, and is used as it is",
    trame="follows it to any host; lower-cases all of it",
)
def test_session_url(own: str, stock: str, make_page: MakePage) -> None:  # noqa: F811
    for url, seen in ((own, "/ws?Some=Name"), (stock, "/ws?some=name")):
        socket = f"{url.replace('http', 'ws')}/ws%3FSome=Name"
        page, watch = make_page(None)
        watch.expected.append("405")
        page.goto(f"{url}/index.html?sessionURL={socket}&secret={'known' if url == own else 'wslink-secret'}")
        exercise(page)
        assert watch.sockets == [f"{url.replace('http', 'ws')}{seen}"]


@fact(
    "wire 1", "a `sessionURL` of another host is not followed: our page stays, trame's page is kept from it"
)
def test_session_url_of_another_host(own: str, stock: str, make_page: MakePage) -> None:  # noqa: F811
    page, watch = make_page(None)
    page.goto(f"{own}/index.html?sessionURL={stock.replace('http', 'ws')}/ws&secret=known")
    exercise(page)
    assert watch.sockets == [f"{own.replace('http', 'ws')}/ws"]
    page, watch = make_page(None)
    watch.expected += ["405", "Content Security Policy"]
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.goto(f"{stock}/index.html?sessionURL={own.replace('http', 'ws')}/ws&secret=known")


@fact("wire 5", "the stock page sends the secret of its address, also one of digits")
def test_secret_of_the_address(stock_digits: str, visit: Callable[..., Page]) -> None:
    exercise(visit(f"{stock_digits}/?secret=123"))


@fact(
    "wire 13",
    "a launcher's answer is merged into the page's config: `sessionURL`, `secret` and what else it holds",
)
def test_a_launcher_leads_to_the_session(stock_digits: str, visit: Callable[..., Page]) -> None:
    page = visit(f"{stock_digits}/?mode=redirect", "123")
    exercise(page)
    assert page.evaluate("window.trame.config.colour") == "green"


@fact("wire 13", "a launcher's JSON with an `error` keeps the stock page from connecting")
def test_a_launcher_that_refuses(stock: str, make_page: MakePage) -> None:  # noqa: F811
    page, watch = make_page(None)
    watch.expected.append("connect()")
    # What the page shows depends on which comes later, the refusal or its own "Loading...".
    with page.expect_response("**/paraview/"):
        page.goto(f"{stock}/?mode=full")
    page.wait_for_load_state("networkidle")
    assert watch.sockets == []


@fact("wire 9", "the stock page keeps the keys of `trame__client_only` to itself")
def test_client_only(stock: str, visit: Callable[..., Page]) -> None:
    first, second = visit(f"{stock}/"), visit(f"{stock}/")
    expect(first.locator(".n")).to_be_visible()
    first.locator(".mine").click()
    exercise(first)
    expect(second.locator(".n")).to_have_text(first.locator(".n").text_content() or "")
    assert first.evaluate("window.trame.state.get('mine')") == 1
    assert second.evaluate("window.trame.state.get('mine')") == 0


@pytest.mark.parametrize("which", ["stock", "own"])
@fact(
    "wire 15",
    "a page in a frame takes its socket from `window.parent.trameJupyter.init(window)`, of its own origin",
)
def test_the_parents_socket(which: str, request: pytest.FixtureRequest, visit: Callable[..., Page]) -> None:
    url = request.getfixturevalue(which)
    secret = "known" if which == "own" else "wslink-secret"
    page = visit(f"{url}/embedding.html?frame=wsProxy%26secret={secret}", secret)
    exercise(page.frame_locator("iframe"))
    assert page.evaluate("window.asked") == ["wss://proxy/", "/index.html"]


@fact(
    "wire 16",
    "with `?wsChannel` our page waits for `trame-ws-channel-init` from a page of its own origin that embeds it, and "
    "talks over the port that comes with it",
    trame="waits for it too, but fails when it sends",
)
def test_message_port(own: str, visit: Callable[..., Page]) -> None:
    page = visit(f"{own}/embedding.html?by=port&frame=wsChannel%26wsProxy%26secret=known", "known")
    exercise(page.frame_locator("iframe"))
    assert page.evaluate("window.asked") == []
