"""``trame_server.http``."""

from jupyter_trame.server.http_headers import HttpHeader

__all__ = ["HttpHeader"]
