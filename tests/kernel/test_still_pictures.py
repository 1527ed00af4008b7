"""Notebooks that programs run: each output that shows an app ends as a picture of its last state."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

APP = """
from jupyter_trame import Server
server = Server("report", snapshot_exclude=["secret"])
server.state.update({"n": 1, "secret": "hidden", "evil": "<script>document.title = 'run'</script>"})
server.state.trame__template_main = "<p>n is {{ n }}, twice {{ twice }}</p><p>{{ evil }}</p><b>{{ secret }}</b>"
server.state.trame__template_other = "<p>other {{ n }}</p>"

@server.change("n")
def on_n(n, **_):
    server.state.twice = 2 * n
"""
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


def write(path: Path, *cells: str) -> Path:
    code = [new_code_cell(source) for source in cells]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=code, metadata={"kernelspec": kernel}), path)
    return path


def run(*cells: str) -> list[list[Any]]:
    """The outputs of each cell, at the end."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    NotebookClient(notebook, timeout=100, kernel_name="python3").execute()
    return [cell.outputs for cell in notebook.cells]


def command(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_each_output_has_the_last_state_and_no_widget() -> None:
    first, second, third, _ = run(
        APP + "server", "display(server.view('other'))", "server.state.n = 2", "server.state.n = 21"
    )
    (output,), (other,) = first, second
    assert not third
    assert output.data.keys() == {"text/html", "text/plain"}
    assert output.data["text/plain"].startswith("report\nn is 21, twice 42\n<script>")
    assert "<script" not in output.data["text/html"]
    assert "hidden" not in str(output.data)
    assert other.data["text/plain"] == "report\nother 21\nThe last state of an app."


def test_a_server_that_stopped_keeps_its_picture() -> None:
    outputs = run(APP + "server.view()", "server.state.n = 4", "server.stop()", "server.state.n = 5")
    assert "n is 4, twice 8" in outputs[0][0].data["text/plain"]


@pytest.mark.parametrize("form", ["html", "markdown", "notebook"])
def test_nbconvert_has_the_last_state_in_the_file(form: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", APP + "server", "server.state.n = 21")
    command(tmp_path, "-m", "nbconvert", "--to", form, "--execute", "--output", "out", path.name)
    (made,) = tmp_path.glob("out*")
    text = made.read_text("utf-8")
    assert "n is 21, twice 42" in text
    assert WIDGET not in text
    if form != "notebook":  # which has the text as text, too
        assert "<script>document.title" not in text.partition("n is 21")[2]


def test_jupyter_execute_and_papermill_write_it_into_the_notebook(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", APP + "server", "server.state.n = 21")
    command(tmp_path, "-m", "papermill", "--no-progress-bar", path.name, "made.ipynb")
    command(tmp_path, "-c", "from nbclient.cli import main; main()", "--inplace", path.name)
    for made in ("made.ipynb", path.name):
        notebook = nbformat.read(tmp_path / made, as_version=4)
        outputs = [output for cell in notebook.cells for output in cell.outputs]
        assert any(
            "n is 21, twice 42" in output.get("data", {}).get("text/html", "") for output in outputs
        ), made
