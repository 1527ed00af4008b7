"""The kernel is started again, crashes, is shut down and interrupted: each place says the reason, and comes back."""

import os
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.e2e.conftest import MakeLab, MakePage
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.servers import TOKEN, JupyterServer

SOON = 2.0
"""Seconds within which a view says what happened."""
PID = "import os; print(os.getpid())"
NOTE_TIME = """(host) => {
    host.told = new Promise((resolve) => {
        const look = () => {
            const notice = (host.shadowRoot ?? host).querySelector(".jt-notice-text");
            if (notice && notice.checkVisibility()) resolve(Date.now());
            else setTimeout(look, 20);
        };
        look();
    });
}"""
"""Notes when the view says something over its last picture."""


@dataclass
class Places:
    """One app in a cell, in a tab of the lab and on a page of its own."""

    lab: Lab
    views: dict[str, View]

    @property
    def kernel(self) -> str:
        return f"kernels/{self.lab.kernel_id()}"

    def say_within(self, event: Callable[[], object], reason: str) -> None:
        """After `event` each view says `reason`, the first word of it soon; the last picture stays."""
        for view in self.views.values():
            view.host.evaluate(NOTE_TIME)
        begun = time.time()
        event()
        for place, view in self.views.items():
            expect(view.find(".jt-notice-text")).to_have_text(re.compile(reason))
            took = view.host.evaluate("(host) => host.told") / 1000 - begun
            print(f"{place}: told after {took:.2f} s")
            assert took < SOON, f"{place} told after {took:.2f} s"
            view.expect_text(".double", "14")

    def come_back(self) -> None:
        """The cells run again: each view is live in place, with what the app begins with."""
        self.lab.run(0)
        self.lab.run(1)
        for view in self.views.values():
            view.expect_live("websocket")
            expect(view.find(".jt-notice")).to_have_count(0)
            view.expect_text(".double", "2")
        self.views["page"].set_slider(".slider", 7)
        for view in self.views.values():
            view.expect_text(".double", "14")


def show(lab: Lab, page: Page) -> Places:
    lab.watch.expected += ["trame/", "api/kernels", "Kernel", "Canceled future"]
    lab.open_cells([LOAD, APP, "server.open('right')", PID])
    lab.run_all()
    page.goto(f"{lab.server.url}trame/{lab.kernel_id()}/counter/?token={TOKEN}")
    places = Places(
        lab, {"cell": lab.inline_view(), "tab": lab.tab_view(), "page": View(page.locator(HOST), page)}
    )
    for view in places.views.values():
        view.expect_live("websocket")
    places.views["page"].set_slider(".slider", 7)
    for view in places.views.values():
        view.expect_text(".double", "14")
    return places


def test_each_view_says_what_happened_to_the_kernel_and_comes_back(
    make_lab: MakeLab, make_page: MakePage, lab_server: JupyterServer
) -> None:
    lab = make_lab(lab_server)
    page, watch = make_page(lab_server)
    watch.expected += ["trame/"]
    places = show(lab, page)

    lab.server.api(f"{places.kernel}/interrupt", "POST")
    places.views["page"].find(".button").click()
    for view in places.views.values():
        view.expect_text(".double", "16")
        expect(view.find(".jt-notice")).to_have_count(0)
    places.views["page"].set_slider(".slider", 7)
    for view in places.views.values():
        view.expect_text(".double", "14")

    places.say_within(lab.restart_kernel, "run its cell again")
    places.come_back()

    lab.run(3)
    pid = int(lab.text_output(3))
    places.say_within(lambda: os.kill(pid, signal.SIGKILL), "run its cell again|does not answer")
    # JupyterLab tells of it when the server has started another one.
    lab.page.get_by_role("button", name="Ok", exact=True).click()
    lab.wait_idle()
    places.come_back()

    places.say_within(lambda: lab.server.api(places.kernel, "DELETE"), "The kernel was shut down")
