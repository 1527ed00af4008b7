"""VTK: one view that switches between pictures of Python and drawing in the page."""

import math
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
REMARKS = "Both ways share the camera."


def app(server: "Server") -> None:
    window = make_window()
    server.context.window = window
    camera = window.GetRenderers().GetFirstRenderer().GetActiveCamera()
    before = camera.GetDirectionOfProjection()

    @server.state.change("sceneMode")
    def _switched(**_: object) -> None:
        nonlocal before
        before = camera.GetDirectionOfProjection()
        say(server, server.state.sceneMode)

    @server.controller.trigger("turned")
    def _turned() -> None:
        turned = math.dist(camera.GetDirectionOfProjection(), before) > 0.1
        say(server, f"{server.state.sceneMode}, {'turned' if turned else 'as it was'}")

    with DivLayout(server):
        with html.Div(style="height: 260px; position: relative; overflow: hidden", classes="scene"):
            vtk.VtkRemoteLocalView(window, namespace="scene", mode="remote")
        html.Button("Switch", click="sceneMode = sceneMode == 'local' ? 'remote' : 'local'", classes="switch")
        html.Button("Turned?", click="trigger('turned')", classes="turned")
        answer_line(server)


def drive(view: "View") -> None:
    view.wait_picture(".scene img")
    first = _turn(view, "remote", "img")
    view.find(".switch").click()
    view.expect_text(".answer", "python: local")
    _turn(view, "local", "canvas")
    view.find(".switch").click()
    view.expect_text(".answer", "python: remote")
    view.expect_in_window(".scene img")
    view.wait_other_picture(".scene", first)


def _turn(view: "View", mode: str, element: str) -> bytes:
    """Drags in the scene, until its picture and Python's camera are others; gives the new picture."""
    view.expect_in_window(f".scene {element}")
    before = view.find(".scene").screenshot()
    view.drag(".scene", (0.5, 0.5), (0.7, 0.7))
    after = view.wait_other_picture(".scene", before)
    view.find(".turned").click()
    view.expect_text(".answer", f"python: {mode}, turned")
    return after
