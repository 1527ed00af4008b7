"""Where a notebook is shown beside plain JupyterLab: below a prefix, in Notebook 7, by Voila."""

from tests.e2e.conftest import MakeLab, MakePage
from tests.e2e.lab import HOST, View
from tests.e2e.notebooks import APP, LOAD, write_notebook
from tests.e2e.servers import NOISE, TOKEN, JupyterServer


def test_below_a_prefix(make_lab: MakeLab, prefixed_server: JupyterServer) -> None:
    lab = make_lab(prefixed_server)
    lab.open_cells([LOAD, APP, "server.open('tab')"])
    lab.run(0)
    lab.run(1)
    lab.inline_view().expect_live("websocket")
    lab.inline_view().exercise_controls()
    lab.run(2)
    lab.tab_view().expect_text(".double", "44")


def test_notebook_7(make_lab: MakeLab, notebook_server: JupyterServer) -> None:
    path = write_notebook(notebook_server.root / "seven.ipynb", [LOAD, APP])
    seven = make_lab(notebook_server)
    seven.visit(f"notebooks/{path.name}")
    seven.wait_open(path.name)
    seven.run_all()
    seven.inline_view().expect_live("websocket")
    seven.inline_view().exercise_controls()


def test_voila(make_page: MakePage, voila_server: JupyterServer) -> None:
    path = write_notebook(voila_server.root / "app.ipynb", [LOAD, APP])
    page, _ = make_page(voila_server)
    page.goto(f"{voila_server.url}voila/render/{path.name}", timeout=60_000)
    view = View(page.locator(HOST))
    view.expect_live("comm")
    view.exercise_controls()


def test_voila_in_a_jupyter_server(make_page: MakePage, lab_server: JupyterServer) -> None:
    """Its pages are below that server's own, and so is the extension's websocket."""
    path = write_notebook(lab_server.root / "dashboard.ipynb", [LOAD, APP])
    page, watch = make_page(lab_server)
    watch.expected += NOISE["voila"]
    page.goto(f"{lab_server.url}voila/render/{path.name}?token={TOKEN}", timeout=60_000)
    view = View(page.locator(HOST))
    view.expect_live("websocket")
    view.exercise_controls()
