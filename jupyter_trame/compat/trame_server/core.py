"""``trame_server.core``."""

from typing import Any

from jupyter_trame.compat.core_server import CoreServer
from jupyter_trame.compat.server import (
    BackendType,
    ClientType,
    ExecModeType,
    Server,
    default_client_type,
    set_default_client_type,
)
from jupyter_trame.compat.state import State
from jupyter_trame.core import Translator, VirtualNodeManager
from jupyter_trame.execution.state import Controller
from jupyter_trame.runtime.http_headers import HttpHeader

__all__ = [
    "DEFAULT_CLIENT_TYPE",
    "BackendType",
    "ClientType",
    "Controller",
    "CoreServer",
    "ExecModeType",
    "HttpHeader",
    "Server",
    "State",
    "Translator",
    "VirtualNodeManager",
    "set_default_client_type",
]

DEFAULT_CLIENT_TYPE: ClientType


def __getattr__(name: str) -> Any:
    if name == "DEFAULT_CLIENT_TYPE":
        return default_client_type()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
