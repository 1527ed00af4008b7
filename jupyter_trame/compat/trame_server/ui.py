"""``trame_server.ui``."""

from jupyter_trame.core import VirtualNodeManager

__all__ = ["VirtualNodeManager"]
