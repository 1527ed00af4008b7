"""What `NarviServer` asks of the host behind it, and which host that is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Protocol

from jupyter_trame.services.entries import Redirection, RegisteredService, ServiceApp

__all__ = ["NarviHost", "jupyter_host"]


class NarviHost(Protocol):
    """Carries the services of one server. Any thread."""

    @property
    def port(self) -> int:
        """Where it listens; 0 where it does not."""

    @property
    def frames(self) -> bool:
        """Whether a page of the app's own origin may show it in a frame."""

    def add_service(self, service: RegisteredService) -> None:
        """Register `service`; instances of the one before it end. Raises `NameTakenError` and `ValueError`."""

    def add_app(self, app: ServiceApp) -> None:
        """Register `app`. Raises as `add_service`."""

    def add_redirection(self, redirection: Redirection) -> None:
        """Register `redirection`. Raises as `add_service`."""

    def run(self, ready: Callable[[], object] | None) -> None:
        """Let clients come, call `ready`, and block until `close`. Raises `OSError` where that is not possible."""

    def start_service(self, workspace: str, name: str, service_id: str) -> None:
        """Have an instance until it is stopped. Raises `ValueError` and `ServiceFailedError`."""

    def restart_service(self, workspace: str, name: str, service_id: str) -> None:
        """End the instances of an id and start anew. Raises as `start_service`."""

    def stop_service(self, workspace: str, name: str, service_id: str) -> None:
        """End the instances of an id. Raises `ValueError`."""

    def statuses(self, workspace: str) -> dict[str, Any]:
        """Service -> its instances that run."""

    def app_urls(self) -> list[tuple[str, str, str]]:
        """Workspace, app and address of what can be reached without a service id."""

    def close(self) -> None:
        """End this server; returns when nothing of it is left, unless the caller is a part of it."""


def jupyter_host(monitoring_interval: float | None, monitoring_retention: float | None) -> NarviHost | None:
    """The host of a notebook, whose Jupyter server carries services; None outside of a kernel. Times in seconds."""
    if "ipykernel" not in sys.modules:
        return None
    from jupyter_trame.kernel.environment import detect_kernel

    if detect_kernel() is None:
        return None
    from jupyter_trame.narvi.kernel_host import JupyterHost

    return JupyterHost(monitoring_interval, monitoring_retention)
