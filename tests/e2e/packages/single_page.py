"""A Vuetify layout with bars, a drawer and a picture that fills the rest, as most trame apps are built."""

from typing import TYPE_CHECKING

from trame_client.widgets import html
from trame_vuetify.ui.vuetify3 import SinglePageWithDrawerLayout
from trame_vuetify.widgets import vuetify3 as v

from tests.e2e.packages.answers import answer_line, answer_to

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-vuetify"
FRAMED = False
REMARKS = (
    "In a cell it is 600 px high, or what `view.layout.height` says, or what its outputs are dragged to."
)


def app(server: "Server") -> None:
    server.state.level = 5
    answer_to(server, "level")
    with SinglePageWithDrawerLayout(server) as layout:
        layout.title.set_text("A full page")
        with layout.toolbar:
            v.VSpacer()
            v.VSlider(
                v_model_number=("level",),
                min=0,
                max=10,
                step=1,
                hide_details=True,
                style="max-width: 240px",
                classes="level",
            )
        with layout.drawer, v.VList():
            v.VListItem(title="One", prepend_icon="mdi-numeric-1")
            v.VListItem(title="Two", prepend_icon="mdi-numeric-2")
        with (
            layout.content,
            v.VContainer(fluid=True, classes="fill-height pa-0"),
            html.Div(style="width: 100%; height: 100%; background: #1769d233", classes="filled"),
        ):
            answer_line(server)


def drive(view: "View") -> None:
    view.find(".level .v-slider-thumb").focus()
    view.press("ArrowRight")
    view.expect_text(".answer", "python: 6")
    box = view.find(".filled").bounding_box()
    assert box is not None
    assert box["height"] > 300
