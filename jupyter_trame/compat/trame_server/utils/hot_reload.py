"""``trame_server.utils.hot_reload``."""

from jupyter_trame.server.hot_reload import hot_reload, reload

__all__ = ["hot_reload", "reload"]
