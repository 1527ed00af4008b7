"""`WebAppServices`: what the class of a service gets as its first argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from jupyter_trame.narvi.callbacks import Callbacks
from jupyter_trame.narvi.request_services import Handler
from jupyter_trame.services.instance import InstanceEvents, InstanceKey
from jupyter_trame.services.monitoring import clean_metadata
from jupyter_trame.services.service_messages import Message

__all__ = ["WebAppServices"]

_Callback = TypeVar("_Callback", bound=Callable[..., Any])


class WebAppServices:
    """The way from an instance of a service to its sessions, and back.

    All methods may be called on any thread. All callbacks of an instance run on one thread of its own, in the order in
    which their causes came, but for the metrics callback and what is created as ``concurrent``, which run on others. A
    callback that raises is logged; the instance lives on.
    """

    def __init__(self, key: InstanceKey, events: InstanceEvents, callbacks: Callbacks) -> None:
        """Hosts make it; see `RunningService`."""
        self._key = key
        self._events = events
        self._callbacks = callbacks

    # -- messages

    def send(
        self,
        msg: Message,
        for_session_id: str | None = None,
        except_session_id: str | None = None,
    ) -> None:
        """Send `msg` to all sessions of this instance, to one, or to all but one; `for_session_id` goes before.

        Text arrives as text, bytes as an ArrayBuffer. A session that has ended gets nothing. Raises `TypeError` for
        anything else.
        """
        self._events.send(_message(msg), for_session_id, except_session_id)

    def add_message_listener(self, callback: Callable[[Message, str], object]) -> None:
        """Call ``callback(msg, session_id)`` for each message of a page."""
        self._callbacks.message.append(_checked(callback))

    def add_session_open_listener(
        self, callback: Callable[[str, str, dict[str, str], dict[str, str]], object]
    ) -> None:
        """Call ``callback(app_name, session_id, query_parameters, headers)`` when a page has come.

        What it sends arrives behind the page's greeting. Headers that say who the user is are left out.
        """
        self._callbacks.session_open.append(_checked(callback))

    def add_session_close_listener(self, callback: Callable[[str], object]) -> None:
        """Call ``callback(session_id)`` when a page has gone, for whatever reason."""
        self._callbacks.session_close.append(_checked(callback))

    def add_app_close_listener(self, callback: Callable[[], object]) -> None:
        """Call ``callback()`` when this instance ends, behind the close listeners of its sessions."""
        self._callbacks.app_close.append(_checked(callback))

    # -- requests

    def create_request_service(
        self,
        app_name: str,
        handler_pattern: str,
        handler: Handler,
        request_method: str = "GET",
        session_id: str | None = None,
        *,
        concurrent: bool = False,
    ) -> tuple[str, str]:
        """Answer requests of pages of the app `app_name`: its id, and its address relative to the page.

        ``handler(path_parameters, query_parameters, headers, body)`` returns ``(status, bytes, media type, headers)``.
        In `handler_pattern` ``$name`` takes one segment and ``$$name`` one or more. With a `session_id`, which an
        instance that is not shared has of itself, the address is that session's and goes with it. ``concurrent``: the
        handler runs on a thread beside the other callbacks. Raises `ValueError` and `TypeError`.
        """
        session = self._key.session_id if session_id is None else session_id
        requests = self._callbacks.requests
        return requests.add(
            app_name, handler_pattern, handler, request_method, session, concurrent=concurrent
        )

    def remove_request_service(self, handler_id: str) -> None:
        """Its handler answers no more; harmless where it does not already."""
        self._callbacks.requests.remove(handler_id)

    # -- other services

    def send_to_app(self, workspace_id: str, app_name: str, service_id: str, data: Any) -> bool:
        """Hand `data` to the shared instance behind an app; whether there is one that runs and takes it.

        Where instances are processes of their own `data` is what JSON holds, or bytes; `TypeError` otherwise.
        """
        return self._events.send_to_app(workspace_id, app_name, service_id, data)

    def set_app2app_message_callback(
        self,
        callback: Callable[[str, str, str, Any], object] | None,
        *,
        from_workspaces: Iterable[str] = (),
    ) -> None:
        """Call ``callback(from_workspace, from_service, from_service_id, data)``; None: nothing is taken any more.

        `from_workspaces`: those whose services may send, beside this one's own; ``"*"`` is all.
        """
        self._callbacks.app2app_from = frozenset(
            [from_workspaces] if isinstance(from_workspaces, str) else from_workspaces
        )
        self._callbacks.app2app = None if callback is None else _checked(callback)
        self._callbacks.on_change()

    # -- monitoring

    def set_metrics_callback(
        self, callback: Callable[[], Mapping[str, Any]], metrics_metadata: Mapping[str, Any]
    ) -> None:
        """Call ``callback()`` at each round of the monitor, for ``{name: number}``; on a thread of its own.

        `metrics_metadata`: name -> ``min``, ``max``, ``colour``, ``minmax_decimal_places``, ``minmax_display``.
        """
        self._callbacks.metrics_metadata = clean_metadata(metrics_metadata)
        self._callbacks.metrics = _checked(callback)
        self._callbacks.on_change()

    def set_admin_listener(self, callback: Callable[[Any], object]) -> None:
        """Call ``callback(overview)`` soon, and at each round of the monitor: all workspaces, as JSON."""
        self._callbacks.admin = _checked(callback)
        self._events.admin_listening()

    def administer(self, action: str, workspace: str, service: str, service_id: str) -> None:
        """``"stop"`` or ``"restart"`` the instances of a service id, soon. Raises `ValueError` for another action."""
        self._events.administer(action, workspace, service, service_id)

    # -- what it is

    def get_service_id(self) -> str:
        """The service id of this instance."""
        return self._key.service_id

    def get_workspace_id(self) -> str:
        """The workspace of this instance."""
        return self._key.workspace

    def get_app_name(self) -> str:
        """The name of the service."""
        return self._key.service


def _message(given: object) -> Message:
    if isinstance(given, str | bytes):
        return given
    if isinstance(given, bytearray | memoryview):
        return bytes(given)
    raise TypeError(f"a message is str or bytes, not {type(given).__name__}: json.dumps makes text of it")


def _checked(callback: _Callback) -> _Callback:
    if not callable(callback):
        raise TypeError(f"a callback is callable, not {callback!r}")
    return callback
