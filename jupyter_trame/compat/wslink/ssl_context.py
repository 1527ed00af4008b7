"""``wslink.ssl_context``."""

from jupyter_trame.compat.wire import generate_ssl_pair, load_ssl_context

__all__ = ["generate_ssl_pair", "load_ssl_context"]
