"""Narvi: small web applications, each a Python class behind an address of workspace, app and service id.

Programs written for the original run on this. A public name is loaded when it is first used: the kernel of a service
loads no server, and `ProcessMetrics` alone needs psutil.
"""

from typing import TYPE_CHECKING

from jupyter_trame.lazy_names import lazy_names

if TYPE_CHECKING:
    from jupyter_trame.narvi.apps.monitor import MonitorApp
    from jupyter_trame.narvi.narvi_server import NarviServer
    from jupyter_trame.narvi.process_metrics import ProcessMetrics
    from jupyter_trame.narvi.resource_loader import ResourceLoader
    from jupyter_trame.narvi.webapp_services import WebAppServices
    from jupyter_trame.services.entries import RegisteredService
    from jupyter_trame.services.instance import ServiceFailedError

__all__ = [
    "MonitorApp",
    "NarviServer",
    "ProcessMetrics",
    "RegisteredService",
    "ResourceLoader",
    "ServiceFailedError",
    "WebAppServices",
]

_HOMES = {
    "MonitorApp": "jupyter_trame.narvi.apps.monitor",
    "NarviServer": "jupyter_trame.narvi.narvi_server",
    "ProcessMetrics": "jupyter_trame.narvi.process_metrics",
    "RegisteredService": "jupyter_trame.services.entries",
    "ResourceLoader": "jupyter_trame.narvi.resource_loader",
    "ServiceFailedError": "jupyter_trame.services.instance",
    "WebAppServices": "jupyter_trame.narvi.webapp_services",
}

if not TYPE_CHECKING:  # type checkers would take any name for one that is there
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)
