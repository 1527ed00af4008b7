"""``trame_server.state``."""

from jupyter_trame.compat.state import State

__all__ = ["State"]
