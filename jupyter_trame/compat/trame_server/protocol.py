"""``trame_server.protocol``."""

from jupyter_trame.compat.core_server import CoreServer

__all__ = ["CoreServer"]
