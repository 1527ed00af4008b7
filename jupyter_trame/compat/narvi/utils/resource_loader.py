"""``narvi.utils.resource_loader``."""

from jupyter_trame.narvi import ResourceLoader

__all__ = ["ResourceLoader"]
