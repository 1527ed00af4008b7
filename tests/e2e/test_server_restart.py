"""The Jupyter server is restarted or killed, its kernel goes on, and whoever was there is the same client as before."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from jupyter_trame.client import Client
from jupyter_trame.protocol import Limits
from tests.e2e.conftest import MakePage
from tests.e2e.kept_kernel import KeptKernel, kept_kernel
from tests.e2e.lab import HOST, View
from tests.e2e.loops import LoopThread
from tests.e2e.servers import wait_until

APP = """
import asyncio
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

server = Server("app")
state, ctrl = server.state, server.controller
state.update({"n": 0, "word": "", "done": ""})
heard, go = [], asyncio.Event()
ctrl.on_client_connected.add(lambda: heard.append("in"))
ctrl.on_client_exited.add(lambda: heard.append("out"))

@server.trigger("wait")
async def wait(name):
    heard.append(name)
    await go.wait()
    state.done = state.done + name
    return name

with DivLayout(server):
    html.Button("wait", click="trigger('wait', ['page'])", classes="wait")
    html.Input(type="text", v_model=("word",), classes="text")
    html.Span("{{ n }}", classes="n")
    html.Span("{{ done }}", classes="done")
server.start()
"""
GRACE = Limits().grace
SIGNALS = pytest.mark.parametrize(
    "sign", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.long)], ids=lambda sign: sign.name
)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[KeptKernel]:
    with kept_kernel(tmp_path) as kernel:
        kernel.run(APP)
        yield kernel


class Program:
    """A Python client."""

    def __init__(self, address: str) -> None:
        self.loop = LoopThread()
        self.client = Client(address)
        self.life = self.loop.start(self.client.connect(reconnect=True))
        self.loop.run(self.client.until_connected())

    def write(self, **values: Any) -> None:
        with self.client.state:
            self.client.state.update(values)

    def close(self) -> None:
        self.loop.run(self.client.disconnect())
        self.life.result(10)
        self.loop.close()


@pytest.fixture
def program(kernel: KeptKernel) -> Iterator[Callable[[], Program]]:
    programs: list[Program] = []

    def make() -> Program:
        programs.append(Program(kernel.socket))
        return programs[-1]

    yield make
    for each in programs:
        each.close()


def heard(kernel: KeptKernel) -> list[str]:
    return kernel.run("print(*heard)").split()


@pytest.mark.long
@SIGNALS
def test_a_python_client_goes_on(
    kernel: KeptKernel, program: Callable[[], Program], sign: signal.Signals
) -> None:
    one = program()
    session = one.client._exchange.session.client_id
    call = one.loop.start(one.client.call_trigger("wait", ["program"]))
    wait_until(lambda: heard(kernel) == ["in", "program"], "the call")
    kernel.end_server(sign)
    died = time.monotonic()
    wait_until(lambda: not one.client.connected, "that it is not connected")
    one.write(n=7)
    kernel.run("state.word = 'of the kernel'; state.flush(); go.set()")
    kernel.serve()
    wait_until(lambda: one.client.connected, "that it is back", GRACE)
    assert call.result(30) == "program"
    wait_until(lambda: kernel.run("print(state.n)").strip() == "7", "what was written meanwhile")
    wait_until(lambda: one.client.state.word == "of the kernel", "what changed meanwhile")
    assert one.client._exchange.session.client_id == session
    if sign == signal.SIGKILL:  # once is enough
        wait_until(lambda: time.monotonic() > died + GRACE + 2, "the end of the grace time", GRACE + 10)
    assert heard(kernel) == ["in", "program"]


@SIGNALS
def test_a_page_goes_on(kernel: KeptKernel, make_page: MakePage, sign: signal.Signals) -> None:
    page, watch = make_page(None)
    watch.expected += ["ERR_CONNECTION_REFUSED", "WebSocket", "Failed to load resource"]
    page.goto(kernel.page)
    view = View(page.locator(HOST))
    view.expect_live("websocket")
    view.find(".wait").click()
    wait_until(lambda: heard(kernel) == ["in", "page"], "the call")
    view.find(".text").focus()
    kernel.end_server(sign)
    died = time.monotonic()
    page.keyboard.type("kept")
    kernel.run("state.n = 5; state.flush(); go.set()")
    kernel.serve()
    view.expect_text(".n", "5")
    view.expect_text(".done", "page")
    wait_until(lambda: kernel.run("print(state.word)").strip() == "kept", "what was written meanwhile")
    expect(view.find(".text")).to_be_focused()
    if sign == signal.SIGTERM:
        wait_until(lambda: time.monotonic() > died + GRACE + 2, "the end of the grace time", GRACE + 10)
    assert heard(kernel) == ["in", "page"]
    page.reload()
    view.expect_text(".n", "5")
    wait_until(lambda: sorted(heard(kernel)) == ["in", "in", "out", "page"], "that the old page has left", 10)


@pytest.mark.long
def test_who_does_not_come_back_has_left(kernel: KeptKernel, program: Callable[[], Program]) -> None:
    one = program()
    wait_until(lambda: heard(kernel) == ["in"], "the client")
    kernel.end_server(signal.SIGKILL)
    one.loop.run(one.client.disconnect())
    kernel.serve()
    two = program()
    assert two.client._exchange.session.client_id != one.client._exchange.session.client_id
    wait_until(lambda: heard(kernel) == ["in", "in", "out"], "the end of the grace time", GRACE + 20)
