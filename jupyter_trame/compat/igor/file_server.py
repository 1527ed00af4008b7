"""``igor.file_server``."""

from jupyter_trame.igor import run_file_server
from jupyter_trame.igor.file_server import FileServerProcess

__all__ = ["FileServerProcess", "run_file_server"]
