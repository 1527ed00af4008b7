"""Scripts of plotting libraries, which clients load once something is shown that they draw."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jupyter_trame.server import Server
from jupyter_trame.showing.kinds import SHOWN

__all__ = ["enable_for", "offer"]


def offer(server: Server) -> None:
    """Serve the scripts of all libraries that are installed; clients load none yet. Any thread.

    Where each session of a service has its own server pages may get the files of another one, that has shown nothing.
    """
    for package in _PACKAGES.values():
        with suppress(PackageNotFoundError):
            server.enable_module({"serve": package()["serve"]})


def enable_for(server: Server, shown: Any) -> None:
    """Have clients of `server` load what draws `shown`, if that needs a script. Any thread."""
    if isinstance(shown, dict) and shown.get(SHOWN) == "plot":
        server.enable_module(_PACKAGES[shown["library"]]())


@cache
def _plotly() -> dict[str, Any]:
    """plotly's own script, of the installed version. Raises `PackageNotFoundError` where there is none."""
    # A name that the client knows as one whose document is the view (js/src/view/packages/packages.ts).
    folder = f"__trame_plotly_{version('plotly')}"
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise PackageNotFoundError("plotly")
    return {
        "serve": {folder: str(Path(spec.origin).parent / "package_data")},
        "scripts": [f"{folder}/plotly.min.js"],
    }


_PACKAGES = {"plotly": _plotly}
