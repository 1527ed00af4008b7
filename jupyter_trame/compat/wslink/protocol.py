"""``wslink.protocol``."""

from jupyter_trame.rpc.link_protocols import CoreProtocol as ServerProtocol

__all__ = ["ServerProtocol"]
