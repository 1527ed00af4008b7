"""``trame_server.utils.server``."""

from jupyter_trame.server.announcement import print_informations

__all__ = ["print_informations"]
