"""VTK: one scene, drawn in Python and drawn in the page."""

from typing import TYPE_CHECKING

from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_vtk.widgets import vtk

from tests.e2e.packages.answers import answer_line, say
from tests.e2e.packages.vtk_scene import make_window

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-vtk"
FRAMED = False
REMARKS = ""


def app(server: "Server") -> None:
    window = make_window()
    server.context.window = window
    camera = window.GetRenderers().GetFirstRenderer().GetActiveCamera()
    before = camera.GetPosition()

    @server.controller.trigger("moved")
    def _moved() -> None:
        say(server, camera.GetPosition() != before)

    with DivLayout(server):
        with html.Div(style="display: flex; gap: 8px; height: 260px"):
            with html.Div(style="flex: 1; position: relative", classes="remote"):
                vtk.VtkRemoteView(window)
            with html.Div(style="flex: 1; position: relative", classes="local"):
                vtk.VtkLocalView(window)
        html.Button("Moved?", click="trigger('moved')", classes="moved")
        answer_line(server)


def drive(view: "View") -> None:
    view.wait_picture(".remote img")
    view.expect_visible(".local canvas")
    view.drag(".remote", (0.5, 0.5), (0.7, 0.6))
    view.find(".moved").click()
    view.expect_text(".answer", "python: True")
