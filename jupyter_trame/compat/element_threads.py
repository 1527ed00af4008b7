"""What is open of trame-client's elements, for each thread: apps of one process may be built at the same time."""

from __future__ import annotations

from collections.abc import Callable
from threading import local
from types import ModuleType
from typing import Any

from jupyter_trame.compat.replacements import Replacements

__all__ = ["part_threads"]

_OPEN = "_jupyter_trame_open"


class _Open(local):
    """What one thread has opened."""

    def __init__(self) -> None:
        self.elements: list[Any] = []
        self.server: Any = None


def part_threads(module: ModuleType) -> Callable[[], None]:
    """Give each thread a stack of open elements of its own; `module` is ``core`` of trame-client.

    An element outside of any belongs to the server that its thread had last, or else to the last one of the process.
    """
    changes = Replacements()
    changes.put(module.ElementContextManager, "element_stack", property(_stack, _set_stack))
    changes.put(module.ElementContextManager, "_server", property(_server, _set_server))
    return changes.undo


def _open(manager: Any) -> _Open:
    # Threads may ask for it at the same time, and all get the one that is there first.
    found: _Open = vars(manager).get(_OPEN) or vars(manager).setdefault(_OPEN, _Open())
    return found


def _stack(manager: Any) -> list[Any]:
    return _open(manager).elements


def _set_stack(manager: Any, elements: list[Any]) -> None:
    _open(manager).elements = elements


def _server(manager: Any) -> Any:
    own = _open(manager).server
    return vars(manager).get("_server") if own is None else own


def _set_server(manager: Any, server: Any) -> None:
    _open(manager).server = vars(manager)["_server"] = server
