"""The same part twice, each with names of its own, and one name that both share."""

from trame.app import get_server
from trame.ui.html import DivLayout
from trame.widgets import html
from trame_server.utils.namespace import Translator


class Part:
    def __init__(self, server):
        self.server = server
        self.state, self.ctrl = server.state, server.controller
        self.state.value = self.state.square = 1
        self.state.setdefault("unit", "m")
        self.state.change("value")(self.on_value)
        self.ctrl.set("grow")(self.grow)
        self.ctrl.add("on_server_ready")(self.on_ready)

    def on_value(self, value, **_):
        self.state.square = value**2

    def on_ready(self, **state):
        self.state.ready_with = sorted(state)

    def grow(self, by=1):
        with self.state:
            self.state.value += by

    def ui(self, name):
        with html.Div(trame_server=self.server, classes=name):
            html.Span("{{ value }}{{ unit }}, squared {{ square }}", classes="text")
            html.Button("+", click=self.grow, classes="plus")
            html.Button("+5", click=(self.grow, "[5]"), classes="plus5")


server = get_server(client_type="vue3")
left = Part(server.create_child_server(prefix="left_"))
translator = Translator(prefix="right_")
translator.add_translation("unit", "left_unit")
right = Part(server.create_child_server(translator=translator))


@server.trigger("grow_both")
def grow_both():
    left.ctrl.grow(10)
    server.controller.right_grow(20)
    return [left.state.value, right.state.value]


with DivLayout(server):
    left.ui("left")
    right.ui("right")
    html.Button("both", click=grow_both, classes="both")

server.start()
