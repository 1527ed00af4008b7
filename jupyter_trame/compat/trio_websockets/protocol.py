"""``trio_websockets.protocol``."""

from jupyter_trame.trio.websockets.common_protocol import (
    CLOSE_CODES,
    State,
    WebSocketCommonProtocol,
    encode_data,
)

__all__ = ["CLOSE_CODES", "State", "WebSocketCommonProtocol", "encode_data"]
