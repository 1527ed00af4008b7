"""Plain elements."""

from typing import TYPE_CHECKING

from trame_client.ui.html import DivLayout
from trame_client.widgets import html

from tests.e2e.packages.answers import answer_line, answer_to

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-client"
FRAMED = False
REMARKS = "Follows the lab's colours."


def app(server: "Server") -> None:
    server.state.level = 3
    answer_to(server, "level")
    with DivLayout(server):
        html.H3("Plain elements")
        with html.Label("Level"):
            html.Input(type="range", min=0, max=10, v_model_number=("level",), classes="level")
        html.Button("Reset", click="level = 0", classes="reset")
        answer_line(server)


def drive(view: "View") -> None:
    view.set_slider(".level", 7)
    view.expect_text(".answer", "python: 7")
    view.find(".reset").click()
    view.expect_text(".answer", "python: 0")
