"""Programs of `jupyter_trame.ui` in a browser: what they show, and how it is looked at."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

from tests.e2e.servers import isolated_environment, running
from tests.support.ports import free_port

PARTS = """
import datetime, threading
from jupyter_trame import ui
from trame_client.widgets import html

go_on = threading.Event()

def save(name, age):
    ui.toast(f"{name}, {age}", kind="ok", seconds=0)

async def wait():
    import asyncio
    await asyncio.to_thread(go_on.wait)

with ui.app("parts", title="Parts") as app:
    with ui.sidebar(label="Filters"):
        ui.slider("power", 50, 230, value=150, unit="hp", help="Of the engine")
        ui.range_slider("years", 1970, 1982, value=(1973, 1980))
        ui.select("origin", ["Any", "USA", "Japan"])
        ui.multi_select("cylinders", [4, 6, 8], value=[4, 8])
        ui.radio("sort", {"mpg": "Economy", "hp": "Power"})
        ui.check("complete", label="Only complete rows")
        ui.switch("live", value=True, help="Follows the sensor")
    with ui.tabs("page", label="Views"):
        with ui.tab("Form"):
            with ui.card("A person"), ui.form(save, label="Person"):
                with ui.grid(2):
                    ui.text_input("name", placeholder="Yours", check=lambda name: None if name else "A name is needed.")
                    ui.number("age", min=0, max=120, unit="years")
                    ui.date("born", value=datetime.date(1980, 5, 17), max="2026-01-01")
                    ui.color("paint")
                ui.text_area("notes", help="Up to a page", rows=3)
                ui.upload("photo", accept="image/*")
            with ui.row():
                ui.text_input("query", label="Search")
                ui.button("Wait", wait, kind="primary")
                ui.button("Go on", go_on.set)
                ui.button("Delete", lambda: app.state.update(query="deleted"), kind="danger", confirm="Delete all?")
                ui.button("More", lambda: None, kind="quiet", help="There is more")
            ui.button("Ask", lambda: app.state.update(asked=True))
            ui.divider()
            with ui.expander("Details", open=True):
                ui.text_input("locked", value="locked", disabled=True)
                ui.slider("locked_slider", 0, 10, value=4, disabled=True)
        with ui.tab("Second"):
            html.P("The second one")
        with ui.tab("Third"):
            html.P("The third one")
    with ui.dialog("asked", title="A question"):
        html.P("Why?")
        ui.text_input("answer")
        ui.button("Done", lambda: app.state.update(asked=False), kind="primary")
"""

SHOWN = '''
import threading
import altair as alt
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from matplotlib.figure import Figure
from jupyter_trame import ui
from trame_client.widgets import html

gate = threading.Event()
cars = pd.DataFrame({
    "name": [f"A car with a rather long name {n}" for n in range(60)],
    "power": np.arange(60) * 3 + 50,
    "origin": ["USA", "Japan", "Europe"] * 20,
})

TEXT = """## A title

