"""``trio_websockets.version``."""

__all__ = ["version"]

version = "0.2"
"""Of the original whose names these are."""
