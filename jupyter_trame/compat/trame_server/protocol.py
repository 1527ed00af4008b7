"""``trame_server.protocol``."""

from jupyter_trame.server.protocol import CoreProtocol as CoreServer

__all__ = ["CoreServer"]
