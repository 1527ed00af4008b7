"""``wslink.protocol``."""

from jupyter_trame.rpc.protocols import CoreProtocol as ServerProtocol

__all__ = ["ServerProtocol"]
