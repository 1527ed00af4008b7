"""Matplotlib: a figure that the browser draws."""

from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_matplotlib.widgets import matplotlib

from tests.e2e.packages.answers import answer_line, say

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-matplotlib"
FRAMED = False
REMARKS = ""


def _figure(power: int) -> Figure:
    figure = Figure(figsize=(5, 3))
    figure.add_subplot().plot(range(10), [x**power for x in range(10)], "o-")
    return figure


def app(server: "Server") -> None:
    server.state.power = 2
    with DivLayout(server):
        html.Input(type="range", min=1, max=4, v_model_number=("power",), classes="power")
        with html.Div(style="width: 500px; height: 300px"):
            picture = matplotlib.Figure(_figure(2))
        answer_line(server)

    @server.state.change("power")
    def _changed(power: int, **_: object) -> None:
        picture.update(_figure(power))
        say(server, power)


def drive(view: "View") -> None:
    view.expect_visible(".mpld3-figure")
    view.set_slider(".power", 3)
    view.expect_text(".answer", "python: 3")
    view.expect_visible(".mpld3-figure")
