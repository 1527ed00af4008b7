"""A trame app that is a service too: an app takes a server, and says what it looks like."""

from trame_client.ui.html import DivLayout
from trame_client.widgets import html


def app(server):
    server.state.count = 0

    @server.trigger("more")
    def more():
        server.state.count += 1

    with DivLayout(server):
        html.Button("One more", click="trigger('more')", classes="more")
        html.Span("{{ count }}", classes="count")
