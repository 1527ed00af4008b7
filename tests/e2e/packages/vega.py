"""Vega: a chart that follows a slider."""

from typing import TYPE_CHECKING

import altair as alt
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_vega.widgets import vega

from tests.e2e.packages.answers import answer_line, say

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-vega"
FRAMED = False
REMARKS = ""


def _chart(count: int) -> alt.Chart:
    data = alt.Data(values=[{"x": str(i), "y": i * i} for i in range(count)])
    return alt.Chart(data, width=360, height=180).mark_bar().encode(x="x:N", y="y:Q")


def app(server: "Server") -> None:
    server.state.count = 3
    with DivLayout(server):
        html.Input(type="range", min=1, max=8, v_model_number=("count",), classes="count")
        figure = vega.Figure(_chart(3))
        answer_line(server)

    @server.state.change("count")
    def _changed(count: int, **_: object) -> None:
        figure.update(_chart(count))
        say(server, count)


def drive(view: "View") -> None:
    view.expect_visible(".vega-embed :is(canvas, svg)")
    view.set_slider(".count", 6)
    view.expect_text(".answer", "python: 6")
    view.expect_visible(".vega-embed :is(canvas, svg)")
