"""The table of packages in the documentation: ``python -m tests.e2e.packages.table`` writes it."""

import importlib
import pkgutil
from importlib.metadata import version
from pathlib import Path

from tests.e2e import packages

__all__ = ["names", "page"]

FIRST = ["html", "vuetify3", "vuetify4", "single_page", "plotly", "markdown"]
HELPERS = {"answers", "table", "vtk_scene"}
PAGE = Path(__file__).parents[3] / "docs" / "packages.md"
HEAD = """\
# Widget packages

Each row has an app in `tests/e2e/packages/` that the tests use with mouse and keys, in a cell of JupyterLab and on a
page of its own, and whose answers come from Python. In a cell an app lives in a shadow root: its styles and the
notebook's never meet, and nothing of it is a global of the page. A package that needs a document of its own gets a
frame by itself; `server.view(embed="frame")` puts any app into one.

| Package | Version | What | In a cell | On a page | Remarks |
|---|---|---|---|---|---|
"""
TAIL = """
Vuetify follows the light or dark theme of the page while the app names no theme: neither `theme.defaultTheme` in
`trame__vuetify3_config` (or `4`), nor `theme` on its `VApp`. Pop-ups of Vuetify are put beside the app in its shadow
root; a `defaults.global.attach` of the app's own configuration overrules that.
"""


def names() -> list[str]:
    """The modules with an app, the common ones first."""
    found = {name for _, name, _ in pkgutil.iter_modules(packages.__path__)} - HELPERS
    return FIRST + sorted(found - set(FIRST))


def _row(name: str) -> str:
    module = importlib.import_module(f"{packages.__name__}.{name}")
    what = (module.__doc__ or "").strip().rstrip(".")
    where = "frame" if module.FRAMED else "shadow root"
    cells = [f"`{module.DISTRIBUTION}`", version(module.DISTRIBUTION), what, where, "yes", module.REMARKS]
    return f"| {' | '.join(cells)} |"


def page() -> str:
    """The whole text."""
    return HEAD + "\n".join(map(_row, names())) + "\n" + TAIL


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
