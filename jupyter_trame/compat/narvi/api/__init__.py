"""``narvi.api``."""
