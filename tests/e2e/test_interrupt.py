"""Interrupting the kernel stops what hangs in a callback and nothing else."""

import os
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import MakeLab
from tests.e2e.lab import Lab
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.servers import JupyterServer, wait_until

HANGING = """
import pathlib
def press():
    pathlib.Path("hanging").touch()
    while True:
        pass
"""
PENDING = """
import asyncio, pathlib
async def press():
    pathlib.Path("hanging").touch()
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        state.echo = "cancelled"
        state.flush()
        raise
"""


def interrupt(lab: Lab, times: int = 1) -> None:
    kernel = lab.kernel_id()
    for _ in range(times):
        lab.server.api(f"kernels/{kernel}/interrupt", "POST")


def press_and_wait(lab: Lab, code: str) -> None:
    marker: Path = lab.server.root / "hanging"
    lab.watch.expected += ["KeyboardInterrupt", "CancelledError", "interrupted", "cancelled"]
    lab.open_cells([LOAD, APP.replace("with DivLayout", f"{code}\nwith DivLayout")])
    lab.run_all()
    lab.inline_view().find(".button").click()
    wait_until(marker.exists, "the callback to start")


def test_a_callback_that_hangs_is_stopped(lab: Lab) -> None:
    press_and_wait(lab, HANGING)
    interrupt(lab)
    lab.inline_view().set_slider(".slider", 4)
    lab.inline_view().expect_text(".double", "8")


def test_a_pending_coroutine_is_cancelled(lab: Lab) -> None:
    press_and_wait(lab, PENDING)
    interrupt(lab)
    lab.inline_view().expect_text(".echo", "cancelled")
    lab.inline_view().set_slider(".slider", 4)
    lab.inline_view().expect_text(".double", "8")


@pytest.mark.long
def test_a_hundred_interrupts_leave_the_kernel_alive(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, "import os; print(os.getpid())"])
    lab.run_all()
    pid, view = lab.text_output(2), lab.inline_view()
    for value in range(1, 51):
        interrupt(lab)
        view.set_slider(".slider", value)
        interrupt(lab)
    view.set_slider(".slider", 60)
    view.expect_text(".double", "120")
    lab.run(2)
    assert lab.text_output(2) == pid


LONG = """
import pathlib, time
pathlib.Path("long").touch()
while True:
    time.sleep(0.01)
"""


def interrupt_from_the_view(lab: Lab, kind: str) -> None:
    """A long cell runs, a button of the app waits for it, and the view's own button ends it."""
    marker: Path = lab.server.root / "long"
    lab.watch.expected += ["KeyboardInterrupt"]
    lab.open_cells([LOAD, APP, LONG])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    view.expect_live(kind)
    view.expect_text(".double", "2")
    lab.run(2, wait=False)
    wait_until(marker.exists, "the cell to run")
    button = view.find(".jt-mark-interrupt")
    expect(button).to_be_hidden()
    view.find(".button").click()
    expect(view.find(".jt-mark-text")).to_have_text("kernel busy, 1 waiting")
    button.click()
    view.expect_text(".double", "4")
    expect(button).to_be_hidden()
    expect(view.find(".jt-mark-text")).to_have_text(f"live · {kind}")
    lab.wait_output(2, "KeyboardInterrupt")
    view.set_slider(".slider", 4)
    view.expect_text(".double", "8")


def test_a_view_tells_that_it_waits_and_ends_the_cell(lab: Lab) -> None:
    interrupt_from_the_view(lab, "websocket")


@pytest.mark.long
def test_a_view_on_the_comm_does_so_by_rest(bare_lab: Lab) -> None:
    interrupt_from_the_view(bare_lab, "comm")


def test_a_call_that_takes_its_time_is_no_busy_kernel(lab: Lab) -> None:
    """The coroutine waits, the kernel does not: nothing is told, and nothing is offered."""
    code = """
import asyncio
async def press():
    while not pathlib.Path("go-slow").exists():
        await asyncio.sleep(0.01)
    state.echo = "done"
"""
    lab.open_cells(["import pathlib", LOAD, APP.replace("with DivLayout", f"{code}\nwith DivLayout")])
    lab.run_all()
    view = lab.inline_view()
    view.find(".button").click()
    expect(view.find(".jt-mark")).to_have_attribute("data-busy", "true")
    view.page.wait_for_timeout(2500)  # time itself is what is looked at
    assert view.find(".jt-mark-text").text_content() == "live · websocket"
    (lab.server.root / "go-slow").touch()
    view.expect_text(".echo", "done")


MAY_NOT = """
const original = window.fetch;
window.asked = 0;
window.fetch = (input, init) => {
    const url = String(input.url ?? input);
    if (!url.includes("/api/me?permissions=") || !url.includes("write")) return original(input, init);
    window.asked += 1;
    return Promise.resolve(new Response('{"identity": {}, "permissions": {"kernels": []}}'));
};
"""
"""A server that lets nobody write to kernels, for which views ask; the lab itself asks who may execute.

What the real one answers is tests/extension/test_websocket.py's."""


def test_who_may_not_interrupt_is_offered_nothing(make_lab: MakeLab, lab_server: JupyterServer) -> None:
    """The Jupyter server decides, and is asked once a page: this one is nobody else's."""
    lab = make_lab(lab_server)
    lab.page.add_init_script(MAY_NOT)
    marker: Path = lab.server.root / "long"
    lab.watch.expected += ["KeyboardInterrupt"]
    lab.open_cells([LOAD, APP, LONG])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    view.expect_live("websocket")
    view.expect_text(".double", "2")
    lab.run(2, wait=False)
    wait_until(marker.exists, "the cell to run")
    view.find(".button").click()
    expect(view.find(".jt-mark-text")).to_have_text("kernel busy, 1 waiting")
    lab.page.wait_for_function("window.asked === 1")
    view.find(".text").fill("more")
    expect(view.find(".jt-mark-text")).to_have_text("kernel busy, 2 waiting")
    expect(view.find(".jt-mark-interrupt")).to_be_hidden()
    assert lab.page.evaluate("window.asked") == 1
    interrupt(lab)
    view.expect_text(".echo", "more/a")


def test_a_kernel_that_is_not_heard_at_all_is_not_called_busy(lab: Lab) -> None:
    """Its whole process stands still, so nobody knows whether it is at work or the way to it is slow."""
    lab.open_cells([LOAD, APP, "import os; print(os.getpid())"])
    lab.run_all()
    view, pid = lab.inline_view(), int(lab.text_output(2))
    view.expect_live("websocket")
    os.kill(pid, signal.SIGSTOP)
    try:
        view.find(".button").click()
        expect(view.find(".jt-mark-text")).to_have_text(
            re.compile(r"no answer for \d+ s: the kernel is busy or the connection is slow")
        )
    finally:
        os.kill(pid, signal.SIGCONT)
    view.expect_text(".double", "4")
    expect(view.find(".jt-mark-text")).to_have_text("live · websocket")
