"""``narvi.utils``."""
