"""The notebooks: one program for either server, shown as its users show it."""

__all__ = ["BLOB", "PEER", "PUSHES", "SHOWN", "cells"]

PEER = "trame"
SHOWN = "the first text"
"""What the app shows in its `.bench-text` before anything happens."""
BLOB = 100_000
"""Bytes of a push."""
PUSHES = 300
"""Of one run."""
WINDOW = 32
"""Pushes that the page may not have acknowledged yet. Each has a key of its own: none may take another's place."""

SERVERS = {
    PEER: "from trame.app import get_server\nserver = get_server('{name}', client_type='vue3')\n",
    "ours": "from jupyter_trame import Server\nserver = Server('{name}')\n",
}
STARTS = {PEER: "await layout.ready\n", "ours": "server.start()\n"}
DISPLAYS = {PEER: "layout", "ours": "server"}

LOGIC = f"""
import asyncio, os
state, ctrl = server.state, server.controller
state.update({{"shown": "{SHOWN}", "level": 3, "x": "0", "y": "0", "tick": 0, "seen": 0}})
state.update({{f"blob_{{number}}": b"" for number in range({WINDOW})}})
values = [os.urandom({BLOB}) for _ in range(7)]  # no divisor of the window: a key never gets the value that it has
acknowledged = asyncio.Event()
tasks = set()

@state.change("x")
def follow(x, **_):
    state.y = x

@state.change("seen")
def note(**_):
    acknowledged.set()

async def push(count):
    first = state.tick + 1
    for number in range(first, first + count):
        while number - state.seen >= {WINDOW}:
            acknowledged.clear()
            await asyncio.wait_for(acknowledged.wait(), 20)
        with state:
            state[f"blob_{{number % {WINDOW}}}"] = values[number % len(values)]
            state.tick = number
        await asyncio.sleep(0)

@ctrl.trigger("push")
def start(count):
    tasks.add(asyncio.create_task(push(count)))
"""

PAGES = {
    "html": """
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
with DivLayout(server) as layout:
    html.Input(v_model=("x",), classes="bench-x")
    html.Span("{{ y }}", classes="bench-y")
    html.Button("grab", click="$event.target.trame = trame", classes="bench-trame")
    html.P("{{ shown }}", classes="bench-text")
""",
    "vuetify3": """
from trame_vuetify.ui.vuetify3 import VAppLayout
from trame_vuetify.widgets import vuetify3 as v
with VAppLayout(server) as layout, v.VContainer(fluid=True), v.VCard(title="Vuetify", prepend_icon="mdi-star"):
    with v.VCardText():
        v.VSlider(v_model_number=("level",), min=0, max=10, step=1, label="Level")
        v.VSelect(v_model=("fruit", "apple"), items=("['apple', 'pear']",), label="Fruit")
        v.VTextField(v_model=("x",), label="Name")
    v.VCardText("{{ shown }}", classes="bench-text")
    with v.VCardActions():
        v.VBtn("More", color="primary", click="level = level + 1")
""",
}


def cells(kind: str, page: str) -> list[str]:
    """The app on the server `kind`, up when the first cell is done; the second one displays it.

    Trame's extension serves the files of the first server that had a name, so each page has a name.
    """
    return [SERVERS[kind].format(name=f"bench_{page}") + LOGIC + PAGES[page] + STARTS[kind], DISPLAYS[kind]]
