"""``wslink.emitter``."""

from jupyter_trame.compat.wire import EventEmitter

__all__ = ["EventEmitter"]
