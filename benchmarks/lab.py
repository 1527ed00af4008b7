"""Round trip of a state change in Chromium, in a real JupyterLab: from an input's event to the text it causes.

Two servers: one with our extension (the view uses its websocket), one without (the view uses the widget's comm). In
the latter a bare echo comm of the same page is the floor.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.jupyter import server
from benchmarks.measure import Sample, interleave, ratio, warm
from tests.e2e.conftest import FLAGS, chromium
from tests.e2e.lab import Lab

__all__ = ["measure"]

ROUND_TRIPS = 100
ROUNDS = 5

APP = """\
%load_ext jupyter_trame
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
server = Server("echo")
server.state.update({"x": "0", "y": "0"})
@server.change("x")
def follow(x, **_):
    server.state.y = x
with DivLayout(server):
    html.Input(v_model=("x",), classes="x")
    html.Span("{{ y }}", classes="y")
server
"""

ECHO = """\
def opened(comm, message):
    comm.on_msg(lambda message: comm.send(message["content"]["data"]))
get_ipython().kernel.comm_manager.register_target("echo", opened)
"""

STATE = """async ([count, start]) => {
    const root = document.querySelector("[data-jupyter-trame]").shadowRoot;
    const input = root.querySelector(".x");
    const output = root.querySelector(".y");
    const times = [];
    for (let i = start; i < start + count; i += 1) {
        const seen = new Promise((resolve) => {
            const observer = new MutationObserver(() => {
                if (output.textContent === String(i)) { observer.disconnect(); resolve(); }
            });
            observer.observe(output, { subtree: true, characterData: true, childList: true });
        });
        const begin = performance.now();
        input.value = String(i);
        input.dispatchEvent(new Event("input", { bubbles: true }));
        await seen;
        times.push((performance.now() - begin) / 1000);
    }
    return times;
}"""

COMM = """async ([count, start]) => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    if (window.echoComm === undefined) {
        window.echoComm = kernel.createComm("echo");
        await window.echoComm.open().done;
    }
    const times = [];
    for (let i = start; i < start + count; i += 1) {
        const seen = new Promise((resolve) => {
            window.echoComm.onMsg = (message) => { if (message.content.data.i === i) resolve(); };
        });
        const begin = performance.now();
        window.echoComm.send({ i });
        await seen;
        times.push((performance.now() - begin) / 1000);
    }
    return times;
}"""


@contextmanager
def _lab(browser: Browser, *, extension: bool) -> Iterator[Lab]:
    """The app in a notebook, shown and connected."""
    with server(extension=extension) as running:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        lab = Lab(context, running)
        lab.open_cells([APP, ECHO], name=f"{uuid.uuid4().hex}.ipynb")
        lab.run_all()
        lab.inline_view().expect_live("websocket" if extension else "comm")
        yield lab
        context.close()


def measure() -> dict[str, Sample]:
    """Websocket, comm and bare comm in turn."""
    counter = iter(range(1, 10**9, ROUND_TRIPS))

    def times(lab: Lab, script: str) -> list[float]:
        found: Any = lab.page.evaluate(script, [ROUND_TRIPS, next(counter)])
        return [float(seconds) for seconds in found]

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        with _lab(browser, extension=True) as fast, _lab(browser, extension=False) as bare:
            cases = {
                "websocket": lambda: times(fast, STATE),
                "comm": lambda: times(bare, STATE),
                "bare comm": lambda: times(bare, COMM),
            }
            for case in cases.values():
                warm(case)
            result = interleave(cases, ROUNDS)
        browser.close()
    return result


if __name__ == "__main__":
    samples = measure()
    for name, sample in samples.items():
        print(f"{name}: p50 {sample.p50 * 1e3:.2f} ms, p95 {sample.p95 * 1e3:.2f} ms")
    print("comm / bare comm: {:.2f} ({:.2f} .. {:.2f})".format(*ratio(samples["comm"], samples["bare comm"])))
