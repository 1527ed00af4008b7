"""Display in a cell to first text behind a Kernel Gateway: an app beside a widget that shows the same text.

Each display is in a fresh browser profile, with a fresh kernel of the same gateway; the clock is in the page.
"""

from functools import partial

from playwright.sync_api import sync_playwright

from benchmarks.gateway import far
from benchmarks.lab_peer.apps import SHOWN, cells
from benchmarks.lab_peer.page import opened
from benchmarks.measure import Sample, interleave, ratio, warm
from tests.e2e.conftest import FLAGS, chromium

__all__ = ["measure"]

ROUNDS = 7

SCRIPT = """
export default { render({ model, el }) {
    const text = document.createElement("p");
    text.className = "bench-text";
    text.textContent = model.get("shown");
    el.append(text);
} }
"""
WIDGET = f"""
import anywidget, traitlets
class Shown(anywidget.AnyWidget):
    _esm = {SCRIPT!r}
    shown = traitlets.Unicode({SHOWN!r}).tag(sync=True)
"""
CELLS = {"app": cells("ours", "html"), "widget": [WIDGET, "Shown()"]}


def measure() -> dict[str, Sample]:
    """Seconds until the text is there, in turn."""
    with far("lab") as (running, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)

        def display(kind: str) -> list[float]:
            with browser.new_context() as context, opened(context, running, CELLS[kind]) as app:
                return [app.display()]

        cases = {kind: partial(display, kind) for kind in CELLS}
        for case in cases.values():
            warm(case)
        result = interleave(cases, ROUNDS)
        browser.close()
    return result


if __name__ == "__main__":
    samples = measure()
    for name, sample in samples.items():
        print(f"{name}: p50 {sample.p50 * 1e3:.0f} ms, {[round(x * 1e3) for (x,) in sample.rounds]}")
    print("app / widget: {:.2f} ({:.2f} .. {:.2f})".format(*ratio(samples["app"], samples["widget"])))
