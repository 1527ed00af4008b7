"""``trame_server.controller``."""

from jupyter_trame.core import ControllerFunction
from jupyter_trame.errors import FunctionNotImplementedError
from jupyter_trame.execution.state import Controller

__all__ = ["Controller", "ControllerFunction", "FunctionNotImplementedError"]
