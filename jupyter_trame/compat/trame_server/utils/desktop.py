"""``trame_server.utils.desktop``."""

from jupyter_trame.compat.utilities import start_browser

__all__ = ["start_browser"]
