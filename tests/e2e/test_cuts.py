"""Views whose connections are cut, or pass nothing, and whose kernel is killed."""

import asyncio
import copy
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from playwright.sync_api import expect

from benchmarks.jupyter import execute, start_kernel
from tests.e2e.conftest import MakeLab, MakePage
from tests.e2e.lab import HOST, View
from tests.e2e.servers import TOKEN, JupyterServer, wait_until
from tests.faults.cutter import Cutter
from tests.faults.load import APP, REPORT, STOP, Writer, loaded
from tests.faults.processes import kernels

NAMES = ["cell", "page", "program"]
"""Who works: a view in a cell, one on a page of its own, and a Python client."""

LAYOUT = """
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
state.word = ""
for name in %r:
    follow(name)
with DivLayout(server):
    html.Div('''
<b class="driver" @write="set($event.detail[0], $event.detail[1])"
   @call="trigger($event.detail.method, $event.detail.args).then($event.detail.done, $event.detail.failed)"></b>
<input class="draft"><input class="word" v-model="word">
<div class="list" style="height: 60px; overflow: auto"><div v-for="n in 100">row {{ n }}</div></div>
<pre class="shown">{{ JSON.stringify([cell, page, program, cell_twice, page_twice, program_twice, word, ticks]) }}</pre>
    ''')
"""
SHOWN = "print(json.dumps([state[key] for key in %r]))"
KEYS = [*NAMES, *(f"{name}_twice" for name in NAMES), "word", "ticks"]

WORK = """(host, name) => {
    const driver = (host.shadowRoot ?? host).querySelector(".driver");
    const load = window.load = {written: 0, called: 0, uploads: 0, wrong: [], stopped: false, running: 0};
    const fire = (type, detail) => driver.dispatchEvent(new CustomEvent(type, {detail}));
    const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
    const random = (size) => {
        const bytes = new Uint8Array(size);
        for (let start = 0; start < size; start += 65536) crypto.getRandomValues(bytes.subarray(start, start + 65536));
        return bytes;
    };
    const sum = async (bytes) => {
        const found = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
        return [...found].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    };
    const call = async (method, more, expected) => {
        const number = ++load.called;
        const args = [name, number, ...more];
        const answer = new Promise((done, failed) => fire("call", {method, args, done, failed}));
        const said = JSON.stringify(await answer.catch((error) => `failed: ${error.message}`));
        const right = JSON.stringify(expected ?? [name, number]);
        if (said !== right) load.wrong.push(`${method} ${number}: ${said}, not ${right}`);
    };
    const again = async (work, time) => {
        load.running += 1;
        while (!load.stopped) {
            await work();
            await pause(time);
        }
        load.running -= 1;
    };
    again(async () => fire("write", [name, ++load.written]), 20);
    again(() => call("add", []), 10);
    again(() => call("slow", []), 10);
    again(async () => {
        const content = random(3 << 20);
        await call("take", [new File([content], "file.bin")], await sum(content));
        load.uploads += 1;
    }, 200);
    again(async () => fire("write", [`${name}_large`, random(700_000)]), 500);
}"""
"""Has a view write, call and upload; what it did is in `window.load`."""

PLACE = """(host) => {
    const root = host.shadowRoot ?? host;
    const active = host.shadowRoot ? root.activeElement : document.activeElement;
    return [active.className, root.querySelector(".draft").value, root.querySelector(".list").scrollTop];
}"""
"""Where the focus is, the text that no state has, and how far the list is scrolled."""


@pytest.fixture
def cutter(lab_server: JupyterServer) -> Iterator[Cutter]:
    cutter = Cutter(int(lab_server.url.rpartition(":")[2].strip("/")), seed=3)
    yield cutter
    cutter.close()


def proxied(server: JupyterServer, cutter: Cutter) -> JupyterServer:
    """The same server, at the address of the proxy."""
    other = copy.copy(server)
    other.url = f"http://127.0.0.1:{cutter.port}/"
    return other


def page_of(server: JupyterServer, kernel: str) -> str:
    return f"{server.url}trame/{kernel}/faults/?token={TOKEN}"


@contextmanager
def program(url: str) -> Iterator[Writer]:
    """A Python client at work on a thread of its own, until the end of the block."""
    stopped = threading.Event()
    writer = Writer(url, "program")

    async def main() -> None:
        await writer.start()
        async with loaded([writer], stopped.is_set):
            pass
        await writer.stop()

    with ThreadPoolExecutor(1) as threads:
        done = threads.submit(asyncio.run, main())
        try:
            yield writer
        finally:
            stopped.set()
        done.result(60)


