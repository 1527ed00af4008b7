"""Puts this package in the place of trame's server, before a program imports it, and takes it out again."""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from jupyter_trame.compat import layouts, own_elements, plotters, server_names
from jupyter_trame.compat.finder import CompanionFinder, DropInFinder
from jupyter_trame.errors import ServerError

__all__ = ["COMPANIONS", "MIRRORS", "install", "installed", "uninstall"]

_logger = logging.getLogger(__name__)

_HERE = Path(__file__).parent
MIRRORS = {name: _HERE / name for name in ("trame_server", "wslink")}
"""The packages that are ours while the drop-in is installed, and where they lie."""
COMPANIONS = {name: _HERE / name for name in ("igor", "narvi", "trio_websockets")}
"""The packages that are ours where no package of that name is installed, and where they lie."""
_PATCHES = {
    "trame.app.core": server_names.patch_registry,
    "trame_client.ui.core": layouts.patch_layouts,
    "trame_common.obj.app": layouts.patch_apps,
    "trame_pyvista.jupyter": plotters.patch_viewer,
}
_BEFORE_PYVISTA_049 = {"pyvista.trame.jupyter": plotters.patch_viewer}
"""A list of names from ``trame_pyvista`` where that is installed."""


def install() -> None:
    """From now on ``import trame_server`` and ``import wslink`` give this package; again is harmless.

    `trame` and its widget packages use it then without knowing. Raises `ServerError` when one of the two was imported
    before: what already holds the original cannot be changed. Of `COMPANIONS` those give this package that are not
    installed.
    """
    if installed():
        return
    for name, folder in MIRRORS.items():
        module = sys.modules.get(name)
        if module is not None:
            raise ServerError(_too_late(name, str(getattr(module, "__file__", None)), folder))
    patches = _PATCHES if find_spec("trame_pyvista") else _PATCHES | _BEFORE_PYVISTA_049
    finder = DropInFinder(MIRRORS, patches)
    sys.meta_path.insert(0, finder)
    finder.patch_loaded()
    _install_companions()
    own_elements.follow()
    if "IPython" in sys.modules:
        # Servers that trame's packages make live in the kernel or beside the prompt, also where nobody wrote %load_ext.
        import_module("jupyter_trame.kernel").install()


def installed() -> bool:
    """Whether imports of trame's server give this package."""
    return any(type(finder) is DropInFinder for finder in sys.meta_path)


def uninstall() -> None:
    """Undo `install`, for tests; modules that hold names of ours, such as ``trame.app``, keep them."""
    for finder in list(sys.meta_path):
        if type(finder) is DropInFinder:
            sys.meta_path.remove(finder)
            finder.undo()
            for name in list(sys.modules):
                if name.partition(".")[0] in MIRRORS:
                    del sys.modules[name]
        elif type(finder) is CompanionFinder:
            sys.meta_path.remove(finder)
            ours = {name for name, folder in finder.folders.items() if _is_from(folder, name)}
            for name in list(sys.modules):
                if name.partition(".")[0] in ours:
                    del sys.modules[name]


def _is_from(folder: Path, name: str) -> bool:
    file = getattr(sys.modules.get(name), "__file__", None)
    return file is not None and Path(file).is_relative_to(folder)


def _install_companions() -> None:
    for name in COMPANIONS:
        found = sys.modules.get(name) or find_spec(name)
        if found is not None:
            _logger.info(
                "import %s gives the package that is installed, and not the one of jupyter_trame", name
            )
    sys.meta_path.append(CompanionFinder(COMPANIONS))


def _too_late(name: str, origin: str, folder: Path) -> str:
    return (
        f"{name} is imported already, from {origin}, so jupyter_trame cannot take its place (with {folder}). "
        "Restart the kernel or the program and load jupyter_trame first, before any import of trame: %load_ext "
        "jupyter_trame in Jupyter, jupyter_trame.compat.install() in a notebook of marimo or a program, which "
        "`python -m jupyter_trame run` starts as it is."
    )
