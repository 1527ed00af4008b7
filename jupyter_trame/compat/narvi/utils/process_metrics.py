"""``narvi.utils.process_metrics``."""

from jupyter_trame.narvi import ProcessMetrics

__all__ = ["ProcessMetrics"]
