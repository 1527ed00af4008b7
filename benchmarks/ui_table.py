"""What a table of `jupyter_trame.ui` with many rows costs a page: first rows, scrolling, one changed cell."""

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.measure import Sample, interleave, percentile, warm
from tests.e2e.conftest import FLAGS, chromium
from tests.e2e.servers import isolated_environment, running, wait_until
from tests.support.ports import free_port

__all__ = ["ROWS", "Cost", "measure"]

ROWS = {"many": 100_000, "few": 100}
ROUNDS = 7
FRAMES = 300

PROGRAM = """
import sys
import numpy as np
import pandas as pd
from jupyter_trame import ui

count = int(sys.argv[2])
random = np.random.default_rng(1)
rows = pd.DataFrame({
    "number": np.arange(count),
    "share": random.random(count),
    "weight": random.normal(size=count),
    "name": [f"row {number % 977}" for number in range(count)],
    "day": pd.date_range("2020", periods=count, freq="min"),
    "flag": np.arange(count) % 3 == 0,
})
with ui.app("table") as app:
    ui.table("rows", rows)

@app.trigger("change")
def change():
    rows.loc[3, "share"] += 1
    app.state.dirty("rows")

app.start(port=int(sys.argv[1]), open_browser=False)
"""

FIRST_ROW = """
const look = () => {
  if (!document.querySelector(".jt-table-row td")) requestAnimationFrame(look);
  // What this frame has drawn is painted when the next one begins.
  else requestAnimationFrame(() => { window.firstRow = performance.now(); });
};
look();
"""
"""Milliseconds from the navigation until the first rows are painted."""

SCROLL = """
async (frames) => {
  const area = document.querySelector(".jt-table-area");
  for (let frame = 0; frame < frames; frame += 1) {
    // Now and then far away, where no row is known yet.
    area.scrollTop += frame % 60 === 59 ? 300000 : 137;
    await new Promise(requestAnimationFrame);
  }
}
"""

FRAME = "FireAnimationFrame"
"""Happens once a frame, since the page asks for each."""
SCRIPT = frozenset(
    (
        FRAME,
        "BlinkScheduler_PerformMicrotaskCheckpoint",
        "EventDispatch",
        "FunctionCall",
        "RunMicrotasks",
        "TimerFire",
    )
)
"""What the browser calls the times in which a page's script runs."""


@dataclass(frozen=True)
class Cost:
    """What a page pays."""

    first_rows: dict[str, Sample]
    """Seconds from the navigation to the first rows, by `ROWS`."""
    scripts: list[float]
    """Seconds of script in each frame of scrolling through many."""
    change: int
    """Bytes that one changed cell of many brings to a page."""


@contextmanager
def _apps() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = folder / "app.py"
        program.write_text(PROGRAM)
        environment = isolated_environment(folder)
        with _app(program, "many", environment) as many, _app(program, "few", environment) as few:
            yield {"many": many, "few": few}


@contextmanager
def _app(program: Path, size: str, environment: dict[str, str]) -> Iterator[str]:
    port, log = free_port(), program.with_name(f"{size}.log")
    command = [sys.executable, str(program), str(port), str(ROWS[size])]
    with running(command, f"http://localhost:{port}/", log, environment, program.parent):
        found = wait_until(lambda: re.search(r"http://localhost:\S+", log.read_text()), "the address")
        yield found.group()


def _first_rows(browser: Browser, address: str) -> list[float]:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(FIRST_ROW)
    page.goto(address)
    milliseconds = page.wait_for_function("window.firstRow").json_value()
    context.close()
    return [milliseconds / 1e3]


def _scripts(browser: Browser, page: Page) -> list[float]:
    page.evaluate(SCROLL, 60)
    browser.start_tracing(page=page, categories=["devtools.timeline", "toplevel"])
    page.evaluate(SCROLL, FRAMES)
    trace = json.loads(browser.stop_tracing())
    return list(_by_frame(trace["traceEvents"]))


def _by_frame(events: list[dict[str, Any]]) -> Iterator[float]:
    """Seconds of script of the page's thread, from each frame to the next."""
    frames = [event for event in events if event["name"] == FRAME]
    page = {(event["pid"], event["tid"]) for event in frames}
    scripts = [
        event
        for event in events
        if event["name"] in SCRIPT and "dur" in event and (event["pid"], event["tid"]) in page
    ]
    ends = 0.0
    spent: list[tuple[float, float]] = []
    for event in sorted(scripts, key=lambda event: event["ts"]):
        if event["ts"] >= ends:  # else it is within another one
            spent.append((event["ts"], event.get("tdur", event["dur"])))
            ends = event["ts"] + event["dur"]
    starts = sorted(event["ts"] for event in frames)
    for start, end in pairwise(starts):
        yield sum(duration for ts, duration in spent if start <= ts < end) / 1e6


def _change(page: Page, received: list[int]) -> int:
    """Bytes of all frames that come until the page shows what another one has changed."""
    before = page.locator("[data-index='3'] td").nth(1).inner_text()
    received.clear()
    page.evaluate("() => window.trame.trigger('change')")
    changed = f"document.querySelectorAll('[data-index=\\'3\\'] td')[1].textContent !== {json.dumps(before)}"
    page.wait_for_function(changed)
    return sum(received)


def measure() -> Cost:
    """Both tables in one browser, in turn."""
    with sync_playwright() as playwright, _apps() as addresses:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        cases = {
            size: (lambda address=address: _first_rows(browser, address))
            for size, address in addresses.items()
        }
        for case in cases.values():
            warm(case)
        first_rows = interleave(cases, ROUNDS)
        page = browser.new_page()
        received: list[int] = []
        page.on(
            "websocket", lambda socket: socket.on("framereceived", lambda data: received.append(len(data)))
        )
        page.goto(addresses["many"])
        page.wait_for_selector(".jt-table-row td")
        change = _change(page, received)
        scripts = _scripts(browser, page)
        browser.close()
    return Cost(first_rows, scripts, change)


if __name__ == "__main__":
    cost = measure()
    for size, sample in cost.first_rows.items():
        print(f"{ROWS[size]} rows: first ones after {sample.p50 * 1e3:.0f} ms")
    print(
        f"script while scrolling: {percentile(cost.scripts, 0.95) * 1e3:.2f} ms a frame (p95 of {len(cost.scripts)})"
    )
    print(f"one changed cell: {cost.change} bytes")
