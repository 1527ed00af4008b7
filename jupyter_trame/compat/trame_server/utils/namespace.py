"""``trame_server.utils.namespace``."""

from jupyter_trame.core import Translator, is_name_reserved

__all__ = ["Translator", "is_name_reserved"]
