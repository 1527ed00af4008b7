"""``%trame run app.py``: a program runs in this kernel, as ``%run`` runs it, and its app is shown."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from jupyter_trame.compat.app_file import server_of
from jupyter_trame.core.spelling import nearest
from jupyter_trame.errors import ServerError
from jupyter_trame.runtime import registry
from jupyter_trame.server import Server

__all__ = ["run_program"]


def run_program(shell: Any, file: str, args: Sequence[str]) -> Server | None:
    """Run `file` as ``__main__`` with the command line `args`; its app, or None where it raised.

    Its names are the notebook's afterwards. What it raises is shown without our own frames. The kernel's main thread.
    Raises `ServerError` for a file that is not there, or that makes no app, and what its function ``app`` raises.
    """
    path = Path(file).expanduser()
    if not path.is_file():
        raise ServerError(f"{_meant(path)}there is no file {file}")
    before = dict(registry.process.servers)
    runner = _Runner(shell)
    # -G: arguments are no patterns of files.
    shell.find_line_magic("run")(f"-G {shlex.join([str(path), *args])}", runner=runner)
    if runner.failed:
        return None
    # A server that is looked up by its name is there from the last time.
    again = [value for value in runner.names.values() if isinstance(value, Server)]
    for server in again:
        before.pop(server.name, None)
    return server_of(runner.names, file, before)


class _Runner:
    """Executes a file for ``%run``, and knows how that went."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.failed = False
        self.names: Mapping[str, Any] = {}
        """What the program has left."""

    def __call__(self, file: str, *where: dict[str, Any], **how: Any) -> None:
        self.names = where[0]
        try:
            self._shell.safe_execfile(file, *where, raise_exceptions=True, **how)
        except SystemExit as error:
            self.failed = True
            self._shell.showtraceback((type(error), error, error.__traceback__), exception_only=True)
        except Exception as error:  # noqa: BLE001 - it is the user's own
            self.failed = True
            trace = _from_file(error.__traceback__, file)
            self._shell.showtraceback((type(error), error, trace), tb_offset=0)
        self.names = dict(self.names)


def _from_file(trace: TracebackType | None, file: str) -> TracebackType | None:
    """The part of `trace` that begins in `file`; all of it where that is not there, as for a SyntaxError."""
    found, path = trace, str(Path(file).resolve())
    while found is not None and found.tb_frame.f_code.co_filename != path:
        found = found.tb_next
    return found or trace


def _meant(path: Path) -> str:
    there = [other.name for other in path.parent.glob("*.py")] if path.parent.is_dir() else []
    near = nearest(path.name, there)
    return f"is {str(path.with_name(near))!r} meant? " if near else ""
