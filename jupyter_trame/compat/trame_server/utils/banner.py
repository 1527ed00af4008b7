"""``trame_server.utils.banner``."""

from jupyter_trame.program.announcement import print_banner

__all__ = ["print_banner"]
