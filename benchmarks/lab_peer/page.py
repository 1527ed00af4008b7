"""An app in a notebook of its own kernel and of a browser that knows nothing, with clocks in the page."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, Frame

from benchmarks.lab_peer.apps import BLOB, PUSHES, SHOWN
from benchmarks.lab_peer.browser import LoneBrowser
from tests.e2e.lab import PANEL, Lab
from tests.e2e.servers import JupyterServer, wait_until

__all__ = ["App", "opened"]

PUSHED = "all pushes are here"
AWAY = 1000
"""Milliseconds in which a driver has left."""

WATCH = f"""
(() => {{
    const now = () => performance.timeOrigin + performance.now();
    const drawn = (element) => element.textContent === "{SHOWN}" && element.getBoundingClientRect().height > 0;
    const watch = (root) => {{
        const look = () => {{
            const found = root.querySelector(".bench-text");
            if (!found) return;
            if (!drawn(found)) {{ requestAnimationFrame(look); return; }}
            observer.disconnect();
            window.top.postMessage({{ benchShown: now() }}, "*");
        }};
        const observer = new MutationObserver(look);
        observer.observe(root, {{ childList: true, subtree: true, characterData: true }});
    }};
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (...options) {{
        const root = attach.apply(this, options);
        watch(root);
        return root;
    }};
    watch(document);
    if (window !== window.top) return;
    window.benchShown = new Promise((resolve) => {{
        window.addEventListener("message", ({{ data }}) => {{ if (data?.benchShown) resolve(data.benchShown); }});
    }});
    window.addEventListener("message", ({{ data }}) => {{ window.benchPushed ??= data?.benchPushed; }});
    setInterval(() => {{ if (window.benchPushed) document.title = "{PUSHED}"; }}, 100);
}})();
"""
"""For each frame: tells the page when its text is there and has a height. Clocks of frames share one origin.

The page tells by its title when the pushes were received, to those who do not drive it.
"""

DISPLAY = f"""async (name) => {{
    {PANEL}
    window.jupyterapp.shell.activateById(panel.id);
    panel.content.activeCellIndex = 1;
    panel.content.deselectAll();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const begin = performance.timeOrigin + performance.now();
    window.jupyterapp.commands.execute("notebook:run-cell");
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no text within 60 s")), 60_000));
    return (await Promise.race([window.benchShown, late]) - begin) / 1000;
}}"""
"""The lab asks the kernel's debugger things when a notebook comes to the front; the second before lets it end."""

ROOT = 'const root = document.querySelector("[data-jupyter-trame]")?.shadowRoot ?? document;'

TRAME = f"""{ROOT}
    const button = root.querySelector(".bench-trame");
    button.click();
    const {{ trame }} = button;"""
"""The object that expressions of an app's template know."""

READY = f"""() => {{
    {TRAME}
    return trame.state.ready;
}}"""

TRIPS = f"""async ([count, start]) => {{
    {ROOT}
    const input = root.querySelector(".bench-x");
    const output = root.querySelector(".bench-y");
    const times = [];
    for (let i = start; i < start + count; i += 1) {{
        const seen = new Promise((resolve) => {{
            const observer = new MutationObserver(() => {{
                if (output.textContent === String(i)) {{ observer.disconnect(); resolve(); }}
            }});
            observer.observe(output, {{ subtree: true, characterData: true, childList: true }});
        }});
        const begin = performance.now();
        input.value = String(i);
        input.dispatchEvent(new Event("input", {{ bubbles: true }}));
        await seen;
        times.push((performance.now() - begin) / 1000);
    }}
    return times;
}}"""

PUSH = f"""async (count) => {{
    {TRAME}
    const last = trame.state.get("tick") + count;
    let received = 0;
    let stop = () => {{}};
    const done = new Promise((resolve, reject) => {{
        const late = setTimeout(() => reject(new Error(`${{received}} of ${{count}} pushes within 60 s`)), 60_000);
        const listener = ({{ type, keys }}) => {{
            if (type !== "dirty-state") return;
            const blobs = keys.filter((key) => trame.state.get(key)?.byteLength === {BLOB});
            if (blobs.length === 0) return;
            received += blobs.length;
            trame.state.set("seen", trame.state.get("tick"));
            if (trame.state.get("tick") === last) {{ clearTimeout(late); resolve(); }}
        }};
        trame.state.addListener(listener);
        stop = () => trame.state.removeListener(listener);
    }});
    const begin = performance.now();
    await trame.trigger("push", [count]);
    await done;
    stop();
    return [received, (performance.now() - begin) / 1000];
}}"""

PUSH_SOON = f"""(count) => {{
    setTimeout(async () => {{
        window.top.postMessage({{ benchPushed: await ({PUSH})(count).catch(String) }}, "*");
    }}, {AWAY});
}}"""

TAKE_PUSHED = """() => {
    const result = window.benchPushed;
    window.benchPushed = null;
    document.title = "";
    return result;
}"""


class App:
    """A notebook whose first cell has run."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self._name = name
        self._next = 1

    def display(self) -> float:
        """Seconds from running the cell that displays to the first text."""
        return float(self.lab.page.evaluate(DISPLAY, self._name))

    def wait_ready(self) -> None:
        """Until the page has the server's own state: what is shown first may be a copy."""
        wait_until(lambda: self.frame().evaluate(READY), "the server's state")

    def round_trips(self, count: int) -> list[float]:
        """Seconds from an input's event to the text it causes."""
        start, self._next = self._next, self._next + count
        times: list[float] = self.frame().evaluate(TRIPS, [count, start])
        return times

    def push(self, browser: LoneBrowser) -> float:
        """Seconds a megabyte of pushes that the page has had, from asking for them to the last."""
        self.frame().evaluate(PUSH_SOON, PUSHES)
        self.lab.page = browser.leave(self.lab.page, PUSHED)
        received, seconds = map(float, self.lab.page.evaluate(TAKE_PUSHED))
        return seconds / (received * BLOB / 1e6)

    def frame(self) -> Frame:
        """Where the app's document is."""

        def found() -> Frame | None:
            script = f'() => {{ {ROOT} return root.querySelector(".bench-text") !== null; }}'
            return next((frame for frame in self.lab.page.frames if frame.evaluate(script)), None)

        frame: Frame = wait_until(found, "the app's text")
        return frame


@contextmanager
def opened(context: BrowserContext, running: JupyterServer, cells: list[str]) -> Iterator[App]:
    """The app of two cells, up and not displayed; its kernel ends with the block."""
    context.add_init_script(WATCH)
    lab = Lab(context, running)
    path = lab.open_cells(cells, name=f"{uuid.uuid4().hex}.ipynb")
    lab.run(0)
    errors: list[Any] = [output for output in lab.outputs(0) if output["output_type"] == "error"]
    if errors:
        raise RuntimeError("\n".join(errors[0]["traceback"]))
    kernel = lab.kernel_id()
    try:
        yield App(lab, path.name)
    finally:
        running.api(f"kernels/{kernel}", "DELETE")
