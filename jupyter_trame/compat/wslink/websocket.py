"""``wslink.websocket``."""

from jupyter_trame.compat.links import LinkProtocol
from jupyter_trame.rpc.protocols import CoreProtocol as ServerProtocol
from jupyter_trame.runtime.pending import NetworkMonitor

__all__ = ["LinkProtocol", "NetworkMonitor", "ServerProtocol"]
