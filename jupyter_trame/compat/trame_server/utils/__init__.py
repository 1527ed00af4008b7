"""``trame_server.utils``."""

from jupyter_trame.core.utils import (
    is_dunder,
    is_private,
    isascii,
    reduce_vue_use,
    share,
    update_dict,
)
from jupyter_trame.protocol.packing import clean_state, clean_value

__all__ = [
    "clean_state",
    "clean_value",
    "is_dunder",
    "is_private",
    "isascii",
    "reduce_vue_use",
    "share",
    "update_dict",
]
