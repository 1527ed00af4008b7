"""Dataclasses that are shared with the page."""

from typing import TYPE_CHECKING

from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_dataclass.v2 import StateDataModel, Sync

from tests.e2e.packages.answers import answer_line, say

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-dataclass"
FRAMED = False
REMARKS = ""


class Person(StateDataModel):
    """What the page shows."""

    name = Sync(str, default="Ada")


def app(server: "Server") -> None:
    person = Person(trame_server=server)
    server.context.person = person
    person.watch(["name"], lambda name: say(server, name))
    with DivLayout(server):
        with person.provide_as("person"):
            html.Input(v_model=("person.name",), classes="name")
            html.Span("Hello {{ person.name }}", classes="hello")
        answer_line(server)


def drive(view: "View") -> None:
    view.expect_text(".hello", "Hello Ada")
    view.find(".name").fill("Grace")
    view.expect_text(".hello", "Hello Grace")
    view.expect_text(".answer", "python: Grace")
