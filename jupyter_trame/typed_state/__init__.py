"""The state as a dataclass: typed values, checked names, and values that msgpack does not know."""

from jupyter_trame.typed_state.collections import CollectionEncoderDecoder
from jupyter_trame.typed_state.encoders import (
    DefaultEncoderDecoder,
    IStateEncoderDecoder,
    SerializationFailure,
)
from jupyter_trame.typed_state.typed import TypedState

__all__ = [
    "CollectionEncoderDecoder",
    "DefaultEncoderDecoder",
    "IStateEncoderDecoder",
    "SerializationFailure",
    "TypedState",
]
