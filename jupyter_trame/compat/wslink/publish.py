"""``wslink.publish``."""

from jupyter_trame.compat.wire import PublishManager
from jupyter_trame.compat.wire import publish_manager as publishManager  # noqa: N812 - wslink's name

__all__ = ["PublishManager", "publishManager"]
