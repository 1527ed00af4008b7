"""A spreadsheet."""

from typing import TYPE_CHECKING

from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_datagrid.widgets import datagrid

from tests.e2e.packages.answers import answer_line, say

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-datagrid"
FRAMED = True
REMARKS = "Its cell editor does not open in a shadow root."


def app(server: "Server") -> None:
    server.state.update(
        {
            "columns": [{"prop": "name", "name": "Name", "size": 160}, {"prop": "age", "name": "Age"}],
            "rows": [{"name": "Ada", "age": 36}, {"name": "Grace", "age": 85}],
        }
    )
    with DivLayout(server):
        with html.Div(style="height: 180px"):
            datagrid.VGrid(
                source=("rows",),
                columns=("columns",),
                style="height: 180px",
                after_edit=(lambda value: say(server, value), "[$event.detail.val]"),
            )
        answer_line(server)


def drive(view: "View") -> None:
    cell = view.find(".rgCell", "Ada")
    cell.click()
    view.press("Enter")
    view.expect_visible("revo-grid input")
    view.find("revo-grid input").fill("Eve")
    view.press("Enter")
    view.expect_text(".answer", "python: Eve")
