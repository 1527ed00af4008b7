"""``trame_server.utils.version``."""

from jupyter_trame.compat.utilities import get_version

__all__ = ["get_version"]
