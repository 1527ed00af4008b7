"""``trame_server.utils``."""

from jupyter_trame.compat.utilities import isascii, share
from jupyter_trame.core.utils import (
    is_dunder,
    is_private,
    reduce_vue_use,
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
