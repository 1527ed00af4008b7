"""Who may do what, decided by jupyter-server's identity provider and authorizer."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from jupyter_server.auth.decorator import authorized, ws_authenticated
from tornado.web import authenticated

__all__ = ["requires", "socket_requires"]

F = TypeVar("F", bound=Callable[..., Any])


def requires(action: str, resource: str) -> Callable[[F], F]:
    """Decorates a handler's method: only a known user who may do `action` on `resource` gets in.

    Both are always said: jupyter-server's decorator remembers the first resource that it guesses, for all
    handlers that share a method.
    """

    def decorate(method: F) -> F:
        guarded: Any = authorized(action=action, resource=resource)
        return cast("F", authenticated(guarded(method)))

    return decorate


def socket_requires(action: str, resource: str) -> Callable[[F], F]:
    """The same for a websocket, which is refused with 403 instead of being sent to the login page."""

    def decorate(method: F) -> F:
        guarded: Any = authorized(action=action, resource=resource)
        return cast("F", ws_authenticated(guarded(method)))

    return decorate
