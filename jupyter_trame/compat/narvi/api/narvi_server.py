"""``narvi.api.narvi_server``."""

from jupyter_trame.narvi import NarviServer

__all__ = ["NarviServer"]
