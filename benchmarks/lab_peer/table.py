"""Ours beside trame as JupyterLab's users run it: the same apps in the same lab, round by round in turn.

Trame shows its page in a frame, over its own JupyterLab extension where that is installed, from a port of its
own where not.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

from playwright.sync_api import Browser, Playwright, ViewportSize, sync_playwright

from benchmarks.jupyter import server
from benchmarks.lab_peer.apps import PEER, cells
from benchmarks.lab_peer.browser import lone_browser
from benchmarks.lab_peer.page import opened
from benchmarks.measure import Sample, interleave, ratio, warm
from tests.e2e.conftest import FLAGS, chromium
from tests.e2e.servers import JupyterServer

__all__ = ["rows"]

DISPLAYS = 5
"""Rounds of displays: each opens a browser profile and a kernel, some ten seconds."""
ROUNDS = 7
ROUND_TRIPS = 30
WINDOW: ViewportSize = {"width": 1280, "height": 900}
KINDS = ("ours", PEER)

Row = tuple[str, str, str, str]
"""What, measured, ratio with its range over the rounds, goal."""


def _displays(browser: Browser, running: JupyterServer, page: str) -> dict[str, Sample]:
    def display(kind: str) -> list[float]:
        # A profile without caches.
        with (
            browser.new_context(viewport=WINDOW) as context,
            opened(context, running, cells(kind, page)) as app,
        ):
            return [app.display()]

    return interleave({kind: partial(display, kind) for kind in KINDS}, DISPLAYS)


def _inline(playwright: Playwright, running: JupyterServer) -> Iterator[dict[str, Sample]]:
    """Round trips, then pushes, of two apps that are shown all the time."""
    with ExitStack() as stack:
        browsers = {kind: stack.enter_context(lone_browser(playwright)) for kind in KINDS}
        apps = {
            kind: stack.enter_context(opened(browser.context, running, cells(kind, "html")))
            for kind, browser in browsers.items()
        }
        for app in apps.values():
            app.display()
            app.wait_ready()
        yield _in_turn(lambda kind: apps[kind].round_trips(ROUND_TRIPS))
        yield _in_turn(lambda kind: [apps[kind].push(browsers[kind])])


def _in_turn(measure: Callable[[str], list[float]]) -> dict[str, Sample]:
    cases = {kind: partial(measure, kind) for kind in KINDS}
    for case in cases.values():
        warm(case)
    return interleave(cases, ROUNDS)


def _text(values: tuple[float, float, float]) -> str:
    middle, low, high = values
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _times(what: str, samples: dict[str, Sample], goal: str) -> Row:
    ours, theirs = samples["ours"], samples[PEER]
    measured = f"{ours.p50 * 1e3:.1f} ms, {PEER} {theirs.p50 * 1e3:.1f} ms"
    return what, measured, _text(ratio(ours, theirs)), goal


def _rates(what: str, samples: dict[str, Sample], goal: str) -> Row:
    """Samples are seconds a megabyte; the ratio is that of the rates."""
    ours, theirs = samples["ours"], samples[PEER]
    measured = f"{1 / ours.p50:.0f} MB/s, {PEER} {1 / theirs.p50:.0f} MB/s"
    return what, measured, _text(ratio(theirs, ours)), goal


def rows() -> Iterator[Row]:
    """One row a question, about three minutes."""
    with server() as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        html = _displays(browser, running, "html")
        yield _times("display in a cell to first text, html, cold", html, "<= 0.35")
        vuetify = _displays(browser, running, "vuetify3")
        yield _times("display in a cell to first text, vuetify 3, cold", vuetify, "<= 0.6")
        trips, pushes = _inline(playwright, running)
        yield _times("round trip of an input in a cell", trips, "p50 <= 2 ms")
        yield _rates("100 kB pushes to a cell, acknowledged by the page", pushes, ">= 5")
        browser.close()