The *mean* is $\\\\bar x = \\\\frac{1}{n}\\\\sum x_i$, see [there](https://example.org).

| a | b |
|---|---|
| 1 | 2 |

> Quoted, with `code`.

- one
- two
"""

with ui.app("shown", title="Shown") as app:
    app.state.update({"mean": 1234.5, "change": -2.5, "part": 0.4, "unknown": None, "point": None, "fails": 0})
    app.state.lines = [f"12:00:{n:02} a line of the log" for n in range(40)]
    app.state.tree = {"name": "Ada", "born": 1815, "notes": [True, None]}
    with ui.row():
        ui.metric("mean", unit="kW", digits=1, delta="change")
        ui.progress("part", text="Four of ten")
        ui.progress("unknown", label="Reading")
        ui.spinner("Reading the file")
    with ui.grid(2):
        with ui.card("Figures"):
            @ui.output
            def sine():
                figure = Figure(figsize=(4, 2.4))
                figure.subplots().plot(np.sin(np.arange(40) / 4))
                return figure

            @ui.output
            def points():
                return go.Figure(go.Scatter(y=[1, 3, 2]), layout={"height": 260, "margin": {"t": 20, "b": 20}})

        with ui.card("Charts"):
            @ui.output
            def cars_by_power():
                brush = alt.selection_interval(encodings=["x"])
                least = alt.param(name="least", value=2, bind=alt.binding_range(min=1, max=9, step=1))
                return alt.Chart(cars, width="container", height=180, title="Cars").mark_circle().encode(
                    x="power", y=alt.Y("origin", title=None), size=alt.condition(brush, alt.value(80), alt.value(20)),
                    color="origin", tooltip=["name", "power"],
                ).add_params(brush, least)

        with ui.card("Texts"):
            ui.markdown(TEXT)
            ui.code("def area(radius: float) -> float:\\n    return 3.14159 * radius**2", language="python")
            ui.json("tree")
            ui.log("lines", lines=5)
        with ui.card("Results"):
            ui.output(lambda: cars.head(3))
            ui.output(lambda: "Plain text of a function")
            ui.output(lambda: {"a": [1, 2], "b": None})
            ui.output(lambda fails: 1 // fails)
            ui.output(lambda: None)
    with ui.row():
        with ui.card("Work"):
            @ui.job
            def work(progress):
                progress(0.4, "Four of ten")
                while not gate.wait(0.01):
                    progress(0.4, "Four of ten")
                return cars.head(2)

            @ui.job
            def break_down(progress):
                raise ValueError("no data in the file")

        with ui.card("A picture"):
            ui.image(lambda: np.arange(5000).reshape(50, 100) / 20, clicked="point", alt="A field")
            html.P("Point: {{ point }}", id="point")
            ui.download("power.csv", lambda: "power\\n1\\n")
            ui.button("Go on", gate.set)
    ui.table("cars", cars, selected="picked", many=True, height="14rem", formats={"power": "{:.0f} hp"},
             on_open=lambda row: app.state.update(opened=row["name"]))
    html.P("Picked: {{ picked }}, opened: {{ opened }}", id="picked")
    ui.table("paged", cars, label="Pages of cars", page=5)
    app.state.opened = None
'''

LOOKS: dict[str, dict[str, object]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
    "narrow": {"viewport": {"width": 400, "height": 800}, "has_touch": True, "is_mobile": True},
}
"""How pages are looked at -> options of Playwright's page."""

_AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = {
    "page-has-heading-one": {"enabled": False},  # an app has the headings that its author writes
    "target-size": {"enabled": True},  # a rule of WCAG 2.2 that axe leaves out by default
}
# Pages in frames and ipywidgets are of those who wrote them.
_VIOLATIONS = """async ([rules, within]) =>
  (await axe.run({ include: within, exclude: ".jupyter-widgets" }, { rules, iframes: false })).violations
  .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join("; ")}`)"""
_SETTLED = """() => Promise.all(document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity)
  .map(({ finished }) => finished.catch(() => null)))"""


@contextmanager
def served(source: str, home: Path) -> Iterator[str]:
    """Runs the program `source`, which makes `app`; gives the address of its page."""
    port = free_port()
    program = home / "app.py"
    program.write_text(f"import sys\n{source}\napp.start(port=int(sys.argv[1]), open_browser=False)\n")
    url = f"http://localhost:{port}/"
    command = [sys.executable, str(program), str(port), "--authKey", "ui"]
    with running(command, url, home / "app.log", isolated_environment(home), home):
        yield f"{url}?secret=ui"


def opened(browser: Browser, address: str, **options: object) -> Page:
    """A page of the program, wide enough for all that it has."""
    page = browser.new_page(**{"viewport": {"width": 1000, "height": 900}, **options})  # type: ignore[arg-type]
    page.goto(address)
    return page


def axe_problems(page: Page, within: str = "html") -> list[str]:
    """What axe-core finds wrong with what is seen of `within`, a CSS selector."""
    page.evaluate(_AXE.read_text("utf-8"))
    # Colours in between are nobody's.
    page.evaluate(_SETTLED)
    found: list[str] = page.evaluate(_VIOLATIONS, [_RULES, within])
    return found


def tab_to(target: Locator, most: int = 80) -> None:
    """Presses Tab until `target` has the focus: as somebody without a mouse comes there."""
    for _ in range(most):
        target.page.keyboard.press("Tab")
        if target.evaluate("(one) => one === one.getRootNode().activeElement"):
            return
    raise AssertionError(f"{most} presses of Tab do not lead to {target}")
