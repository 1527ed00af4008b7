"""Pictures that Python draws, answering to the mouse."""

from typing import TYPE_CHECKING

from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_rca.widgets import rca

from tests.e2e.packages.answers import answer_line, say
from tests.e2e.packages.vtk_scene import make_window

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-rca"
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
        with html.Div(style="height: 260px; position: relative"):
            area = rca.RemoteControlledArea(display="image")
            # It starts tasks, so there must be a loop.
            server.controller.on_server_ready.add(
                lambda **_: area.create_view_handler(window, encoder="jpeg")
            )
        html.Button("Moved?", click="trigger('moved')", classes="moved")
        answer_line(server)


def drive(view: "View") -> None:
    view.expect_visible("img, canvas")
    view.wait_picture("img")
    view.drag("img", (0.5, 0.5), (0.7, 0.6))
    view.find(".moved").click()
    view.expect_text(".answer", "python: True")
