"""Every notebook of the repository runs from top to bottom in a fresh kernel; none is committed with results."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
ELSEWHERE = {"04_narvi"}
"""Their services are kernels, which a Jupyter server starts: `tests/e2e/` runs them in JupyterLab."""


@pytest.mark.parametrize(
    "path", [path for path in PATHS if path.stem not in ELSEWHERE], ids=lambda path: path.stem
)
def test_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=100, kernel_name="python3", resources={"metadata": {"path": NOTEBOOKS}}
    ).execute()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_is_committed_without_results(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert not [cell.id for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]
    assert "widgets" not in notebook.metadata
