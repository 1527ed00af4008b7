"""`trame_server.utils.hot_reload`: ours, with trame's words where a file cannot be read."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from jupyter_trame.execution.hot_reload import HotReload

__all__ = ["handle_exception", "reload"]

F = TypeVar("F", bound=Callable[..., Any])


def reload(fn: F, perform_checks: bool, ask: Callable[[Any], bool]) -> F:
    """The newest version of `fn`; see `jupyter_trame.execution.hot_reload.reload`.

    ``ask(fn)`` is called in the handler of what the file raises: True reads it again, False keeps the version before.
    """
    reloader = HotReload(lambda *_: None, retry=lambda: ask(fn))
    return reloader(fn) if perform_checks else reloader.newest(fn)


def handle_exception(fn: Any) -> bool:
    """Print the exception that is being handled; in a terminal wait for Enter, and be True unless it is closed."""
    traceback.print_exc()
    name = getattr(fn, "__qualname__", repr(fn))
    if "ipykernel" in sys.modules or sys.stdin is None or not sys.stdin.isatty():
        sys.stdout.write(f"hot reload of {name} failed, keeping previous version\n")
        return False
    try:
        input(f"hot reload of {name} failed: correct the file and press return to continue ")
    except (EOFError, OSError):
        return False
    return True
