"""``trame_server.client``."""

from jupyter_trame.client.client import ConnectionStatus
from jupyter_trame.compat.client import Client
from jupyter_trame.compat.session import WsLinkSession

__all__ = ["Client", "ConnectionStatus", "WsLinkSession"]
