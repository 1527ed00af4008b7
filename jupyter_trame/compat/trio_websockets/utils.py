"""``trio_websockets.utils``."""

from websockets.utils import apply_mask

__all__ = ["apply_mask"]
