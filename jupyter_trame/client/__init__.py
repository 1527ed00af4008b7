"""The headless client: what a browser view does, without a browser."""

from jupyter_trame.client.by_address import get_client
from jupyter_trame.client.client import Client, ConnectionStatus
from jupyter_trame.protocol.client_session import ClientSession

__all__ = ["Client", "ClientSession", "ConnectionStatus", "get_client"]
