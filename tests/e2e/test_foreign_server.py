"""Whatever the address of a page says, and whoever opens it: it talks to no other server.

A foreign server listens, and must hear of nothing. Some tests switch the pages' content policies off in the browser, so
that each of the two walls is seen to hold alone.
"""

import random
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.lab import HOST, Lab, View, Watch
from tests.e2e.notebooks import APP, BUILD, LOAD
from tests.e2e.servers import TOKEN, JupyterServer, isolated_environment, running
from tests.support.ports import free_port

ATTACK = """\
<!doctype html>
<link rel="icon" href="data:,">
<title>foreign</title>
<script>
const query = new URL(location).searchParams;
window.heard = [];
const hear = (what) => window.heard.push(what);
window.trameJupyter = { init: () => hear("init") };
window.WSLINK = { createWebSocket: () => hear("WSLINK") };
const offer = (page) => setInterval(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => hear("port");
  page.postMessage("trame-ws-channel-init", "*", [port2]);
}, 50);
window.run = () => {
  if (query.get("how") === "open") return offer(window.open(query.get("target")));
  const frame = document.createElement("iframe");
  frame.name = "trameJupyter";
  frame.src = query.get("target");
  document.body.append(frame);
  offer(frame.contentWindow);
};
</script>
<body></body>
"""
"""Opens or frames the page `target`, and offers it every connection that one page can offer another."""


PROGRAMS = {"own": "", "framed": "frame_ancestors=['*']", "stock": "compat='trame'"}
"""With our page, with our page in anybody's frame, with trame's page."""
START = """
import sys
arguments = ["--authKey", "known"]
server.start(port=int(sys.argv[1]), host="127.0.0.1", open_browser=False, timeout=0, args=arguments)
"""


