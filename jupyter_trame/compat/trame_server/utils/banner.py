"""``trame_server.utils.banner``."""

from jupyter_trame.server.announcement import print_banner

__all__ = ["print_banner"]
