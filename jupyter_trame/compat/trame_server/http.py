"""``trame_server.http``."""

from jupyter_trame.runtime.http_headers import HttpHeader

__all__ = ["HttpHeader"]
