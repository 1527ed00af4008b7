"""The server: shared state, controller, triggers and life cycle in one object, whatever carries it."""

from jupyter_trame.server.errors import ErrorReport
from jupyter_trame.server.server import Server

__all__ = ["ErrorReport", "Server"]
