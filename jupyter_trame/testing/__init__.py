"""Tests of apps without a browser. pytest finds the fixture ``trame`` by itself; see docs/testing.md.

Every name is loaded when it is first used: pytest imports this package in each of its runs.
"""

from typing import TYPE_CHECKING

from jupyter_trame.lazy_names import lazy_names

if TYPE_CHECKING:
    from jupyter_trame.browserless.elements import Element, NoSuchElementError
    from jupyter_trame.browserless.expressions import NeedsBrowserError
    from jupyter_trame.core.template_tree import TemplateError
    from jupyter_trame.testing.app_client import AppClient, ClientElement, JsCall, Publication
    from jupyter_trame.testing.app_errors import AppErrors, AppFailedError, NotReachedError
    from jupyter_trame.testing.app_launcher import AppLauncher
    from jupyter_trame.testing.app_session import AppSession
    from jupyter_trame.testing.blocking import BlockingClient, BlockingElement, BlockingSession

_HOMES = {
    "AppClient": ".app_client",
    "AppErrors": ".app_errors",
    "AppFailedError": ".app_errors",
    "BlockingClient": ".blocking",
    "BlockingElement": ".blocking",
    "BlockingSession": ".blocking",
    "ClientElement": ".app_client",
    "Element": "..browserless.elements",
    "JsCall": ".app_client",
    "AppLauncher": ".app_launcher",
    "NeedsBrowserError": "..browserless.expressions",
    "NoSuchElementError": "..browserless.elements",
    "NotReachedError": ".app_errors",
    "Publication": ".app_client",
    "AppSession": ".app_session",
    "TemplateError": "..core.template_tree",
}

__all__ = [
    "AppClient",
    "AppErrors",
    "AppFailedError",
    "AppLauncher",
    "AppSession",
    "BlockingClient",
    "BlockingElement",
    "BlockingSession",
    "ClientElement",
    "Element",
    "JsCall",
    "NeedsBrowserError",
    "NoSuchElementError",
    "NotReachedError",
    "Publication",
    "TemplateError",
]


if not TYPE_CHECKING:  # type checkers would take any name for one that is there
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)
