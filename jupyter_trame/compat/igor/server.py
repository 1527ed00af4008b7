"""``igor.server``."""

from jupyter_trame.igor import CONFIG, IgorServer

__all__ = ["CONFIG", "IgorServer"]
