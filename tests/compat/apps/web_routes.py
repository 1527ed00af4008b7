"""Routes of the app's own beside the page."""

from pathlib import Path

from aiohttp import web
from trame.app import get_server
from trame.ui.html import DivLayout
from trame.widgets import client, html

server = get_server(client_type="vue3")
state = server.state
state.received = 0
server.enable_module({"serve": {"sources": str(Path(__file__).parent)}})


async def add(request):
    data = await request.json()
    with state:
        state.received += data["amount"]
    return web.json_response({"received": state.received})


async def hello(request):
    return web.Response(text=f"hello {request.match_info['name']}")


@server.controller.add("on_server_bind")
def add_routes(wslink_server):
    wslink_server.app.add_routes([web.post("/api/add", add), web.get("/api/hello/{name}", hello)])


SCRIPT = """
window.trame.utils.web = {
  add: (amount) => fetch("api/add", { method: "POST", body: JSON.stringify({ amount }) }),
};
"""

with DivLayout(server):
    client.Script(SCRIPT)
    html.Span("{{ received }}", classes="received")
    html.Button("add", click="utils.web.add(5)", classes="add")

server.start()
