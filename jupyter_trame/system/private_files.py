"""Files that other processes may read, or have open: what Windows wants done otherwise.

There a file's mode says nothing and its access list everything, and a file that somebody has open can neither be
replaced nor removed. The decisions stand here, so that they can be asked about on every system.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

__all__ = ["on_windows", "patiently", "write_private"]

T = TypeVar("T")

_WAITS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Seconds between the tries: who reads a record has it open for less than one of them, a scanner of viruses longer."""


def on_windows() -> bool:
    """Whether this system is Windows."""
    return os.name == "nt"


def write_private(descriptor: int, path: Path, content: bytes) -> None:
    """Write `content` so that nobody but this user can read it; `descriptor`, which is closed, made the file at `path`.

    It did so with mode 0600. On Windows the access list is set first, as Jupyter does it with connection files. Raises
    `OSError`, also where that fails.
    """
    if on_windows():
        os.close(descriptor)
        _deny_others(path)
        descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _deny_others(path: Path) -> None:
    from jupyter_core.paths import win32_restrict_file_to_user

    try:
        win32_restrict_file_to_user(str(path))
    except Exception as error:  # the errors of pywin32 have no class in common
        raise PermissionError(f"{path} cannot be kept from other users: {error}") from error


def patiently(call: Callable[[], T], sleep: Callable[[float], object] = time.sleep) -> T:
    """The result of `call`; on Windows it is tried for 0.4 s while another process has the file open.

    Raises what `call` raises.
    """
    for wait in _WAITS if on_windows() else ():
        try:
            return call()
        except PermissionError:
            sleep(wait)
    return call()
