"""Notebooks of the tutorials, made of their pages: ``python -m tests.docs.lessons`` writes them."""

import posixpath
import re
from pathlib import Path

import nbformat

from tests.docs.pages import ROOT

LESSONS = {"06_counter": "counter", "07_slider": "slider", "08_program": "program"}
"""Names of the notebooks, and of their pages below ``docs/tutorials/``."""

_CELL = re.compile(r"^```python\n(?!# \w+\.py\n)(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(\]\()([^)\s:#]+)(?=[#)])")


def path_of(name: str) -> Path:
    """Where the notebook lies."""
    return ROOT / "notebooks" / f"{name}.ipynb"


def notebook(name: str) -> nbformat.NotebookNode:
    """The notebook of a lesson: its text, and each block of Python that is no file, as cells without results."""
    page = (ROOT / "docs" / "tutorials" / f"{LESSONS[name]}.md").read_text("utf-8")
    cells = []
    # Text and code alternate.
    for number, part in enumerate(_CELL.split(page)):
        if number % 2:
            cells.append(nbformat.v4.new_code_cell(part.rstrip("\n"), id=f"{LESSONS[name]}-{number}"))
        elif text := _LINK.sub(_from_notebooks, part).strip():
            cells.append(nbformat.v4.new_markdown_cell(text, id=f"{LESSONS[name]}-{number}"))
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _from_notebooks(match: re.Match[str]) -> str:
    place = posixpath.normpath(posixpath.join("docs/tutorials", match[2]))
    return f"{match[1]}{posixpath.relpath(place, 'notebooks')}"


if __name__ == "__main__":
    for lesson in LESSONS:
        nbformat.write(notebook(lesson), path_of(lesson))
