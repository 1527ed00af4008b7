"""Tests of apps without a browser. pytest finds the fixture ``trame`` by itself; see docs/testing.md.

Every name is loaded when it is first used: pytest imports this package in each of its runs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_trame.testing.blocking import BlockingClient, BlockingElement, BlockingSession
    from jupyter_trame.testing.client import AppClient, ClientElement, JsCall, Publication
    from jupyter_trame.testing.errors import AppErrors, AppFailedError, NotReachedError
    from jupyter_trame.testing.launch import Launcher
    from jupyter_trame.testing.session import Session
    from jupyter_trame.testing.templates.elements import Element, NoSuchElementError
    from jupyter_trame.testing.templates.expressions import NeedsBrowserError
    from jupyter_trame.testing.templates.html import TemplateError

_HOMES = {
    "AppClient": "client",
    "AppErrors": "errors",
    "AppFailedError": "errors",
    "BlockingClient": "blocking",
    "BlockingElement": "blocking",
    "BlockingSession": "blocking",
    "ClientElement": "client",
    "Element": "templates.elements",
    "JsCall": "client",
    "Launcher": "launch",
    "NeedsBrowserError": "templates.expressions",
    "NoSuchElementError": "templates.elements",
    "NotReachedError": "errors",
    "Publication": "client",
    "Session": "session",
    "TemplateError": "templates.html",
}

__all__ = [
    "AppClient",
    "AppErrors",
    "AppFailedError",
    "BlockingClient",
    "BlockingElement",
    "BlockingSession",
    "ClientElement",
    "Element",
    "JsCall",
    "Launcher",
    "NeedsBrowserError",
    "NoSuchElementError",
    "NotReachedError",
    "Publication",
    "Session",
    "TemplateError",
]


if not TYPE_CHECKING:  # type checkers would take any name for one that is there

    def __getattr__(name: str) -> Any:
        """The public name, from the module that defines it; it is kept, so the next access costs nothing."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