class Foreign:
    """Another origin: it has a page of its own, and notes whoever else asks for something."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/attack.html"):
                    self.send_response(200)
                    self.send_header("Content-Type", "text/html")
                    self.end_headers()
                    self.wfile.write(ATTACK.encode())
                else:
                    self.refuse()

            def refuse(self) -> None:
                heard.append(f"{self.command} {self.path}")
                self.send_error(404)

            do_POST = do_OPTIONS = do_HEAD = refuse  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])
        self.host = f"127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def attack(self, how: str, target: str) -> str:
        """The address of its page."""
        return f"http://{self.host}/attack.html?how={how}&target={quote(target, safe='')}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def foreign() -> Iterator[Foreign]:
    foreign = Foreign()
    yield foreign
    foreign.close()


@pytest.fixture(params=["policy", "no policy"])
def visitor(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile, with the pages' content policies in force and without."""
    context = browser.new_context(bypass_csp=request.param == "no policy")
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Addresses of programs that listen."""
    found = {}
    with ExitStack() as stack:
        for name, options in PROGRAMS.items():
            build = BUILD.replace('"counter"', f'"counter", {options}')
            home, port = tmp_path_factory.mktemp(name), free_port()
            program, url = home / "app.py", f"http://127.0.0.1:{port}/"
            program.write_text(LOAD.removeprefix("%load_ext jupyter_trame\n") + build + START)
            command = [sys.executable, str(program), str(port)]
            stack.enter_context(running(command, url, home / "log", isolated_environment(home), home))
            found[name] = url
        yield found


def variants(foreign: Foreign) -> list[str]:
    """Queries that name the foreign server, or ask for a connection of another page."""
    host, port = foreign.host, foreign.port
    addresses = [
        *(f"ws://{host}/ws", f"wss://{host}/ws", f"http://{host}/ws", f"//{host}/ws", f"/\\{host}/ws"),
        *(
            f"ws:\\\\{host}\\ws",
            f"ws://USE_HOST@{host}/ws",
            f"ws://USE_HOSTNAME:{port}/ws",
            f"\t ws://{host}/",
        ),
        *(f"ws://{host}/ws?USE_HOST", f"WS://{host}/ws?token=t"),
    ]
    return [
        *(f"sessionURL={quote(address, safe='')}" for address in addresses),
        f"sessionURL=ws://{host}/ws",
        f"%73essionURL=ws://{host}/ws",
        f"sessionURL=x&sessionURL=ws://{host}/ws",
        f"sessionManagerURL=http://{host}/paraview/&application=x",
        *("wsProxy", "iframe", "wsChannel", "wsChannel=true&wsProxy"),
        f"wsProxy=true&sessionURL=ws://{host}/ws&remove=a,b&ui=main",
    ]


def expect_own(page: Page, watch: Watch, url: str) -> None:
    """The app is live, over the socket beside its page."""
    expect(page.locator(HOST).locator(".jt-mark")).to_have_attribute("data-state", "live", timeout=30_000)
    own = url.replace("http", "ws", 1)
    assert watch.sockets, "there is a websocket"
    assert all(socket.startswith(own) for socket in watch.sockets), watch.sockets


def test_page_of_a_program(visitor: BrowserContext, programs: dict[str, str], foreign: Foreign) -> None:
    """The tab remembers the secret, so each link is one that a user may be led to later."""
    url, page = programs["own"], visitor.new_page()
    watch = Watch(page, [])
    page.goto(f"{url}?secret=known")
    expect_own(page, watch, url)
    for query in variants(foreign):
        page.goto(f"{url}index.html?{query}")
        expect_own(page, watch, url)
        assert foreign.heard == [], query
    watch.check()


def test_what_is_not_followed_is_said(context: BrowserContext, programs: dict[str, str]) -> None:
    page = context.new_page()
    with page.expect_console_message(lambda message: message.type == "warning") as said:
        page.goto(f"{programs['own']}index.html?secret=known&sessionURL=ws://evil.example/ws")
    own = f"{programs['own'].replace('http', 'ws')}ws"
    assert said.value.text == (
        f"jupyter_trame: The parameter sessionURL is not followed: this page talks to {own} only."
    )
    assert "sessionURL" not in page.url


@pytest.fixture
def app_lab(browser: Browser, prefixed_server: JupyterServer) -> Iterator[Lab]:
    context = browser.new_context()
    context.set_default_timeout(30_000)
    lab = Lab(context, prefixed_server)
    stock = "stock = Server('stock', compat='trame')\nstock.start()\nwith DivLayout(stock):\n    html.Span('here')\n"
    lab.open_cells([LOAD, APP + stock])
    lab.run_all()
    yield lab
    context.close()
    prefixed_server.shut_kernels_down()


def test_page_under_jupyter(app_lab: Lab, visitor: BrowserContext, foreign: Foreign) -> None:
    base, page = f"{app_lab.server.url}trame/", visitor.new_page()
    watch = Watch(page, app_lab.server.noise)
    watch.expected += ["/stock/", "/static/"]  # a browser writes each refusal down
    url = f"{base}{app_lab.kernel_id()}/counter/"
    page.goto(f"{url}?token={TOKEN}")
    expect_own(page, watch, url)
    for query in variants(foreign):
        page.goto(f"{url}?{query}")
        expect_own(page, watch, f"{url}ws")
        assert foreign.heard == [], query
    opener = visitor.new_page()
    opener.goto(foreign.attack("open", f"{url}?wsChannel&wsProxy"))
    with visitor.expect_page() as opened:
        opener.evaluate("run()")
    mark = opened.value.locator(HOST).locator(".jt-mark")
    expect(mark).to_have_attribute("data-state", "live", timeout=30_000)
    assert opener.evaluate("window.heard") == []
    for query in variants(foreign):
        for name in ("stock/", "stock/index.html", "stock/%69ndex.html", "stock//index.html"):
            answer = page.request.get(f"{base}{app_lab.kernel_id()}/{name}?{query}")
            assert answer.status in {400, 404}, (name, query)
    for name in ("index.html", "", "%69ndex.html", "Index.html", "./index.html"):
        answer = page.request.get(f"{base}static/{name}?sessionURL=ws://{foreign.host}/ws")
        assert answer.status in {403, 404}
    page_answer = page.goto(f"{base}static/index.html?sessionURL=ws://{foreign.host}/ws")
    assert page_answer is not None
    assert page_answer.status == 404
    assert foreign.heard == []
    watch.check()


def test_stock_page_of_a_program(context: BrowserContext, programs: dict[str, str], foreign: Foreign) -> None:
    """Its script follows its address; the policy keeps it at its own host."""
    for query in (f"sessionURL=ws://{foreign.host}/ws", f"sessionManagerURL=http://{foreign.host}/paraview/"):
        page = context.new_page()
        with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
            page.goto(f"{programs['stock']}index.html?{query}&secret=known")
        page.close()
    assert foreign.heard == []


@pytest.mark.parametrize("how", ["open", "frame"])
@pytest.mark.parametrize(
    "query",
    [
        "wsChannel",
        "wsProxy",
        pytest.param("iframe", marks=pytest.mark.long),
        pytest.param("wsChannel&wsProxy", marks=pytest.mark.long),
    ],
)
def test_a_foreign_page_gives_no_connection(
    how: str, query: str, browser: Browser, programs: dict[str, str], foreign: Foreign
) -> None:
    """It may open the page, and frame it where the app allows that."""
    url = programs["own" if how == "open" else "framed"]
    context = browser.new_context(bypass_csp=True)
    context.set_default_timeout(30_000)
    page = context.new_page()
    sockets: list[str] = []
    context.on("page", lambda opened: opened.on("websocket", lambda socket: sockets.append(socket.url)))
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(foreign.attack(how, f"{url}index.html?secret=known&{query}"))
    if how == "open":
        with context.expect_page() as opened:
            page.evaluate("run()")
        place: Any = opened.value
    else:
        page.evaluate("run()")
        place = page.frame_locator("iframe")
    mark = place.locator(HOST).locator(".jt-mark")
    expect(mark).to_have_attribute("data-state", "live", timeout=30_000)
    assert page.evaluate("window.heard") == []
    assert sockets
    assert all(socket.startswith(url.replace("http", "ws")) for socket in sockets)
    assert foreign.heard == []
    context.close()


def test_a_foreign_page_frames_none(
    context: BrowserContext, programs: dict[str, str], foreign: Foreign
) -> None:
    page = context.new_page()
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(foreign.attack("frame", f"{programs['own']}index.html?secret=known"))
        page.evaluate("run()")
    page.goto(foreign.attack("frame", f"{programs['stock']}index.html?secret=known"))
    page.evaluate("run()")
    expect(page.frame_locator("iframe").locator("html")).to_have_attribute("data-app-name", "trame")


def test_a_page_that_may_frames_it(
    context: BrowserContext, programs: dict[str, str], foreign: Foreign
) -> None:
    """Of another site, so the cookie of the app's own page is not sent there."""
    page = context.new_page()
    target = f"{programs['framed']}?secret=known"
    page.goto(foreign.attack("frame", target).replace("127.0.0.1", "localhost", 1))
    page.evaluate("run()")
    View(page.frame_locator("iframe").locator(HOST)).exercise_controls()


