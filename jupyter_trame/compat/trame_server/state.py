"""``trame_server.state``."""

from jupyter_trame.core import State

__all__ = ["State"]
