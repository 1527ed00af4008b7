"""``trame_server.client``."""

from jupyter_trame.client.client import Client, ConnectionStatus

__all__ = ["Client", "ConnectionStatus"]
