"""The Python blocks of the pages run: as cells of one notebook a page, in a kernel, or as programs."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import jupyter_trame
from tests.compat.support import OURS, Program, started
from tests.docs.pages import PAGES as ALL_PAGES
from tests.docs.pages import ROOT, Block, blocks, first_column, section

PAGES = [
    ROOT / "README.md",
    *(
        ROOT / "docs" / f"{name}.md"
        for name in ("guide", "commands", "server", "doctor", "drop-in", "trio", "igor")
    ),
    *(ROOT / "docs" / "coming-from" / f"{name}.md" for name in ("dash", "ipywidgets", "trame")),
    *sorted(page for folder in ("tutorials", "howto") for page in (ROOT / "docs" / folder).glob("*.md")),
]
PASTED = [ROOT / "README.md", ROOT / "docs" / "guide.md"]
"""Where a reader takes a cell without those before it."""
FILES = [(page, block) for page in PAGES for block in blocks(page) if block.file]
TESTS = [(page, block) for page, block in FILES if block.text.startswith("# test_")]
PROGRAMS = [(page, block) for page, block in FILES if (page, block) not in TESTS]
NOISE = ("vtk", "bad X server connection", "_XSERVTransmkdir")
"""Parts of what others write to stderr."""


def expected(source: str) -> str | None:
    """What the last line promises: an expression and, as a comment behind it, its value."""
    last = source.rstrip().rpartition("\n")[2]
    code, mark, value = last.partition("  # ")
    return value if mark and _is_expression(code) else None


def _is_expression(code: str) -> bool:
    try:
        ast.parse(code, mode="eval")
    except SyntaxError:
        return False
    return True


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_cells_run(page: Path, environment: Path) -> None:
    new_cell, new_notebook = nbformat.v4.new_code_cell, nbformat.v4.new_notebook
    sources = [block.text for block in blocks(page) if not block.file]
    cells = [new_cell(source) for source in sources]
    notebook = new_notebook(cells=cells)
    NotebookClient(
        notebook, timeout=100, kernel_name="python3", resources={"metadata": {"path": environment}}
    ).execute()
    for cell in notebook.cells:
        outputs = cell.outputs
        errors = "".join(out.text for out in outputs if out.output_type == "stream" and out.name == "stderr")
        serious = [line for line in errors.splitlines() if not any(part in line for part in NOISE)]
        assert not serious, f"{cell.source}\nwrote to stderr:\n{errors}"
        promised = expected(cell.source)
        if promised is not None:
            results = [out.data["text/plain"] for out in outputs if out.output_type == "execute_result"]
            assert results == [promised], cell.source


@pytest.mark.parametrize("page", PASTED, ids=lambda page: page.stem)
def test_each_cell_can_be_pasted_behind_the_first(page: Path, environment: Path) -> None:
    first, *others = (block.text for block in blocks(page) if not block.file)
    cells = [source for other in others for source in ("%reset -f", first, other)]
    new_cell, new_notebook = nbformat.v4.new_code_cell, nbformat.v4.new_notebook
    notebook = new_notebook(cells=[new_cell(source) for source in cells])
    NotebookClient(
        notebook, timeout=100, kernel_name="python3", resources={"metadata": {"path": environment}}
    ).execute()


def test_versions_and_the_entry_point_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {*project["dependencies"], *chain(*project["optional-dependencies"].values())}
    readme = ROOT / "README.md"
    named = [name for row in first_column(section(readme, "Install"), 2) for name in row]
    assert named
    assert set(named) <= declared
    (row,) = (line for line in readme.read_text("utf-8").splitlines() if line.startswith("| Python |"))
    versions = [kind.rpartition(" ")[2] for kind in project["classifiers"] if "Python :: 3." in kind]
    assert re.findall(r"3\.\d+", row) == versions
    assert project["requires-python"] == f">={versions[0]}"
    group = '[project.entry-points."jupyter_trame.apps"]'
    entries = {
        block.text.partition(f"{group}\n")[2].partition("  #")[0].strip()
        for page in ALL_PAGES
        for block in blocks(page, "toml")
        if group in block.text
    }
    assert entries == {'mine = "my_package:app"'}


def test_uninstalling_and_the_log_are_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    install = section(ROOT / "README.md", "Install")
    assert f"`pip uninstall {project['name']}`" in install
    title = "When something goes wrong"
    assert f"(docs/guide.md#{title.lower().replace(' ', '-')})" in install
    assert f"the logger `{jupyter_trame.__name__}`" in section(ROOT / "docs" / "guide.md", title)


def test_promises_are_found() -> None:
    assert expected("x = 1\nx + 1  # 2\n") == "2"
    assert expected("x = 1  # one\n") is None
    assert expected("f(1)\n") is None


@pytest.fixture
def program(block: Block, tmp_path: Path) -> Iterator[Program]:
    assert block.file is not None
    path = tmp_path / block.file
    path.write_text(block.text, "utf-8")
    with started(OURS, path, "--server", "--port", "0") as program:
        yield program


@pytest.mark.parametrize("block", [block for _, block in PROGRAMS], ids=[block.file for _, block in PROGRAMS])
def test_programs_run(program: Program) -> None:
    assert program.port
    assert program.interrupt() == 0, program.output


@pytest.mark.parametrize(("page", "test"), TESTS, ids=[block.file for _, block in TESTS])
def test_tests_of_a_page_pass(page: Path, test: Block, tmp_path: Path) -> None:
    for other, block in FILES:
        if other == page and block.file is not None:
            (tmp_path / block.file).write_text(block.text, "utf-8")
    assert test.file is not None
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-W",
        "error",
        "--rootdir=.",
        test.file,
    ]
    command += ["-o", "asyncio_default_fixture_loop_scope=function"]  # pytest-asyncio warns without it
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100)
    assert f"{test.text.count('def test_')} passed" in done.stdout, done.stdout + done.stderr
