"""A table of `jupyter_trame.ui` with many rows, in a cell."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.lab import Lab, View
from tests.e2e.notebooks import LOAD
from tests.e2e.servers import JupyterServer

TABLE = """\
import numpy as np, pandas as pd
from jupyter_trame import ui
numbers = np.arange(100_000)
rows = pd.DataFrame({"n": numbers, "name": [f"row {number}" for number in numbers]})
with ui.app("table") as app:
    ui.table("rows", rows, selected="picked", on_open=lambda row: app.state.update(opened=row["name"]))
app
"""
WIDTH = "(one) => one.offsetWidth"
BLOCKING = """\
import time
from pathlib import Path
while not Path("go").exists():
    time.sleep(0.005)
"""


def scroll_down(view: View) -> None:
    """As far as it goes."""
    view.find(".jt-table-area").evaluate("(area) => { area.scrollTop = area.scrollHeight; }")


def use(view: View) -> None:
    """Scrolls and sorts the table, makes a column wider, and selects and opens a row."""
    expect(view.find(".jt-table-row").first).to_contain_text("row 0")
    scroll_down(view)
    expect(view.find(".jt-table-row").last).to_contain_text("row 99999")
    heading = view.find("th", "n").first
    for order in ("ascending", "descending"):
        heading.locator("button").click()
        expect(heading).to_have_attribute("aria-sort", order)
    widths = [view.find("th", name).first.evaluate(WIDTH) for name in ("n", "name")]
    # The grip is eight pixels wide.
    view.drag(".jt-table-grip", (0.5, 0.5), (5.5, 0.5))
    assert [view.find("th", name).first.evaluate(WIDTH) for name in ("n", "name")] == [
        widths[0] + 40,
        widths[1],
    ]
    expect(heading).to_have_attribute("aria-sort", "descending")
    first = view.find(".jt-table-row[data-index='0']")
    expect(first).to_contain_text("row 99999")
    first.click()
    expect(first).to_have_attribute("aria-selected", "true")
    view.press("ArrowDown")
    view.press("Enter")


def test_rows_are_there_while_a_cell_runs(lab: Lab, lab_server: JupyterServer) -> None:
    lab.open_cells([LOAD, TABLE, BLOCKING])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    expect(view.find(".jt-table-row").first).to_contain_text("row 0")
    lab.run(2, wait=False)
    scroll_down(view)
    expect(view.find(".jt-table-row").last).to_contain_text("row 99999")
    Path(lab_server.root / "go").touch()
    lab.wait_idle()


def test_rows_come_over_the_comm(bare_lab: Lab, picture: Callable[[str], Path]) -> None:
    bare_lab.open_cells([LOAD, TABLE, "print(app.state.picked, app.state.opened)"])
    bare_lab.run(0)
    bare_lab.run(1)
    view = bare_lab.inline_view()
    view.expect_live("comm")
    use(view)
    expect(view.find(".jt-mark")).to_have_attribute("data-state", "live")
    bare_lab.screenshot(picture("columns"))
    bare_lab.run(2)
    assert bare_lab.text_output(2) == "99999 row 99998\n"
