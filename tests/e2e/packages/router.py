"""Pages of an app."""

from typing import TYPE_CHECKING

from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_router.ui.router import RouterViewLayout
from trame_router.widgets import router

from tests.e2e.packages.answers import answer_line, say

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-router"
FRAMED = True
REMARKS = "The route is part of the document's address."


def app(server: "Server") -> None:
    with RouterViewLayout(server, "/"):
        html.P("At home", classes="home")
    with RouterViewLayout(server, "/away"):
        html.Button("Say it", click=lambda: say(server, "away"), classes="away")
    with DivLayout(server):
        router.RouterLink("Home", to="/", classes="to-home")
        router.RouterLink("Away", to="/away", classes="to-away", style="margin-left: 1em")
        router.RouterView()
        answer_line(server)


def drive(view: "View") -> None:
    view.expect_visible(".home")
    view.find(".to-away").click()
    view.find(".away").click()
    view.expect_text(".answer", "python: away")
