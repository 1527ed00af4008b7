"""An app that the tests of this folder share."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from trame_client.ui.html import DivLayout
from trame_client.widgets import html

from jupyter_trame.browserless.scope import Scope
from jupyter_trame.core import State
from jupyter_trame.core.template_tree import HtmlNode, parse_template
from jupyter_trame.server import Server

TIMEOUT = 20


class Counter:
    """Counts, and multiplies what it counted."""

    def __init__(self, server: Server) -> None:
        self.server = server
        server.state.update({"n": 1, "total": 10, "items": ["a", "b"], "open": False, "big": ""})
        server.change("n")(self.multiply)
        server.trigger("add")(self.add)
        server.trigger("bad")(self.bad)
        server.trigger("later")(self.later)
        with DivLayout(server):
            html.Button("Add", click=(self.add, "[2]"), ref="add", disabled=("n > 100",))
            html.Button("Toggle", click="open = !open; n += 1")
            html.Button("Bad", click="trigger('bad')")
            html.Input(v_model_number="n", type="range")
            html.P("total {{ total }}", v_if="open", classes="sum big")
            html.Li("{{ item }}", v_for="item in items", click="set('picked', item)")

    def multiply(self, n: int, **_: Any) -> None:
        if n < 0:
            raise ValueError("n is negative")
        self.server.state.total = n * 10

    def add(self, number: int, times: int = 1) -> int:
        self.server.state.n += number * times
        self.server.js_call("add", "focus", number)
        return int(self.server.state.n)

    def bad(self) -> None:
        raise KeyError("bad")

    async def later(self) -> str:
        await asyncio.sleep(0)
        return "later"


def run(main: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(main, TIMEOUT))


def template(text: str, /, **state: Any) -> tuple[HtmlNode, Scope]:
    """A template, and a scope with `state`."""
    values = State(ready=True)
    values.update(state)
    values.flush()
    return parse_template("main", text), Scope(values)
