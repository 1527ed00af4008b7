"""Narvi: small web applications, each a Python class behind an address of workspace, app and service id.

Programs written for the original run on this.
"""

from jupyter_trame.narvi.narvi_server import NarviServer
from jupyter_trame.narvi.process_metrics import ProcessMetrics
from jupyter_trame.narvi.resource_loader import ResourceLoader
from jupyter_trame.narvi.webapp_services import WebAppServices
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.instance import ServiceFailedError

__all__ = [
    "NarviServer",
    "ProcessMetrics",
    "RegisteredService",
    "ResourceLoader",
    "ServiceFailedError",
    "WebAppServices",
]
