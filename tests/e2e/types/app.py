"""An app that holds a value of each type and looks at what comes back.

``python -m tests.e2e.types.app PORT`` is a program; in a cell `server` is shown after `build`.
"""

import sys
from typing import Any

from trame_client.ui.html import DivLayout
from trame_client.widgets import html

from jupyter_trame import Server
from tests.e2e.types.rows import SENT
from tests.protocol.support import same

server = Server("types")
state, ctrl = server.state, server.controller


@ctrl.trigger("echo")
def echo(index: int, value: Any) -> Any:
    """The value, as an argument and a result."""
    assert same(value, SENT[index].back), f"{value!r} is not {SENT[index].back!r}"
    return SENT[index].value


@ctrl.trigger("back")
def back(index: int) -> str:
    """What the page has set."""
    value = state[f"back{index}"]
    return "" if same(value, SENT[index].back) else f"{value!r} is not {SENT[index].back!r}"


def build() -> None:
    """State and page."""
    for index, row in enumerate(SENT):
        state[f"value{index}"] = row.value
        state[f"back{index}"] = "nothing yet"
    with DivLayout(server):
        for index in range(len(SENT)):
            html.Span(f"{{{{ value{index} }}}}", classes=f"text{index}")
            with html.Select(v_model=(f"back{index}",), classes=f"select{index}"):
                html.Option("it", value=(f"value{index}",))
                html.Option("nothing", value=("'nothing yet'",))
        # What the page's own code has; in a cell there is no global.
        html.Button("Give", click="$event.target.app = trame", classes="give")


if __name__ == "__main__":
    build()
    server.start(port=int(sys.argv[1]), open_browser=False)
