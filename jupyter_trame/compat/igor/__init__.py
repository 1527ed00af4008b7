"""Stands in for ``igor`` where no package of that name is installed; see `jupyter_trame.igor`."""

from jupyter_trame.igor import IgorProcess, IgorServer, ProcessOutput, Stream, flatten, run_forever

__all__ = ["IgorProcess", "IgorServer", "ProcessOutput", "Stream", "flatten", "run_forever"]
