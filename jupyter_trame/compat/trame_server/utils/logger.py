"""``trame_server.utils.logger``."""

from jupyter_trame.server.network_log import NetworkLog

__all__ = ["NetworkLog"]
