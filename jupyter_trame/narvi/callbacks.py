"""What the code of a service has asked to be called for, by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jupyter_trame.narvi.request_services import RequestServices
from jupyter_trame.services.service_messages import Message

__all__ = ["Callbacks"]


class Callbacks:
    """The callbacks of one instance. Lists grow on any thread, and are read as copies."""

    def __init__(self) -> None:
        self.message: list[Callable[[Message, str], object]] = []
        self.session_open: list[Callable[[str, str, dict[str, str], dict[str, str]], object]] = []
        self.session_close: list[Callable[[str], object]] = []
        self.app_close: list[Callable[[], object]] = []
        self.requests = RequestServices()
        self.app2app: Callable[[str, str, str, Any], object] | None = None
        self.app2app_from: frozenset[str] = frozenset()
        """Workspaces whose services may send, beside its own; ``"*"`` is all."""
        self.metrics: Callable[[], Mapping[str, Any]] | None = None
        self.metrics_metadata: Mapping[str, Any] | None = None
        self.admin: Callable[[Any], object] | None = None
        self.on_change: Callable[[], object] = lambda: None
        """Called when what a host may know of has changed: metrics, and who may send."""

    def admits(self, own_workspace: str, from_workspace: str) -> bool:
        """Whether messages of services of `from_workspace` are taken."""
        if self.app2app is None:
            return False
        return from_workspace == own_workspace or bool({from_workspace, "*"} & self.app2app_from)
