"""The harness itself, on a notebook without an app: when this fails, nothing else here means anything."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import MakeLab, MakePage
from tests.e2e.lab import Lab
from tests.e2e.notebooks import write_notebook
from tests.e2e.servers import JupyterServer


def test_a_cell_runs_and_its_output_is_read(lab: Lab) -> None:
    lab.open_cells(["print(6 * 7)", "1 / 0"])
    lab.run_all()
    assert lab.text_output(0) == "42\n"
    lab.run(0)
    assert "ZeroDivisionError" in lab.text_output(1)


@pytest.mark.long
@pytest.mark.parametrize("fixture", ["prefixed_server", "bare_server"])
def test_the_other_labs(request: pytest.FixtureRequest, make_lab: MakeLab, fixture: str) -> None:
    lab = make_lab(request.getfixturevalue(fixture))
    lab.open_cells(["print(6 * 7)"])
    lab.run_all()
    assert lab.text_output(0) == "42\n"


@pytest.mark.long
def test_notebook_7(make_lab: MakeLab, notebook_server: JupyterServer) -> None:
    path = write_notebook(notebook_server.root / "plain.ipynb", ["print(6 * 7)"])
    seven = make_lab(notebook_server)
    seven.visit(f"notebooks/{path.name}")
    seven.wait_open(path.name)
    seven.run_all()
    assert seven.text_output(0) == "42\n"


@pytest.mark.long
def test_voila(make_page: MakePage, voila_server: JupyterServer) -> None:
    path = write_notebook(voila_server.root / "plain.ipynb", ["print(6 * 7)"])
    page, _ = make_page(voila_server)
    page.goto(f"{voila_server.url}voila/render/{path.name}")
    expect(page.get_by_text("42")).to_be_visible()
