"""Narvi: small web applications, each a Python class behind an address of workspace, app and service id.

Programs written for the original run on this.
"""

from typing import TYPE_CHECKING, Any

from jupyter_trame.narvi.apps.monitor import MonitorApp
from jupyter_trame.narvi.narvi_server import NarviServer
from jupyter_trame.narvi.resource_loader import ResourceLoader
from jupyter_trame.narvi.webapp_services import WebAppServices
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.instance import ServiceFailedError

if TYPE_CHECKING:
    from jupyter_trame.narvi.process_metrics import ProcessMetrics

__all__ = [
    "MonitorApp",
    "NarviServer",
    "ProcessMetrics",
    "RegisteredService",
    "ResourceLoader",
    "ServiceFailedError",
    "WebAppServices",
]


def __getattr__(name: str) -> Any:
    # It needs psutil, which is asked for where it is used.
    if name == "ProcessMetrics":
        from jupyter_trame.narvi.process_metrics import ProcessMetrics

        return ProcessMetrics
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
