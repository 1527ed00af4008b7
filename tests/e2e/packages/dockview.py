"""Panels that can be dragged."""

from typing import TYPE_CHECKING

from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_dockview.widgets import dockview

from tests.e2e.packages.answers import answer_line, say

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-dockview"
FRAMED = False
REMARKS = ""


def app(server: "Server") -> None:
    for name in ("first", "second"):
        with DivLayout(server, name):
            html.Button(f"in {name}", click=(lambda which: say(server, which), f"['{name}']"), classes=name)
    with DivLayout(server):
        with html.Div(style="height: 260px"):
            panels = dockview.DockView(
                theme="Light",
                style="height: 260px; width: 100%",
                ready=lambda: fill(panels),  # type: ignore[has-type]
            )
        answer_line(server)


def fill(panels: dockview.DockView) -> None:
    """The page says that it takes panels."""
    panels.add_panel("a", "First", "first")
    panels.add_panel("b", "Second", "second", position={"referencePanel": "a", "direction": "right"})


def drive(view: "View") -> None:
    view.find("button.first").click()
    view.expect_text(".answer", "python: first")
    view.find("button.second").click()
    view.expect_text(".answer", "python: second")
