"""The same app where our server extension is not loaded: everything goes over the widget's comm."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Error

from tests.e2e.conftest import OURS, MakeLab
from tests.e2e.lab import Lab
from tests.e2e.notebooks import APP, BLOCKING_LOOP, LOAD
from tests.e2e.servers import JupyterServer, wait_until
from tests.support import RUNTIME


def test_every_control_works_over_the_comm(bare_lab: Lab) -> None:
    bare_lab.open_cells([LOAD, APP, "print(state.n, state.word, state.choice)"])
    bare_lab.run_all()
    view = bare_lab.inline_view()
    view.expect_live("comm")
    view.exercise_controls()
    bare_lab.run(2)
    assert bare_lab.text_output(2) == "22 héllo b\n"


def test_progress_is_seen_while_the_cell_blocks(bare_lab: Lab, bare_server: JupyterServer) -> None:
    bare_lab.open_cells([LOAD, APP, BLOCKING_LOOP])
    bare_lab.run(0)
    bare_lab.run(1)
    bare_lab.inline_view().expect_live("comm")
    bare_lab.run(2, wait=False)
    for step in range(1, 6):
        bare_lab.inline_view().expect_text(".progress-text", str(step))
        (bare_server.root / f"go-{step}").touch()
    bare_lab.wait_idle()


def test_two_views_stay_equal(bare_lab: Lab) -> None:
    bare_lab.open_cells([LOAD, APP, "display(server)"])
    bare_lab.run_all()
    bare_lab.inline_view(0).set_slider(".slider", 11)
    bare_lab.inline_view(1).expect_text(".double", "22")
    bare_lab.inline_view(1).find(".button").click()
    bare_lab.inline_view(0).expect_text(".double", "24")


@pytest.mark.long
def test_reload_brings_the_app_back(own_bare_lab: Lab) -> None:
    path = own_bare_lab.open_cells([LOAD, APP])
    own_bare_lab.run_all()
    own_bare_lab.inline_view().set_slider(".slider", 5)
    own_bare_lab.inline_view().expect_text(".double", "10")
    own_bare_lab.save()
    own_bare_lab.reload()
    own_bare_lab.open(path.name)
    own_bare_lab.inline_view().expect_text(".double", "10")
    own_bare_lab.inline_view().find(".button").click()
    own_bare_lab.inline_view().expect_text(".double", "12")


def test_no_request_of_ours_is_retried_forever(bare_lab: Lab) -> None:
    bare_lab.open_cells([LOAD, APP])
    bare_lab.run_all()
    bare_lab.inline_view().exercise_controls()
    tried = [url for url in (*bare_lab.watch.requests, *bare_lab.watch.sockets) if OURS.search(url)]
    assert len(tried) <= 4, tried


IMPATIENT = f"""\
{LOAD}
from functools import partial
from jupyter_trame.kernel import host
from jupyter_trame.protocol import Limits
host.KernelLinks = partial(host.KernelLinks, limits=Limits(comm_beat=0.5, comm_silence=5.0, grace={{grace}}))
"""
"""Pages are given up after five seconds of silence."""

STATES = """(host) => {
    window.states = [];
    const mark = host.querySelector(".jt-mark") ?? host.shadowRoot.querySelector(".jt-mark");
    new MutationObserver(() => window.states.push(mark.dataset.state)).observe(mark, { attributes: true });
}"""
"""Has the page write down what the status mark says."""

COUNT = f"print(len({RUNTIME}.primary.clients))"


@pytest.mark.long
def test_a_page_that_crashes_leaves_and_another_one_stays(
    bare_lab: Lab, make_lab: MakeLab, bare_server: JupyterServer
) -> None:
    path = bare_lab.open_cells([IMPATIENT.format(grace=0.5), APP, COUNT])
    bare_lab.run_all()
    bare_lab.inline_view().expect_live("comm")
    bare_lab.save()
    other = make_lab(bare_server)
    other.start()
    other.open(path.name)
    other.inline_view().expect_live("comm")
    bare_lab.run(2)
    assert bare_lab.text_output(2) == "2\n"
    with pytest.raises(Error):
        other.page.goto("chrome://crash", timeout=5000)

    def alone() -> bool:
        bare_lab.run(2)
        return bare_lab.text_output(2) == "1\n"

    wait_until(alone, "the page that crashed to leave")
    bare_lab.inline_view().set_slider(".slider", 21)
    bare_lab.inline_view().expect_text(".double", "42")


LOST = """\
import logging
logger = logging.getLogger("jupyter_trame.kernel.attendance")
logger.setLevel("INFO")
logger.addHandler(logging.FileHandler("lost.log"))
state.connected = 0
@ctrl.add("on_client_connected")
def connected(**_):
    state.connected += 1
"""


@contextmanager
def asleep(browser: Browser) -> Iterator[None]:
    """Nothing runs in any page of `browser`, as on a machine that sleeps."""
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [int(process["id"]) for process in processes if process["type"] == "renderer"]
    for pid in pages:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pages:
            os.kill(pid, signal.SIGCONT)


def test_a_page_that_slept_resumes(bare_lab: Lab, bare_server: JupyterServer, browser: Browser) -> None:
    bare_lab.open_cells([IMPATIENT.format(grace=60.0), APP, LOST, "print(state.connected)"])
    bare_lab.run_all()
    view = bare_lab.inline_view()
    view.expect_live("comm")
    view.find(".text").fill("unsent")
    view.expect_text(".echo", "unsent/a")
    bare_lab.run(3)
    connected = bare_lab.text_output(3)
    view.host.evaluate(STATES)
    log = bare_server.root / "lost.log"
    with asleep(browser):
        wait_until(lambda: "silent" in log.read_text("utf-8"), "the kernel to give the page up")
    bare_lab.page.wait_for_function("() => window.states.includes('lost')")
    view.expect_live("comm")
    view.set_slider(".slider", 21)
    view.expect_text(".double", "42")
    bare_lab.run(3)
    assert bare_lab.text_output(3) == connected
