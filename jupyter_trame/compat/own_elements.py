"""trame-client adapted for our own servers, whoever imports it: what is written, and what is known of mistakes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType

from jupyter_trame.compat.element_threads import part_threads
from jupyter_trame.compat.elements import remember_places, watch_layouts
from jupyter_trame.compat.finder import DropInFinder
from jupyter_trame.compat.quoting import patch_elements

__all__ = ["follow"]


def follow() -> None:
    """Adapt trame-client now, or when it is imported; again is harmless."""
    if not any(isinstance(finder, _ElementFinder) for finder in sys.meta_path):
        finder = _ElementFinder({}, _PATCHES)
        sys.meta_path.insert(0, finder)
        finder.patch_loaded()


class _ElementFinder(DropInFinder):
    """Stands in for nothing: elements belong to our own servers too."""


def _patch_core(module: ModuleType) -> Callable[[], None]:
    undo_quoting, undo_places = patch_elements(module), remember_places(module)
    undo_threads = part_threads(module)

    def undo() -> None:
        undo_threads()
        undo_places()
        undo_quoting()

    return undo


_PATCHES = {
    "trame_client.widgets.core": _patch_core,
    "trame_client.widgets.vue": patch_elements,
    "trame_client.ui.core": watch_layouts,
}
