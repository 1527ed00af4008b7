"""`MonitorApp`, the service behind the page of the monitor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from jupyter_trame.narvi.webapp_services import WebAppServices

__all__ = ["MonitorApp"]

_HERE = Path(__file__).parent
_PAGE = ("index.html", "monitor.css", "monitor.js")
_MOST = 10_000
"""Characters of a request; it holds three names."""


class MonitorApp:
    """A service: each page gets the overview when it comes, and at every round of the monitor, as JSON.

    A page asks for an action by ``{"action": "stop" | "restart", "workspace", "service", "service_id"}``; what is
    refused is answered with ``["refused", reason]`` to that page alone. All of it runs on the instance's thread.
    """

    RESOURCES: ClassVar[dict[str | tuple[str, str], str]] = {name: str(_HERE / name) for name in _PAGE}
    """The ``resource_roots`` of the monitor's page."""

    def __init__(self, services: WebAppServices, read_only: bool = False) -> None:
        """With `read_only` nobody stops or restarts anything by it."""
        self._services = services
        self._read_only = read_only
        self._overview: str | None = None
        services.add_session_open_listener(self._opened)
        services.add_message_listener(self._asked)
        services.set_admin_listener(self._round)

    def _opened(self, app_name: str, session_id: str, query: object, headers: object) -> None:
        del app_name, query, headers
        if self._overview is not None:
            self._services.send(self._overview, for_session_id=session_id)

    def _round(self, overview: Any) -> None:
        self._overview = json.dumps(overview)
        self._services.send(self._overview)

    def _asked(self, message: str | bytes, session_id: str) -> None:
        try:
            self._act(_read(message))
        except ValueError as error:
            refusal = json.dumps(["refused", str(error)])
            self._services.send(refusal, for_session_id=session_id)

    def _act(self, request: Mapping[str, str]) -> None:
        if self._read_only:
            raise ValueError("this monitor is for looking only")
        self._services.administer(
            request["action"], request["workspace"], request["service"], request["service_id"]
        )


def _read(message: str | bytes) -> Mapping[str, str]:
    """The request that a page has sent. Raises `ValueError` with what is wrong."""
    if len(message) > _MOST:
        raise ValueError(f"a request has {_MOST} characters at most, not {len(message)}")
    try:
        request = json.loads(message)
    except (ValueError, RecursionError):
        raise ValueError("a request is a JSON object") from None
    names = ("action", "workspace", "service", "service_id")
    if not isinstance(request, dict) or not all(isinstance(request.get(name), str) for name in names):
        raise ValueError(f"a request is a JSON object with the texts {', '.join(names)}")
    return request
