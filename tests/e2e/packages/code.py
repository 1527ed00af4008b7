"""Code: the Monaco editor, with workers of its own."""

from typing import TYPE_CHECKING

from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_code.widgets import code

from tests.e2e.packages.answers import answer_line, answer_to

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-code"
FRAMED = False
REMARKS = ""


def app(server: "Server") -> None:
    server.state.source = "import math"
    answer_to(server, "source")
    with DivLayout(server):
        with html.Div(style="height: 160px"):
            code.Editor(
                style="height: 160px",
                v_model=("source",),
                language="python",
                theme="vs-dark",
                options=("{ minimap: { enabled: false } }",),
            )
        answer_line(server)


def drive(view: "View") -> None:
    view.find(".view-line").first.click()
    view.press("End")
    view.type(" # ok")
    view.expect_text(".answer", "python: import math # ok")
