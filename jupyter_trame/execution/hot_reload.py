"""Functions that follow their source file: save it, and the next call runs what it says now.

Only the definition of the one function is taken from the file, the rest of its module stays as it is. A function of
a notebook cell has no file; running the cell again is what replaces it.
"""

import ast
import logging
import sys
from collections.abc import Callable
from functools import lru_cache, wraps
from inspect import iscoroutinefunction, unwrap
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any, TypeVar, cast

from jupyter_trame.execution.redefine import stamp_of, update, version_of

__all__ = ["HotReload", "hot_reload", "reload"]

F = TypeVar("F", bound=Callable[..., Any])

_logger = logging.getLogger(__name__)

_FOREIGN = frozenset({"dist-packages", "site-packages"})
_PACKAGE = Path(__file__).parent.parent
_STANDARD_LIBRARY = Path(ast.__file__).parent

_ELEMENTS = frozenset(
    {("trame_client.widgets.core", "AbstractElement"), ("trame_client.ui.core", "AbstractLayout")}
)


class HotReload:
    """``HotReload(report)(fn)`` is the newest version of `fn`; a `jupyter_trame.core.listeners.Reloader`.

    `report(where, error)` hears why a function could not be reloaded, once each time its file is saved; the version
    before stays in use. `retry` is asked then, too: True looks at the file again at once. Any thread.
    """

    def __init__(
        self,
        report: Callable[[str, Exception], object] | None = None,
        *,
        retry: Callable[[], bool] | None = None,
    ) -> None:
        self._report = report or _log
        self._retry = retry

    def __call__(self, fn: F) -> F:
        """The newest version of `fn`, bound as `fn` is; `fn` itself where nothing can have changed."""
        return fn if _is_left_alone(fn) else self.newest(fn)

    def newest(self, fn: F) -> F:
        """As a call, for functions of installed packages and of widgets, too."""
        target = fn.__func__ if isinstance(fn, MethodType) else fn
        plain = unwrap(target)
        if not isinstance(plain, FunctionType) or plain.__name__ == "<lambda>":
            return fn
        record = version_of(plain)
        while (stamp := stamp_of(plain.__code__.co_filename)) is not None and stamp != record.stamp:
            record.stamp = stamp
            try:
                update(record, stamp)
            except Exception as error:  # noqa: BLE001 - a half-written file gives any error; the old version works
                self._report(f"hot reload of {plain.__qualname__}", error)
                if self._retry is not None and self._retry():
                    record.stamp = None
                    continue
            break
        if record.newest is plain:
            return fn
        if isinstance(fn, MethodType):
            return cast("F", MethodType(record.newest, fn.__self__))
        return cast("F", record.newest)


def reload(fn: F, perform_checks: bool = True) -> F:
    """The newest version of `fn`; what goes wrong is logged, and in a terminal the user is asked whether to try again.

    With `perform_checks`, functions of installed packages and methods of widgets and layouts are left alone.
    """
    reloader = HotReload(retry=_ask_in_terminal)
    return reloader(fn) if perform_checks else reloader.newest(fn)


def hot_reload(fn: F) -> F:
    """Decorate a function so that each call runs its newest version.

    When it is reloaded, decorators above this one are not applied again.
    """
    if iscoroutinefunction(fn):

        @wraps(fn)
        async def call_newest_coroutine(*args: Any, **kwargs: Any) -> Any:
            return await reload(fn, perform_checks=False)(*args, **kwargs)

        return cast("F", call_newest_coroutine)

    @wraps(fn)
    def call_newest(*args: Any, **kwargs: Any) -> Any:
        return reload(fn, perform_checks=False)(*args, **kwargs)

    return cast("F", call_newest)


# -- which functions


def _is_left_alone(fn: object) -> bool:
    if not isinstance(fn, FunctionType | MethodType):
        return True
    if isinstance(fn, MethodType):
        owner = fn.__self__ if isinstance(fn.__self__, type) else type(fn.__self__)
        if not _ELEMENTS.isdisjoint((base.__module__, base.__qualname__) for base in owner.__mro__):
            return True
    code = getattr(unwrap(fn), "__code__", None)
    return code is None or _is_foreign(code.co_filename)


@lru_cache(maxsize=1024)
def _is_foreign(path: str) -> bool:
    """Whether a file belongs to an installed package or to Python."""
    where = Path(path)
    if not _FOREIGN.isdisjoint(where.parts):
        return True
    return where.is_relative_to(_PACKAGE) or where.is_relative_to(_STANDARD_LIBRARY)


# -- what goes wrong


def _log(where: str, error: Exception) -> None:
    _logger.error("%s failed, the version before stays in use: %s", where, error, exc_info=error)


def _ask_in_terminal() -> bool:
    if "ipykernel" in sys.modules or sys.stdin is None or not sys.stdin.isatty():
        return False
    try:
        return input("Enter reads the file again, k and Enter keeps the version before: ") != "k"
    except (EOFError, OSError):
        return False
