"""``trame_server.utils.typed_state``."""

from jupyter_trame.typed_state import (
    CollectionEncoderDecoder,
    DefaultEncoderDecoder,
    IStateEncoderDecoder,
    TypedState,
)

__all__ = ["CollectionEncoderDecoder", "DefaultEncoderDecoder", "IStateEncoderDecoder", "TypedState"]
