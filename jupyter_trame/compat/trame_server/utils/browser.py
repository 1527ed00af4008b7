"""``trame_server.utils.browser``."""

from jupyter_trame.compat.utilities import open_browser

__all__ = ["open_browser"]
