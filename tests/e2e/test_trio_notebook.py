"""The notebook about trio, as a reader meets it; the picture in test-results/ is for people."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.lab import HOST, Lab
from tests.e2e.test_demo import index_of

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02_trio.ipynb"


def test_the_app_shows_what_trio_hears_while_a_cell_blocks(lab: Lab, picture: Callable[[str], Path]) -> None:
    shutil.copy(NOTEBOOK, lab.server.root)
    lab.start()
    lab.open(NOTEBOOK.name)
    for cell in ("load", "server", "client", "app"):
        lab.run(index_of(lab, cell))
    view = lab.inline_view()
    view.expect_live("websocket")
    view.expect_text(".heard", "0 messages, the last one:")
    blocks = index_of(lab, "block")
    lab.run(blocks, wait=False)
    for count in (3, 10, 20):
        lab.page.wait_for_function(
            """([css, count]) => {
                const text = document.querySelector(css).shadowRoot.querySelector(".heard").textContent;
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                return kernel.status === "busy" && parseInt(text) >= count;
            }""",
            arg=[HOST, count],
        )
    lab.wait_idle()
    assert re.search(r"\d\d messages came while this cell slept", lab.text_output(blocks))
    expect(view.find(".heard")).to_have_text("40 messages, the last one: step 39")
    lab.scroll_to(index_of(lab, "app"))
    lab.screenshot(picture("app"))
    lab.run_all()
    assert lab.text_output(index_of(lab, "check")) == ""
