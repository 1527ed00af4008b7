"""PyVista: a plot with its menu, and a mesh that follows a slider."""

from typing import TYPE_CHECKING

from trame_client.widgets import html
from trame_vuetify.ui.vuetify3 import VAppLayout

from tests.e2e.packages.answers import answer_line, say

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-pyvista"
FRAMED = False
REMARKS = (
    '`plotter.show(jupyter_backend="server")` and `"client"` in a cell have tests of their own, in'
    " `tests/e2e/test_drop_in_notebook.py`."
)


def app(server: "Server") -> None:
    # Both take part in the kernel only: they bring all of VTK, and `trame.app`, whatever that is in a process.
    import pyvista as pv
    from trame_pyvista.ui import plotter_ui

    mesh = pv.Cone(resolution=3)
    plotter = pv.Plotter(off_screen=True)
    plotter.set_background("white")  # type: ignore[arg-type]
    actor = plotter.add_mesh(mesh, color="red")
    server.state.sides = 3

    @server.controller.trigger("edges")
    def _edges() -> None:
        say(server, f"edges {actor.prop.show_edges}")

    with VAppLayout(server):
        html.Input(type="range", min=3, max=12, v_model_number=("sides",), classes="sides")
        with html.Div(style="height: 300px", classes="plot"):
            view = plotter_ui(plotter, server=server)
        html.Button("Edges?", click="trigger('edges')", classes="edges")
        answer_line(server)

    @server.state.change("sides")
    def _changed(sides: int, **_: object) -> None:
        mesh.copy_from(pv.Cone(resolution=sides))
        view.update()
        say(server, f"{mesh.n_points} points")


def drive(view: "View") -> None:
    view.wait_picture(".plot img")
    view.expect_text(".answer", "python: 4 points")
    before = view.find(".plot").screenshot()
    view.set_slider(".sides", 10)
    view.expect_text(".answer", "python: 11 points")
    view.wait_other_picture(".plot", before)
    source = view.find(".plot img").first.get_attribute("src") or ""
    view.find(".plot .v-checkbox:has(.mdi-grid-off) input").click()
    view.find(".edges").click()
    view.expect_text(".answer", "python: edges True")
    view.expect_other_source(".plot img", source)
