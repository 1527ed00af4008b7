"""``wslink.websocket``."""

from jupyter_trame.compat.links import LinkProtocol
from jupyter_trame.runtime.pending import NetworkMonitor
from jupyter_trame.server.protocol import CoreProtocol as ServerProtocol

__all__ = ["LinkProtocol", "NetworkMonitor", "ServerProtocol"]
