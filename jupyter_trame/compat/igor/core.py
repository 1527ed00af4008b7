"""``igor.core``."""

from jupyter_trame.igor import IgorProcess, ProcessOutput, Stream, flatten

__all__ = ["IgorProcess", "ProcessOutput", "Stream", "flatten"]
