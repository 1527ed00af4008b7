"""Beginnings of apps and notebooks, which `jupyter trame new` writes and JupyterLab offers."""

from jupyter_trame.templates.beginnings import (
    Beginning,
    NameOfAppError,
    NoSuchBeginningError,
    files_of,
    read_beginnings,
)

__all__ = ["Beginning", "NameOfAppError", "NoSuchBeginningError", "files_of", "read_beginnings"]
