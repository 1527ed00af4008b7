"""Leaflet: a map without tiles, since those come from elsewhere."""

from typing import TYPE_CHECKING

from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_leaflet.widgets import leaflet3 as leaflet

from tests.e2e.packages.answers import answer_line, answer_to

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-leaflet"
FRAMED = False
REMARKS = ""


def app(server: "Server") -> None:
    server.state.zoom = 5
    answer_to(server, "zoom")
    with DivLayout(server):
        with (
            html.Div(style="height: 260px; border: 1px solid #8888"),
            leaflet.LMap(zoom=("zoom",), center=("[50, 5]",), update_zoom="zoom = $event"),
        ):
            leaflet.LCircleMarker(lat_lng=("[50, 5]",), radius=24, color="#1769d2")
        answer_line(server)


def drive(view: "View") -> None:
    view.expect_visible(".leaflet-container path")
    view.find(".leaflet-control-zoom-in").click()
    view.expect_text(".answer", "python: 6")
