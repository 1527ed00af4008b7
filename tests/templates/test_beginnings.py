"""What `jupyter trame new` writes: it is well made, and it runs."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from jupyter_trame.apps.entry_points import read_app
from jupyter_trame.names import APP_GROUP
from jupyter_trame.templates import NameOfAppError, NoSuchBeginningError, files_of, read_beginnings
from tests.compat.support import OURS, started

ROOT = Path(__file__).parents[2]
NAMES = [beginning.name for beginning in read_beginnings()]


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


def run(folder: Path, *command: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    result = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.parametrize("beginning", NAMES)
def test_the_first_file_is_the_one_to_look_at(beginning: str) -> None:
    (known,) = (each for each in read_beginnings() if each.name == beginning)
    files = files_of(beginning, "sea-level")
    assert next(iter(files)) == known.first.format(name="sea-level", module="sea_level")
    assert not any("$" in text or "NAME" in path or "MODULE" in path for path, text in files.items())


@pytest.mark.parametrize("beginning", NAMES)
def test_python_is_well_made(beginning: str, tmp_path: Path) -> None:
    write(tmp_path, files_of(beginning, "sea-level"))
    config = str(ROOT / "pyproject.toml")
    ignored = "--extend-ignore=INP001"
    run(tmp_path, "-m", "ruff", "check", "--config", config, ignored, "--no-cache", ".")
    run(tmp_path, "-m", "ruff", "format", "--check", "--config", config, "--no-cache", ".")


@pytest.mark.parametrize("beginning", ["app", "ui"])
def test_a_file_is_a_program(beginning: str, tmp_path: Path) -> None:
    files = files_of(beginning, "sea-level")
    write(tmp_path, files)
    (path,) = files
    with started(OURS, tmp_path / path, "--server", "--port", "0") as program:
        assert program.port
        assert program.interrupt() == 0, program.output


def test_a_notebook_runs(tmp_path: Path) -> None:
    (text,) = files_of("notebook", "sea-level").values()
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[0].source.startswith("# Sea level\n")
    resources = {"metadata": {"path": tmp_path}}
    NotebookClient(notebook, timeout=100, kernel_name="python3", resources=resources).execute()
    (output,) = notebook.cells[-1].outputs
    assert output.data["text/plain"].endswith("The last state of an app.")


def test_the_tests_of_a_project_pass(tmp_path: Path) -> None:
    write(tmp_path, files_of("project", "sea-level"))
    assert re.search(r"\b2 passed\b", run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider"))


def test_a_project_registers_its_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = files_of("project", "sea-level")
    project = tomllib.loads(files["pyproject.toml"])["project"]
    ((name, value),) = project["entry-points"][APP_GROUP].items()
    write(tmp_path, files)
    monkeypatch.syspath_prepend(tmp_path)
    app = read_app(EntryPoint(name, value, APP_GROUP))
    assert (app.name, app.title, app.error) == ("sea-level", "Sea level", None)
    assert app.description == "What the card in the launcher says."
    assert "from sea_level import app" in ast.unparse(ast.parse(files["sea_level/__main__.py"]))


@pytest.mark.parametrize(
    "name", ["", "My-app", "1app", "my app", "my--app", "my.app", "class", "é", "a/b", "..", "-a"]
)
def test_a_name_that_no_app_can_have_is_refused(name: str) -> None:
    with pytest.raises(NameOfAppError, match=re.escape(f"not {name!r}")):
        files_of("app", name)


def test_an_unknown_beginning_is_told_with_the_nearest() -> None:
    with pytest.raises(
        NoSuchBeginningError, match="is 'project' meant\\? there is no template 'projct', but app,"
    ):
        files_of("projct")
    with pytest.raises(
        NoSuchBeginningError, match=r"^there is no template 'x', but app, ui, notebook, project$"
    ):
        files_of("x")
    with pytest.raises(NoSuchBeginningError):
        files_of("../templates")
