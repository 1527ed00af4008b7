"""``wslink.uri``."""

from jupyter_trame.compat.wire import COMPONENT as componentRegex  # noqa: N811 - wslink's name
from jupyter_trame.compat.wire import check_uri as checkURI  # noqa: N812 - wslink's name

__all__ = ["checkURI", "componentRegex"]
