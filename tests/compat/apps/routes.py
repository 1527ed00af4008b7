"""Three routes, one of them with a parameter."""

from trame.app import get_server
from trame.ui.router import RouterViewLayout
from trame.ui.vuetify3 import SinglePageLayout
from trame.widgets import html, router
from trame.widgets import vuetify3 as v3

server = get_server(client_type="vue3")
server.state.visits = 0


def visit():
    server.state.visits += 1


with RouterViewLayout(server, "/"):
    html.H2("Home", classes="home")
    v3.VBtn("To bar 7", to="/bar/7", classes="to-bar")

with RouterViewLayout(server, "/foo"):
    html.H2("Foo", classes="foo")
    v3.VBtn("visited {{ visits }} times", click=visit, classes="visit")

with RouterViewLayout(server, "/bar/:id"):
    html.H2("Bar {{ $route.params.id }}", classes="bar")

with SinglePageLayout(server) as layout:
    layout.title.set_text("Routes")
    with layout.toolbar:
        v3.VSpacer()
        v3.VBtn("Home", to="/", classes="to-home")
        v3.VBtn("Foo", to="/foo", classes="to-foo")
    with layout.content, v3.VContainer():
        router.RouterView()

if __name__ == "__main__":
    server.start()
