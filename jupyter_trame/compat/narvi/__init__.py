"""Stands in for ``narvi`` where no package of that name is installed; see `jupyter_trame.narvi`."""

from jupyter_trame.narvi import NarviServer

__all__ = ["NarviServer"]
