"""``wslink.protocol``."""

from jupyter_trame.server.protocol import CoreProtocol as ServerProtocol

__all__ = ["ServerProtocol"]
