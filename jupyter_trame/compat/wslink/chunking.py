"""``wslink.chunking``."""

from jupyter_trame.compat.wire import HEADER_LENGTH, UnChunker, generate_chunks

__all__ = ["HEADER_LENGTH", "UnChunker", "generate_chunks"]
