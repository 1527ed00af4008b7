"""A picture with a region on it."""

import base64
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_image_tools import widgets

from tests.e2e.packages.answers import answer_line, answer_to

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-image-tools"
FRAMED = False
REMARKS = ""


def _picture() -> str:
    buffer = BytesIO()
    Image.linear_gradient("L").resize((320, 200)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def app(server: "Server") -> None:
    server.state.update({"picture": _picture(), "scale": 0.9, "centre": [0.5, 0.5]})
    answer_to(server, "scale")
    with DivLayout(server):
        with html.Div(style="width: 480px; height: 300px; border: 1px solid #8888"):
            widgets.TrameImage(
                src=("picture",),
                size=("[480, 300]",),
                v_model_scale=("scale",),
                v_model_center=("centre",),
                style="width: 480px; height: 300px",
                classes="picture",
            )
        html.Button("Zoom", click="scale = 2", classes="zoom")
        answer_line(server)


def drive(view: "View") -> None:
    view.expect_visible(".picture image, .picture img, image, canvas")
    view.find(".zoom").click()
    view.expect_text(".answer", "python: 2")
