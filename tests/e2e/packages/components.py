"""trame's own components: keys and sizes."""

from typing import TYPE_CHECKING

from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_components.widgets import trame

from tests.e2e.packages.answers import answer_line, say

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-components"
FRAMED = False
REMARKS = "Keys of `MouseTrap` are those typed in the app."


def app(server: "Server") -> None:
    server.state.box = None
    with DivLayout(server):
        traps = trame.MouseTrap(hello=(lambda: say(server, "key"),))
        traps.bind("x", "hello")
        with trame.SizeObserver("box"):
            html.Button("{{ box ? Math.round(box.size.width) > 0 : '' }}", classes="size")
        answer_line(server)


def drive(view: "View") -> None:
    view.expect_text(".size", "true")
    view.find(".size").click()
    view.press("x")
    view.expect_text(".answer", "python: key")
