"""Outputs of `jupyter_trame.ui` in JupyterLab: with our routes, and over the widget's comm alone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import PACKAGE_TIMEOUT, Lab
from tests.e2e.notebooks import LOAD
from tests.e2e.ui_programs import axe_problems, tab_to

TEXTS = """\
import altair as alt
import pandas as pd
from jupyter_trame import ui

class Script:
    def _repr_html_(self):
        return "<p id='said'></p><script>document.getElementById('said').textContent = `origin ${origin}`</script>"

class Cover:
    def _repr_html_(self):
        return "<style>:host { position: fixed !important; inset: 0 !important; z-index: 9999 }</style><p>Cover</p>"

class Fixed:
    def _repr_html_(self):
        return "<div id='fixed' style='position: fixed; inset: 0; z-index: 9999'></div><p>Fixed</p>"

with ui.app("texts") as app:
    app.state.update({"power": 2, "tree": {"a": [1, None]}})
    ui.markdown("## Power\\n\\n$a^2$")
    ui.code("def f(x): return x", language="python")
    ui.json("tree")
    ui.output(lambda power: pd.DataFrame({"power": [power]}))
    ui.output(lambda power: alt.Chart(pd.DataFrame({"power": [power]})).mark_bar(tooltip=True).encode(y="power"))
    ui.output(Script)
    ui.output(Cover)
    ui.output(Fixed)
app
"""

OUTPUTS = """\
import time
import ipywidgets
import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure
from jupyter_trame import ui
from trame_client.widgets import html

with ui.app("outputs") as app:
    app.state.update({"mean": 1234.5, "change": -2, "part": 0.4, "point": None})
    app.state.lines = [f"line {n}" for n in range(40)]
    ui.slider("power", 0, 10, value=3)
    knob = ipywidgets.IntSlider(value=3, max=10)
    ui.widget(knob, "power")
    with ui.row():
        ui.metric("mean", unit="kW", delta="change")
        ui.progress("part", text="Four of ten")
        ui.spinner("Reading the file")
    with ui.row():
        @ui.output
        def line(power):
            figure = Figure(figsize=(4, 2.4))
            figure.subplots().plot(np.arange(10) * power)
            return figure

        @ui.output
        def points(power):
            return go.Figure(go.Scatter(y=[1, power, 2]), layout={"height": 260, "margin": {"t": 20, "b": 20}})

    ui.output(lambda power: 1 // power)
    with ui.row():
        ui.image(lambda: np.arange(200).reshape(10, 20), clicked="point", alt="A field", id="field")
        html.B("{{ point }}", id="point")

    @ui.job
    def work(progress, power):
        for _ in progress(range(1000)):
            time.sleep(0.01)

    ui.log("lines", lines=5)
    ui.download("power.csv", lambda power: f"power\\n{power}\\n")
app
"""


AT_POINT = """\
(element) => {
  const { left, top } = element.getBoundingClientRect();
  return element.getRootNode().elementFromPoint(left + 2, top + 2).tagName;
}
"""
HEIGHT = "(element) => element.getBoundingClientRect().height"


def test_what_chunks_show_comes_over_the_comm(bare_lab: Lab, picture: Callable[[str], Path]) -> None:
    bare_lab.open_cells([LOAD, TEXTS])
    bare_lab.run_all()
    view = bare_lab.inline_view()
    expect(view.find("math msup")).to_be_visible(timeout=PACKAGE_TIMEOUT)
    view.expect_text("h2", "Power")
    expect(view.find(".hljs-keyword").first).to_have_text("def")
    expect(view.find(".jt-code").nth(1)).to_contain_text('"a": [')
    expect(view.find("table.dataframe td")).to_have_text("2")
    said = view.find("iframe").content_frame.locator("#said")
    expect(said).to_have_text("origin null")
    bare_lab.screenshot(picture("comm"))
    # HTML has its place, and nothing of it is over other parts.
    assert view.find("h2").evaluate(AT_POINT) == "H2"
    assert view.find("#fixed").evaluate(HEIGHT) < 100
    view.find("[role=graphics-symbol][aria-roledescription=bar]").hover()
    expect(view.find(".jt-chart-tip")).to_have_text("power 2")
    bare_lab.screenshot(picture("chart"))


def test_figures_jobs_and_clicks(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.open_cells([LOAD, OUTPUTS])
    lab.run_all()
    view = lab.inline_view()
    expect(view.find(".jt-plot .main-svg").first).to_be_visible(timeout=PACKAGE_TIMEOUT)
    view.wait_picture(".jt-picture >> nth=0")
    before = view.find(".jt-picture").first.screenshot()
    reading = lab.page.locator(".jp-OutputArea [data-jupyter-trame] .widget-readout")
    expect(reading).to_have_text("3")
    expect(reading).to_be_visible()
    view.set_slider("input[type=range]", 0)
    expect(reading).to_have_text("0")
    view.wait_other_picture(".jt-picture >> nth=0", before)
    expect(view.find("[role=alert] p", "ZeroDivisionError")).to_be_visible()
    expect(view.find(".jt-errors")).not_to_contain_text("ZeroDivisionError")
    field = view.find("#field img")
    field.evaluate("(image) => { image.style.width = '200px'; }")
    field.click(position={"x": 105, "y": 55})
    expect(view.find("#point")).to_have_text("[ 10, 5 ]")
    view.find("button", "Work").click()
    expect(view.find(".jt-job progress")).to_be_visible()
    view.find("button", "Stop").click()
    expect(view.find(".jt-job-said")).to_have_text(re.compile(r"^Stopped at \d+ %\.$"))
    assert axe_problems(lab.page, ".jp-OutputArea [data-jupyter-trame]") == []
    handle = lab.page.locator(".noUi-handle")
    tab_to(handle)
    view.press("ArrowRight")
    expect(reading).to_have_text("1")
    expect(view.find(".jt-reading").first).to_have_text("1")
    with lab.page.expect_download() as download:
        view.find("button", "Save power.csv").click()
    assert download.value.path().read_text() == "power\n1\n"


@pytest.mark.long
@pytest.mark.parametrize("source", [TEXTS, OUTPUTS], ids=["texts", "outputs"])
def test_looks(own_lab: Lab, source: str, picture: Callable[[str], Path]) -> None:
    """Pictures for people: light, dark, forced colours, and 400 pixels."""
    own_lab.open_cells([LOAD, source])
    own_lab.run_all()
    own_lab.execute("application:toggle-left-area")
    view = own_lab.inline_view()
    view.expect_visible(".jt-shown")
    for theme in ("light", "dark"):
        own_lab.set_theme(f"JupyterLab {theme.title()}")
        expect(view.find(".jt-frame")).to_have_attribute("data-theme", theme)
        view.find(".jt-app").screenshot(path=picture(theme))
    own_lab.page.emulate_media(forced_colors="active")
    view.find(".jt-app").screenshot(path=picture("forced"))
    own_lab.page.emulate_media(forced_colors="none")
    own_lab.page.set_viewport_size({"width": 620, "height": 900})
    view.find(".jt-app").screenshot(path=picture("narrow"))