NAMES = [
    "sessionURL",
    "sessionManagerURL",
    "wsProxy",
    "wsChannel",
    "iframe",
    "ui",
    "remove",
    "application",
    "SESSIONURL",
]
PIECES = [
    *(
        "ws:",
        "wss:",
        "http:",
        "//",
        "/",
        "\\",
        "@",
        ":",
        "?",
        "#",
        "USE_HOST",
        "use_hostname",
        "user",
        "..",
        "[",
        "]",
    ),
    *(",", "true", "null", "1", "%00", "%2f", "%40", "%26", "+", "ws", "token=t", "\t", "main", "__proto__"),
]


def random_query(dice: random.Random, foreign: Foreign) -> str:
    """One that nobody thought of; most name the foreign server somewhere."""
    pieces = [
        *PIECES,
        *[foreign.host] * 4,
        f":{foreign.port}",
        f"//{foreign.host}/",
        f"ws://{foreign.host}/ws",
    ]
    parts = []
    for _ in range(dice.randint(1, 5)):
        text = "".join(dice.choices(pieces, k=dice.randint(0, 6)))
        if dice.random() < 0.5:
            text = f"{dice.choice(['ws:', 'http:', ''])}//{foreign.host}/{text}"
        name = "sessionURL" if dice.random() < 0.5 else dice.choice(NAMES)
        parts.append(f"{name}={quote(text, safe='') if dice.random() < 0.6 else text}")
    return "&".join(parts)


def test_any_query(
    request: pytest.FixtureRequest, browser: Browser, programs: dict[str, str], app_lab: Lab, foreign: Foreign
) -> None:
    """``--deep`` tries many more."""
    context = browser.new_context(bypass_csp=True)
    context.set_default_timeout(30_000)
    page = context.new_page()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    seed = random.randrange(1 << 32) if request.config.getoption("deep") else 20240229
    dice = random.Random(seed)
    under_jupyter = f"{app_lab.server.url}trame/{app_lab.kernel_id()}/counter/"
    hosts = tuple(url.replace("http", "ws", 1) for url in (under_jupyter, programs["own"]))
    page.goto(f"{under_jupyter}?token={TOKEN}")
    page.goto(f"{programs['own']}?secret=known")
    for _ in range(1000 if request.config.getoption("deep") else 10):
        query = random_query(dice, foreign)
        for url in (programs["own"], under_jupyter):
            # A program's page may have been sent to a path of its own host that is no socket.
            own = (f"{url}ws" if url == under_jupyter else url).replace("http", "ws", 1)
            with page.expect_websocket(lambda socket, own=own: socket.url.startswith(own)):
                page.goto(f"{url}index.html?{query}")
            assert all(socket.startswith(hosts) for socket in sockets), (seed, query)
            assert foreign.heard == [], (seed, query)
    context.close()
