"""Runs a file as an app in the kernel of this process, which has nothing else to do."""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from jupyter_trame.compat.dropin import install
from jupyter_trame.compat.script import show_arguments
from jupyter_trame.errors import ServerError
from jupyter_trame.execution.error_reports import trace_of
from jupyter_trame.runtime.registry import process
from jupyter_trame.server.server import Server

__all__ = ["AppFileError", "run_file", "server_of"]


class AppFileError(ServerError):
    """The file does not run as an app: one line with the place in the file, and on those below it the traceback."""


def run_file(name: str, source: str, args: Sequence[str] = ()) -> Server:
    """Run `source`, the text of the file `name` in the working directory, as ``python name args`` would.

    The server that it has started is the result; one that it has made and left is started, and where it has made none
    its function ``app(server)`` is called, as an entry point is. Raises `AppFileError`. Main thread.
    """
    path = str(Path.cwd() / name)
    install()
    show_arguments(path, args)
    main = sys.modules["__main__"]
    vars(main)["__file__"] = path
    if not Path(path).exists():
        # What the contents manager of the Jupyter server has need not lie on a disk that is seen from here.
        linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    known = dict(process.servers)
    try:
        exec(compile(source, path, "exec", dont_inherit=True), vars(main))
        server = server_of(vars(main), name, known)
        server.start()
    except BaseException as error:  # noqa: BLE001 - whatever the app raises, or an interrupt, who started it is told
        line = _line(error, path)
        where = "" if line is None else f" ({name}, line {line})"
        raise AppFileError(f"{_sentence(error)}{where}\n{_trace(error, path)}") from None
    return server


def server_of(names: Mapping[str, object], file: str, known: Mapping[str, object]) -> Server:
    """The server that `file` has made, or that its function ``app(server)`` makes now; `names` are what it has left.

    `known` are the servers of the process before, by name. One that runs comes first, then the latest. Raises
    `ServerError` where there is none, and what ``app`` raises. Main thread.
    """
    made = [server for key, server in process.servers.items() if known.get(key) is not server]
    for server in reversed(made):
        if server.running:
            return _typed(server)
    app = names.get("app")
    if made:
        return _typed(made[-1])
    if callable(app) and not isinstance(app, type):
        server = Server(Path(file).name.removesuffix(".py").removesuffix(".trame"))
        app(server)
        return server
    raise ServerError(f"{file} makes no server: it is to call server.start(), or to define app(server)")


def _typed(server: object) -> Server:
    assert isinstance(server, Server)
    return server


def _sentence(error: BaseException) -> str:
    """What went wrong, on one line."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    if isinstance(error, SystemExit):
        return f"SystemExit: the file ends the process with {error.code!r}"
    try:
        said = str(error)
    except BaseException:  # noqa: BLE001 - it is the app's own class
        said = "its text cannot be made"
    kind = type(error).__name__
    return f"{kind}: {said}".partition("\n")[0] if said else kind


def _line(error: BaseException, path: str) -> int | None:
    """The line of the file where it went wrong; None where that is elsewhere."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno
    lines = [
        frame.tb_lineno for frame in _frames(error.__traceback__) if frame.tb_frame.f_code.co_filename == path
    ]
    return lines[-1] if lines else None


def _trace(error: BaseException, path: str) -> str:
    """The traceback; of what no line of the file has called the last lines alone."""
    called = any(frame.tb_frame.f_code.co_filename == path for frame in _frames(error.__traceback__))
    return trace_of(error) if called else "".join(traceback.format_exception_only(error))


def _frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next
