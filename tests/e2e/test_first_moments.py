"""What happens before a view is connected, and while its server is not: in every place where a view may be."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.servers import TOKEN, JupyterServer, isolated_environment, running, wait_until
from tests.support.ports import free_port

GREETING = """\
from trame_client.widgets import client
from wslink import register

class Desk:
    @register("desk.enter")
    def enter(self, name):
        server.state.heard = [*server.state.heard, name]
        server.state.flush()
        return name.upper()

server = Server("greeting")
server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(Desk()))
server.state.update({"heard": [], "answer": "", "word": "empty"})

@server.trigger("hello")
def hello(name):
    server.state.heard = [*server.state.heard, f"{name} {server.state.word}"]

CREATED, MOUNTED = "trigger('hello', ['created']); word = 'full'", "trigger('hello', ['mounted'])"
ENTER = "trame.client.getConnection().getSession().call('desk.enter', ['rpc']).then((text) => { answer = text })"
with DivLayout(server):
    client.ClientTriggers(created=CREATED, mounted=MOUNTED)
    client.ClientTriggers(mounted=ENTER)
    html.Span("{{ heard.join(', ') }}", classes="heard")
    html.Span("{{ answer }}", classes="answer")
"""
"""An app whose components call the server as they are mounted, with a write between two calls."""

HEARD = "created empty, mounted full, rpc"

BUSY = """
print("the kernel is busy")
import time
from pathlib import Path
while not Path("go").exists():
    time.sleep(0.005)
"""


def expect_greeted(view: View, heard: str = HEARD) -> None:
    view.expect_text(".answer", "RPC")
    view.expect_text(".heard", heard)
    view.expect_hidden(".jt-error")


def greeting(show: str) -> list[str]:
    return [LOAD, f"{GREETING}server.start()\n{show}"]


@pytest.mark.parametrize("kind", ["websocket", pytest.param("comm", marks=pytest.mark.long)])
def test_calls_of_components_that_mount_in_a_cell_are_made(kind: str, request: pytest.FixtureRequest) -> None:
    lab: Lab = request.getfixturevalue("lab" if kind == "websocket" else "bare_lab")
    lab.open_cells(greeting("display(server)"))
    lab.run_all()
    view = lab.inline_view()
    view.expect_live(kind)
    expect_greeted(view)


@pytest.mark.parametrize("kind", ["websocket", pytest.param("comm", marks=pytest.mark.long)])
def test_calls_of_components_that_mount_during_a_cell_are_made_when_it_has_run(
    kind: str, request: pytest.FixtureRequest
) -> None:
    lab: Lab = request.getfixturevalue("lab" if kind == "websocket" else "bare_lab")
    lab.open_cells(greeting(f"display(server){BUSY}"))
    lab.run(0)
    lab.run(1, wait=False)
    view = lab.inline_view()
    expect(view.find(".heard")).to_be_attached(timeout=60_000)
    (lab.server.root / "go").touch()
    expect_greeted(view)
    lab.wait_idle()
    assert lab.text_output(1).count("Error") == 0


def test_calls_of_components_that_mount_in_a_tab_are_made(lab: Lab) -> None:
    lab.open_cells(greeting("server.open('tab')"))
    lab.run_all()
    expect_greeted(lab.tab_view())


def test_calls_of_components_that_mount_on_a_page_of_its_own_are_made(
    lab: Lab, lab_server: JupyterServer, make_page: MakePage
) -> None:
    lab.open_cells(greeting(""))
    lab.run_all()
    page, _ = make_page(lab_server)
    page.goto(f"{lab_server.url}trame/{lab.kernel_id()}/greeting/?token={TOKEN}")
    expect_greeted(View(page.locator("[data-jupyter-trame]")))


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of the app as a program."""
    program, log, port = tmp_path / "app.py", tmp_path / "app.log", free_port()
    start = f"server.start(port={port}, open_browser=False)\n"
    program.write_text(LOAD.removeprefix("%load_ext jupyter_trame\n") + GREETING + start)
    with running(
        [sys.executable, str(program)],
        f"http://localhost:{port}/",
        log,
        isolated_environment(tmp_path),
        tmp_path,
    ):
        yield wait_until(lambda: re.search(r"http://localhost:\S+", log.read_text()), "the address").group()


def test_calls_of_components_that_mount_in_a_program_are_made(address: str, make_page: MakePage) -> None:
    page, _ = make_page(None)
    page.goto(address)
    expect_greeted(View(page.locator(HOST)))


def test_a_page_that_loads_during_a_cell_shows_what_the_others_show(
    lab: Lab, lab_server: JupyterServer, make_page: MakePage
) -> None:
    lab.open_cells([LOAD, APP, BUSY, "print(state.n, state.word)"])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    view.expect_live("websocket")
    lab.run(2, wait=False)
    lab.wait_output(2, "busy")
    view.set_slider(".slider", 40)
    view.find(".text").fill("typed")
    page, _ = make_page(lab_server)
    page.goto(f"{lab_server.url}trame/{lab.kernel_id()}/counter/?token={TOKEN}")
    for _ in range(2):
        late = View(page.locator("[data-jupyter-trame]"))
        late.expect_text(".n", "40")
        expect(late.find(".text")).to_have_value("typed")
        late.expect_text(".double", "2")
        page.reload()
    (lab_server.root / "go").touch()
    late.expect_text(".double", "80")  # type: ignore[possibly-undefined]
    lab.run(3)
    assert lab.text_output(3) == "40 typed\n"


