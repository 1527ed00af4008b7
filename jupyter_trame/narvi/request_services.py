"""The request services of one instance: which handler answers a request, and what it may answer."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_trame.services.patterns import Pattern
from jupyter_trame.services.service_messages import METHODS, ServiceAnswer, ServiceRequest, answer_headers

__all__ = ["Handler", "RequestService", "RequestServices", "read_answer"]

Handler = Callable[[dict[str, str], dict[str, str], dict[str, str], bytes], Any]
"""Path and query parameters, headers and body -> status, body, media type and headers."""


@dataclass(frozen=True, slots=True)
class RequestService:
    """A handler and what it answers."""

    handler_id: str
    app_name: str
    method: str
    pattern: Pattern
    """Of the whole address behind the service id."""
    handler: Handler
    session_id: str | None
    concurrent: bool
    """Whether it runs beside the other callbacks of its instance."""


class RequestServices:
    """The handlers of an instance, in the order in which they were made. Any thread."""

    def __init__(self) -> None:
        self._services: dict[str, RequestService] = {}
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(
        self,
        app_name: str,
        pattern: str,
        handler: Handler,
        method: str,
        session_id: str | None,
        *,
        concurrent: bool = False,
    ) -> tuple[str, str]:
        """Its id, and its address relative to the app's page. Raises `ValueError` and `TypeError`."""
        if not callable(handler):
            raise TypeError(f"the handler of a request service is callable, not {handler!r}")
        if method not in METHODS:
            raise ValueError(f"request_method is one of {', '.join(sorted(METHODS))}; got {method!r}")
        pattern = pattern.lstrip("/")
        url = pattern if session_id is None else f"session/{session_id}/{pattern}"
        compiled = Pattern(url)
        with self._lock:
            handler_id = str(next(self._ids))
            self._services[handler_id] = RequestService(
                handler_id, app_name, method, compiled, handler, session_id, concurrent
            )
        return handler_id, url

    def remove(self, handler_id: str) -> None:
        """It answers no more; harmless where it does not already."""
        with self._lock:
            self._services.pop(handler_id, None)

    def remove_session(self, session_id: str) -> None:
        """Those of a session go with it."""
        with self._lock:
            for service in list(self._services.values()):
                if service.session_id == session_id:
                    del self._services[service.handler_id]

    def find(self, request: ServiceRequest) -> tuple[RequestService, dict[str, str]] | None:
        """The first that fits `request`, with the values of its pattern."""
        for service in list(self._services.values()):
            if service.app_name == request.app_name and service.method == request.method:
                values = service.pattern.match(request.path)
                if values is not None:
                    return service, values
        return None


def read_answer(given: object) -> ServiceAnswer:
    """What a handler has returned. Raises `TypeError` and `ValueError` with what was expected."""
    if not isinstance(given, tuple | list) or len(given) != 4:
        raise TypeError(f"a handler returns (status, body, media type, headers); got {_short(given)}")
    status, body, media_type, headers = given
    if isinstance(status, bool) or not isinstance(status, int):
        raise TypeError(f"the status is a number, not {_short(status)}")
    if not 200 <= status <= 599:
        raise ValueError(f"the status is 200 to 599, not {status}")
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes | bytearray | memoryview):
        raise TypeError(f"the body is bytes, not {_short(body)}")
    if not isinstance(media_type, str) or not media_type.isprintable() or not media_type.isascii():
        raise TypeError(f"the media type is text like 'application/json', not {_short(media_type)}")
    if headers is not None and not isinstance(headers, Mapping):
        raise TypeError(f"the headers are a dictionary, not {_short(headers)}")
    return ServiceAnswer(int(status), bytes(body), media_type, answer_headers(headers or {}))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
