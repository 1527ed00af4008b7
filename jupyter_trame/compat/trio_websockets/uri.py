"""``trio_websockets.uri``."""

from jupyter_trame.trio.websockets.uri import WebSocketURI, parse_uri

__all__ = ["WebSocketURI", "parse_uri"]
