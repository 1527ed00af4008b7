"""The notebooks of the tutorials say what their pages say."""

import nbformat
import pytest

from tests.docs.lessons import LESSONS, notebook, path_of
from tests.docs.pages import ROOT


@pytest.mark.parametrize("name", LESSONS)
def test_the_notebook_is_that_of_the_page(name: str) -> None:
    committed = nbformat.read(path_of(name), as_version=4)
    assert committed == notebook(name), "python -m tests.docs.lessons writes the notebooks"
    assert any(cell.cell_type == "code" for cell in committed.cells)


def test_each_tutorial_has_a_notebook() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "tutorials").glob("*.md")} - {"index"}
    assert pages == set(LESSONS.values())
