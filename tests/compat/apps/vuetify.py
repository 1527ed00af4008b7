"""Vuetify 3 controls in a page with a toolbar and a drawer."""

from trame.app import get_server
from trame.ui.vuetify3 import SinglePageWithDrawerLayout
from trame.widgets import vuetify3 as v3

server = get_server(client_type="vue3")
state, ctrl = server.state, server.controller

state.items = [{"title": name.title(), "value": name} for name in ("red", "green", "blue")]


@state.change("amount", "color", "bold")
def update_summary(amount, color, bold, **_):
    state.summary = f"{amount} x {color}{'!' if bold else ''}"


@ctrl.set("reset")
def reset():
    state.update({"amount": 20, "color": "red", "bold": False})


with SinglePageWithDrawerLayout(server) as layout:
    layout.title.set_text("Controls")
    with layout.toolbar as toolbar:
        toolbar.density = "compact"
        v3.VSpacer()
        v3.VBtn("Reset", click=ctrl.reset, classes="reset")
    with layout.drawer:
        v3.VSelect(label="Color", v_model=("color", "green"), items=("items",), classes="ma-2 color")
    with layout.content, v3.VContainer(fluid=True):
        v3.VSlider(label="Amount", v_model=("amount", 40), min=0, max=100, step=5, classes="amount")
        v3.VSwitch(label="Bold", v_model=("bold", False), classes="bold")
        v3.VTextField(label="Name", v_model=("name", "world"), classes="name")
        with v3.VCard(classes="card"):
            v3.VCardTitle("Hello {{ name }}")
            v3.VCardText("{{ summary }}", classes="summary")

if __name__ == "__main__":
    server.start()
