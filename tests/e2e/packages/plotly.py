"""Plotly: a chart whose points can be clicked."""

from typing import TYPE_CHECKING

import plotly.graph_objects as go
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_plotly.widgets import plotly

from tests.e2e.packages.answers import answer_line, say

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-plotly"
FRAMED = False
REMARKS = ""


def app(server: "Server") -> None:
    figure = go.Figure(go.Bar(x=["a", "b", "c"], y=[2, 5, 3]))
    figure.update_layout(margin={"l": 40, "r": 20, "t": 30, "b": 30}, height=320)
    with DivLayout(server):
        with html.Div(style="height: 320px"):
            plotly.Figure(
                figure,
                display_mode_bar=("true",),
                click=(lambda points: say(server, points), "[$event.points.map(p => p.label)]"),
            )
        answer_line(server)


def drive(view: "View") -> None:
    view.expect_visible(".modebar")
    view.find(".bars .point").nth(1).scroll_into_view_if_needed()
    view.click_at(".main-svg", 0.5, 0.5)
    view.expect_text(".answer", "python: ['b']")
