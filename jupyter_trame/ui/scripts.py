"""Scripts of plotting libraries, which clients load once something is shown that they draw."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jupyter_trame.server import Server
from jupyter_trame.showing.kinds import SHOWN

__all__ = ["enable_for"]


def enable_for(server: Server, shown: Any) -> None:
    """Have clients of `server` load what draws `shown`, if that needs a script. Any thread."""
    if isinstance(shown, dict) and shown.get(SHOWN) == "plot":
        server.enable_module(_PACKAGES[shown["library"]]())


@cache
def _plotly() -> dict[str, Any]:
    """plotly's own script, of the version that made the figure."""
    spec = find_spec("plotly")
    assert spec is not None  # it made the figure
    assert spec.origin is not None
    # A name that the client knows as one whose document is the view (js/src/view/packages/packages.ts).
    folder = f"__trame_plotly_{version('plotly')}"
    return {
        "serve": {folder: str(Path(spec.origin).parent / "package_data")},
        "scripts": [f"{folder}/plotly.min.js"],
    }


_PACKAGES = {"plotly": _plotly}
