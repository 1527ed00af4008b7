"""``narvi.services.webapp_services``."""

from jupyter_trame.narvi import WebAppServices

__all__ = ["WebAppServices"]
