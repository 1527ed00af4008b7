"""``trame_server.utils.server``."""

from jupyter_trame.compat.utilities import print_informations

__all__ = ["print_informations"]