@pytest.mark.parametrize("cuts", [5, pytest.param(50, marks=pytest.mark.long)])
def test_cuts_under_load(
    lab_server: JupyterServer, cutter: Cutter, make_lab: MakeLab, make_page: MakePage, cuts: int
) -> None:
    server = proxied(lab_server, cutter)
    lab = make_lab(server)
    lab.open_cells([APP.replace("server.start()", LAYOUT % NAMES + "server.start()"), "server"])
    lab.run_all()
    kernel = lab.kernel_id()
    page, watch = make_page(server)
    page.goto(page_of(server, kernel))
    views = {"cell": lab.inline_view(), "page": View(page.locator(HOST))}
    for each in (watch, lab.watch):
        each.expected += ["WebSocket connection", "Failed to load resource", "ERR_"]
    for view in views.values():
        view.expect_live("websocket")
        view.find(".list").evaluate("(list) => { list.scrollTop = 300; }")
        view.find(".draft").click()
        view.type("unsaved ")
    views["page"].find(".word").click()
    typed, began = 0, time.monotonic()
    with program(f"ws{server.url[4:]}trame/{kernel}/faults/ws?token={TOKEN}") as writer:
        for name, view in views.items():
            view.host.evaluate(WORK, name)
        wait_until(lambda: writer.uploads, "the program at work")
        cutter.cut_randomly(cuts)
        while cutter.left:
            typed += 1
            for view in views.values():
                view.type("ab ")
        print(f"{cuts} cuts in {time.monotonic() - began:.0f} s")
        loads = {name: finish(view) for name, view in views.items()}
    loads["program"] = {"written": writer.written, "called": writer.calls, "uploads": writer.uploads}
    print(*loads.items(), sep="\n")
    assert all(load["uploads"] for load in loads.values())
    execute(lab_server, kernel, STOP)
    once = {name: [load["called"], 0, load["written"], 0] for name, load in loads.items()}

    def report() -> list[Any]:
        found: list[Any] = json.loads(execute(lab_server, kernel, REPORT))
        return found[:2]

    with suppress(TimeoutError):
        wait_until(lambda: report() == [once, {"in": 3, "out": 1}], "all that was sent", 10)
    assert report() == [once, {"in": 3, "out": 1}], "the program has left"
    shown = json.loads(execute(lab_server, kernel, SHOWN % KEYS))
    assert shown[KEYS.index("word")] == "ab " * typed
    for view in views.values():
        expect(view.find(".shown")).to_have_text(json.dumps(shown, separators=(",", ":")))
    assert views["cell"].host.evaluate(PLACE) == ["draft", "unsaved " + "ab " * typed, 300]
    assert views["page"].host.evaluate(PLACE) == ["word", "unsaved ", 300]


def finish(view: View) -> dict[str, int]:
    """What the view did, when all of it is answered."""
    view.page.evaluate("() => { window.load.stopped = true; }")
    view.page.wait_for_function("() => window.load.running === 0", timeout=60_000)
    load: dict[str, int] = view.page.evaluate("() => window.load")
    assert load["wrong"] == []
    return load


APP_OF_ONE = """
import asyncio
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
server = Server("faults")
state = server.state
state.update({"n": 0, "word": "", "done": ""})
heard, go = [], asyncio.Event()
server.controller.on_client_connected.add(lambda: heard.append("in"))
server.controller.on_client_exited.add(lambda: heard.append("out"))

@server.trigger("wait")
async def wait():
    heard.append("call")
    await go.wait()
    state.done = "done"

with DivLayout(server):
    html.Button("wait", click="trigger('wait')", classes="wait")
    html.Input(type="text", v_model=("word",), classes="text")
    html.Span("{{ n }}", classes="n")
    html.Span("{{ done }}", classes="done")
server.start()
"""


@pytest.fixture
def kernel(lab_server: JupyterServer) -> Iterator[str]:
    kernel = start_kernel(lab_server)
    execute(lab_server, kernel, APP_OF_ONE)
    yield kernel
    lab_server.shut_kernels_down()


def test_a_connection_that_passes_nothing_is_replaced(
    lab_server: JupyterServer, cutter: Cutter, kernel: str, make_page: MakePage
) -> None:
    """As behind a router that forgot it, when a laptop has its network again."""
    page, watch = make_page(lab_server)
    page.goto(page_of(proxied(lab_server, cutter), kernel))
    view = View(page.locator(HOST))
    view.expect_live("websocket")
    view.find(".wait").click()
    wait_until(lambda: execute(lab_server, kernel, "print(*heard)").split() == ["in", "call"], "the call")
    view.find(".text").click()
    cutter.silence()
    silent = time.monotonic()
    view.type("kept")
    execute(lab_server, kernel, "state.n = 5; state.flush(); go.set()")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect(view.find(".n")).to_have_text("5", timeout=30_000)
    print(f"back after {time.monotonic() - silent:.1f} s")
    view.expect_text(".done", "done")
    expect(view.find(".text")).to_be_focused()
    wait_until(
        lambda: execute(lab_server, kernel, "print(state.word)") == "kept\n", "what was typed meanwhile"
    )
    assert execute(lab_server, kernel, "print(*heard)").split() == ["in", "call"]
    assert len(watch.sockets) == 2


def test_a_killed_kernel(lab_server: JupyterServer, kernel: str, make_page: MakePage) -> None:
    page, _ = make_page(lab_server)
    page.goto(page_of(lab_server, kernel))
    view = View(page.locator(HOST))
    view.expect_live("websocket")
    execute(lab_server, kernel, "state.n = 5; state.flush()")
    view.expect_text(".n", "5")
    pid, before = int(execute(lab_server, kernel, "import os; print(os.getpid())")), kernels(lab_server.pid)
    os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    expect(view.find(".jt-mark")).to_have_attribute("data-state", "lost")
    print(f"told after {(time.monotonic() - killed) * 1000:.0f} ms")
    expect(view.find(".jt-notice")).to_be_visible()
    view.expect_text(".n", "5")
    wait_until(lambda: kernels(lab_server.pid) - before, "jupyter-server to start another one")
    execute(lab_server, kernel, APP_OF_ONE)
    view.expect_live("websocket")
    view.expect_text(".n", "0")
    expect(view.find(".jt-notice")).to_have_count(0)
