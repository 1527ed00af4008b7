"""``trame_server.controller``."""

from jupyter_trame.core import Controller, ControllerFunction
from jupyter_trame.errors import FunctionNotImplementedError

__all__ = ["Controller", "ControllerFunction", "FunctionNotImplementedError"]
