"""A cell that runs again and again, and views that open and close, leave nothing behind: not here, nor in the page.

Of the page what counts are the shadow roots that have a view in them, with all that is in these, and sockets:
JupyterLab keeps an element of each output that it has shown, and of each toolbar.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, expect

from tests.e2e.conftest import MakeLab
from tests.e2e.lab import TAB_HOST, Lab
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.servers import JupyterServer, wait_until
from tests.faults import soak

ROUNDS = [20, pytest.param(200, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
WARM_UP = 3
"""Rounds, in which code is loaded and caches fill."""
COUNT = f"""
import json
from comm import get_comm_manager
{soak.COUNT.replace("print(json.dumps(count()))", "")}
print(json.dumps({{**count(), "comms": len(get_comm_manager().comms)}}))
"""
HELD = ("tasks", "threads", "files", "comms")
OF_PAGE = {
    "shadow roots of views": ("ShadowRoot.prototype", "(each) => each.querySelector('.jt-frame')"),
    "sockets": ("WebSocket.prototype", "(each) => each.readyState < 2 && each.url.includes('/trame/')"),
}
"""What the page holds -> a prototype, and which of its objects count."""
COUNT_OBJECTS = """function (counts) {
    const all = [...this].filter((each) => {
        try { return (0, eval)(counts)(each); } catch { return false; }  // of prototypes nothing can be asked
    });
    return all.length;
}"""


class Census:
    """What kernel, Jupyter server and page hold."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._page: CDPSession = lab.page.context.new_cdp_session(lab.page)

    def take(self, cell: int) -> dict[str, int]:
        """The counts, by a cell of the notebook."""
        self._lab.run(cell)
        kernel: dict[str, int] = json.loads(self._lab.text_output(cell))
        server = Path(f"/proc/{self._lab.server.pid}")
        return {
            **{f"kernel: {name}": kernel[name] for name in HELD},
            "server: files": len(list((server / "fd").iterdir())),
            "server: threads": len(list((server / "task").iterdir())),
            **{f"page: {name}": self._of_page(*which) for name, which in OF_PAGE.items()},
        }

    def _of_page(self, prototype: str, counts: str) -> int:
        """Objects that are in use, by what the browser finds after it has collected its garbage."""
        given = {"objectGroup": "census"}
        kind = self._page.send("Runtime.evaluate", {"expression": prototype, **given})["result"]["objectId"]
        found = self._page.send("Runtime.queryObjects", {"prototypeObjectId": kind, **given})["objects"]
        call = {"objectId": found["objectId"], "functionDeclaration": COUNT_OBJECTS, "returnByValue": True}
        counted = self._page.send("Runtime.callFunctionOn", {**call, "arguments": [{"value": counts}]})
        self._page.send("Runtime.releaseObjectGroup", given)
        return int(counted["result"]["value"])


def check_rounds(lab: Lab, rounds: int, one: Callable[[], None], cell: int) -> None:
    """After `rounds` times `one` all is as before them; what is on its way has some seconds to arrive."""
    census = Census(lab)
    for _ in range(WARM_UP):
        one()
    before = census.take(cell)
    assert before["page: shadow roots of views"] == 1
    assert before["page: sockets"] >= 1
    for _ in range(rounds):
        one()
    left: dict[str, tuple[int, int]] = {}

    def settled() -> bool:
        now = census.take(cell)
        left.clear()
        left.update({name: (before[name], now[name]) for name in now if now[name] > before[name]})
        return not left

    try:
        wait_until(settled, "everything to be as before", timeout=20)
    except TimeoutError:
        pytest.fail(f"after {rounds} rounds there is more than before: {left}")


@pytest.fixture
def app_lab(make_lab: MakeLab, lab_server: JupyterServer) -> Lab:
    lab = make_lab(lab_server)
    lab.open_cells([LOAD, APP, COUNT])
    lab.run_all()
    lab.inline_view().expect_live("websocket")
    return lab


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_cell_that_runs_again(app_lab: Lab, rounds: int) -> None:
    def run_again() -> None:
        app_lab.run(1)
        app_lab.inline_view().expect_live("websocket")
        app_lab.inline_view().expect_text(".double", "2")

    check_rounds(app_lab, rounds, run_again, 2)


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_view_that_opens_and_closes(app_lab: Lab, rounds: int) -> None:
    def open_and_close() -> None:
        app_lab.inline_view().find(".jt-mark-open").click()
        app_lab.tab_view().expect_text(".double", "2")
        app_lab.execute("application:close")
        expect(app_lab.page.locator(TAB_HOST)).to_have_count(0)

    check_rounds(app_lab, rounds, open_and_close, 2)