WATCH_PAINT = """() => {
    window.painted = [];
    const look = () => {
        const hosts = [...document.querySelectorAll("[data-jupyter-trame]")].slice(1);
        for (const host of hosts) {
            const text = host.shadowRoot?.querySelector(".n")?.textContent;
            if (text && !window.painted.includes(text)) window.painted.push(text);
        }
        requestAnimationFrame(look);
    };
    look();
}"""


def test_a_second_view_begins_with_what_the_first_one_shows(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, BUSY])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    view.expect_live("websocket")
    lab.run(2, wait=False)
    lab.wait_output(2, "busy")
    view.set_slider(".slider", 40)
    view.expect_text(".n", "40")
    lab.page.evaluate(WATCH_PAINT)
    lab.select(1)
    lab.execute("notebook:create-output-view")
    second = View(lab.page.locator(HOST).nth(1))
    second.expect_text(".n", "40")
    second.expect_live("websocket")
    assert lab.page.evaluate("window.painted") == ["40"]
    (lab.server.root / "go").touch()
    second.expect_text(".double", "80")


@pytest.mark.parametrize("kind", [pytest.param("websocket", marks=pytest.mark.long), "comm"])
def test_many_views_of_one_cell_are_all_there(kind: str, request: pytest.FixtureRequest) -> None:
    lab: Lab = request.getfixturevalue("lab" if kind == "websocket" else "bare_lab")
    messages: list[str] = []
    lab.page.on("console", lambda message: messages.append(message.text))
    shown = "display(server)\ndisplay(server.view(embed='shadow'))\n" * 3
    lab.open_cells([LOAD, APP + shown])
    lab.run_all()
    for nth in range(7):
        lab.inline_view(nth).expect_live(kind)
        lab.inline_view(nth).expect_text(".double", "2")
    lab.inline_view(6).set_slider(".slider", 4)
    for nth in range(7):
        lab.inline_view(nth).expect_text(".double", "8")
    assert not [text for text in messages if "initialize" in text]


STAND_STILL = """() => {
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
        if (blob.type === "text/javascript") {
            URL.createObjectURL = make;
            window.stood = true;
            const end = performance.now() + 2100;
            while (performance.now() < end);
        }
        return make.call(URL, blob);
    };
}"""
"""The page stands still as the first code of a model is loaded, for longer than anywidget gives it."""


@pytest.mark.parametrize("kind", [pytest.param("websocket", marks=pytest.mark.long), "comm"])
def test_views_come_although_their_code_was_late(kind: str, request: pytest.FixtureRequest) -> None:
    lab: Lab = request.getfixturevalue("lab" if kind == "websocket" else "bare_lab")
    show = "view = server.view(embed='shadow')\ndisplay(view)\nstate.trame__title = 'Later'\n"
    lab.open_cells([LOAD, APP + show, "display(server)\ndisplay(view)"])
    lab.watch.expected.append("Failed to initialize model")
    lab.page.evaluate(STAND_STILL)
    lab.run(0)
    lab.run(1)
    for nth in range(2):
        lab.inline_view(nth).expect_live(kind)
        lab.inline_view(nth).expect_text(".double", "2")
    assert lab.page.evaluate("window.stood")
    lab.inline_view(0).exercise_controls()
    lab.inline_view(1).expect_text(".double", "44")
    lab.run(2)
    for nth in (2, 3):
        expect(lab.inline_view(nth).find(".jt-frame")).to_have_attribute("aria-label", "Later")


SLOW_START = APP.replace(
    'server = Server("counter")\n',
    """server = Server("counter")
import time
begin = time.monotonic()
while time.monotonic() < begin + 5:
    time.sleep(0.01)
""",
)
"""A cell that reads a large file, say, between the server and its start."""

WATCH_NOTICES = """() => {
    window.notices = [];
    const look = () => {
        for (const host of document.querySelectorAll("[data-jupyter-trame]")) {
            const text = host.shadowRoot?.querySelector(".jt-notice")?.textContent;
            if (text && !window.notices.includes(text)) window.notices.push(text);
        }
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.mark.parametrize("kind", ["websocket", pytest.param("comm", marks=pytest.mark.long)])
def test_a_server_whose_cell_takes_its_time_is_being_started(
    kind: str, request: pytest.FixtureRequest
) -> None:
    lab: Lab = request.getfixturevalue("lab" if kind == "websocket" else "bare_lab")
    lab.open_cells([LOAD, APP, SLOW_START.replace("display(server)", "")])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    view.set_slider(".slider", 7)
    view.expect_text(".double", "14")
    lab.run(1)  # again, a moment before
    view.expect_text(".double", "2")
    lab.page.evaluate(WATCH_NOTICES)
    lab.run(2, wait=False)
    expect(view.find(".jt-notice")).to_contain_text("The server is being started.", timeout=30_000)
    view.expect_live(kind)
    expect(view.find(".jt-notice")).to_have_count(0)
    view.set_slider(".slider", 9)
    view.expect_text(".double", "18")
    notices = lab.page.evaluate("window.notices")
    assert not [notice for notice in notices if "run its cell" in notice], notices


def test_a_server_that_no_cell_starts_is_said_to_be_none(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, 'made = Server("counter")'])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    view.expect_live("websocket")
    lab.run(2)
    expect(view.find(".jt-notice")).to_contain_text("Run its cell again", ignore_case=True, timeout=30_000)
    lab.run(1)
    view.expect_live("websocket")
    view.expect_text(".double", "2")
