"""``narvi.services``."""
