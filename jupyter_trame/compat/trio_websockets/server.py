"""``trio_websockets.server``."""

from jupyter_trame.trio.websockets import WebSocketServer, WebSocketServerProtocol, serve, unix_serve

__all__ = ["WebSocketServer", "WebSocketServerProtocol", "serve", "unix_serve"]
