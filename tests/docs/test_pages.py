"""The Python blocks of the pages run: as cells of one notebook a page, in a kernel, or as programs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.compat.support import OURS, Program, started
from tests.docs.pages import ROOT, Block, blocks

PAGES = [ROOT / "README.md", ROOT / "docs" / "server.md", ROOT / "docs" / "drop-in.md"]
PROGRAMS = [(page, block) for page in PAGES for block in blocks(page) if block.file]
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
    cells = [new_cell(source) for source in sources]  # type: ignore[no-untyped-call]
    notebook = new_notebook(cells=cells)  # type: ignore[no-untyped-call]
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
