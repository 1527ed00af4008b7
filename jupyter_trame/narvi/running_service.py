"""The object of one instance while it lives, and the guard around all that is called of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from jupyter_trame.log_text import foreign
from jupyter_trame.narvi.callbacks import Callbacks
from jupyter_trame.narvi.request_services import RequestService, read_answer
from jupyter_trame.narvi.resource_loader import ResourceLoader
from jupyter_trame.narvi.webapp_services import WebAppServices
from jupyter_trame.services.instance import InstanceEvents, InstanceKey, ServiceFailedError
from jupyter_trame.services.monitoring import clean_metrics
from jupyter_trame.services.service_messages import (
    AppMessage,
    Message,
    ServiceAnswer,
    ServiceRequest,
    Visitor,
)
from jupyter_trame.system.log_limits import Complaints

__all__ = ["RunningService", "load_class"]

_logger = logging.getLogger("jupyter_trame.narvi")


def load_class(dotted: str) -> Callable[..., Any]:
    """The class of ``package.module.Class``. Raises `ServiceFailedError` with the reason; it runs the module's code."""
    try:
        found = ResourceLoader.get_class(dotted)
    except BaseException as error:
        raise ServiceFailedError(f"the class {dotted} cannot be loaded: {_sentence(error)}") from error
    if not callable(found):
        raise ServiceFailedError(f"the class {dotted} cannot be loaded: there is no class of that name")
    return found  # type: ignore[no-any-return]


class RunningService:
    """Calls the code of a service. The host says on which thread: always the same, but for `metrics` and `handle`.

    Nothing that this code raises ends the thread, `KeyboardInterrupt` and `CancelledError` included.
    """

    def __init__(
        self, key: InstanceKey, events: InstanceEvents, complaints: Complaints | None = None
    ) -> None:
        """`complaints`: of all instances of the service; a page may make as many as it likes."""
        self.key = key
        self.callbacks = Callbacks()
        self.services = WebAppServices(key, events, self.callbacks)
        self._events = events
        self._complaints = complaints or Complaints(_logger)
        self._name = f"{key.workspace}/{key.service}/{key.service_id}"
        self.instance: object | None = None
        """The object of the user's class, once it is made."""

    def construct(self, make: Callable[..., Any], parameters: Mapping[str, Any]) -> None:
        """Make the object. Raises `ServiceFailedError` with the reason, and logs the traceback."""
        try:
            self.instance = make(self.services, **parameters)
        except BaseException as error:
            self._complain("the constructor", error)
            if isinstance(error, ServiceFailedError):
                raise
            raise ServiceFailedError(f"the constructor of the service failed: {_sentence(error)}") from error

    def open_session(self, visitor: Visitor) -> None:
        """The open listeners, then the greeting."""
        for listener in list(self.callbacks.session_open):
            query, headers = dict(visitor.query), dict(visitor.headers)
            self._call(
                "a session open listener", listener, visitor.app_name, visitor.session_id, query, headers
            )
        self._events.session_opened(visitor.session_id)

    def close_session(self, session_id: str) -> None:
        """The close listeners; request services of the session go."""
        for listener in list(self.callbacks.session_close):
            self._call("a session close listener", listener, session_id)
        self.callbacks.requests.remove_session(session_id)

    def receive(self, session_id: str, message: Message) -> None:
        """The message listeners."""
        for listener in list(self.callbacks.message):
            self._call("a message listener", listener, message, session_id)

    def handle(
        self, service: RequestService, values: dict[str, str], request: ServiceRequest
    ) -> ServiceAnswer:
        """What the handler of `service` answers; one that raises answers 500."""
        try:
            given = service.handler(values, dict(request.query), dict(request.headers), request.body)
            return read_answer(given)
        except BaseException as error:  # noqa: BLE001 - it is the user's, and logged
            self._complain(f"the handler of {service.method} {service.pattern.text}", error)
            return ServiceAnswer.refused(
                HTTPStatus.INTERNAL_SERVER_ERROR, "the handler of this address failed"
            )

    def receive_app_message(self, message: AppMessage) -> None:
        """The app-to-app callback, if there still is one."""
        callback = self.callbacks.app2app
        if callback is not None:
            sender = (message.from_workspace, message.from_service, message.from_service_id)
            self._call("the app-to-app callback", callback, *sender, message.data)

    def receive_admin(self, overview: Mapping[str, Any]) -> None:
        """The admin listener."""
        if self.callbacks.admin is not None:
            self._call("the admin listener", self.callbacks.admin, overview)

    def metrics(self) -> Mapping[str, Any] | None:
        """What the metrics callback returns; None where there is none, or it raised."""
        callback = self.callbacks.metrics
        if callback is None:
            return None
        # What it returns may have code of the user as well, which no other thread is to run.
        found = self._call("the metrics callback", lambda: _metrics(callback()))
        return found if isinstance(found, Mapping) else None

    def end(self) -> None:
        """The app close listeners."""
        for listener in list(self.callbacks.app_close):
            self._call("an app close listener", listener)

    def _call(self, what: str, callback: Callable[..., Any], *args: Any) -> Any:
        try:
            return callback(*args)
        except BaseException as error:  # noqa: BLE001 - it is the user's, and logged
            self._complain(what, error)
            return None

    def _complain(self, what: str, error: BaseException) -> None:
        self._complaints.warn("%s of %s failed", what, self._name, level=logging.ERROR, error=error)


def _metrics(found: object) -> object:
    return clean_metrics(found) if isinstance(found, Mapping) else None


def _sentence(error: BaseException) -> str:
    """What a page may know of an exception."""
    try:
        text = foreign(error)
    except Exception:  # noqa: BLE001 - its class is the user's
        text = "it cannot say why"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
