"""``trio_websockets.client``."""

from jupyter_trame.trio.websockets import WebSocketClientProtocol, connect

__all__ = ["WebSocketClientProtocol", "connect"]
