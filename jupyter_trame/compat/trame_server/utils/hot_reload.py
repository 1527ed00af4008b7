"""``trame_server.utils.hot_reload``."""

from collections.abc import Callable
from typing import Any, TypeVar

from jupyter_trame.compat import reloading
from jupyter_trame.execution.hot_reload import hot_reload

__all__ = ["hot_reload", "reload"]

F = TypeVar("F", bound=Callable[..., Any])

_handle_exception = reloading.handle_exception


def reload(fn: F, perform_checks: bool = True) -> F:
    """See `jupyter_trame.execution.hot_reload.reload`; a program may put its own `_handle_exception` here."""
    return reloading.reload(fn, perform_checks, _handle_exception)
