"""Runs a program as ``python`` runs it, with the drop-in installed."""

from __future__ import annotations

import builtins
import io
import os
import runpy
import sys
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, TracebackType

from jupyter_trame.compat.dropin import install

__all__ = ["CannotRunError", "run_module", "run_script", "show_arguments"]

_OUR_FRAMES = {__file__, str(Path(__file__).parent.parent / "__main__.py"), "<frozen runpy>", runpy.__file__}


class CannotRunError(Exception):
    """There is no such program."""


def run_script(path: str, args: Sequence[str]) -> None:
    """Run the file `path`, or the ``__main__.py`` of a folder or zip file, with `args` as its command line.

    Raises `CannotRunError` when it cannot be read, and what the program raises; the interpreter then shows a traceback
    that starts in the program.
    """
    place = Path(path)
    if place.is_dir() or place.suffix in {".pyz", ".zip"}:
        _run_folder(str(place.absolute()), args)
        return
    try:
        with io.open_code(str(place.resolve())) as file:
            source = file.read()
    except OSError as error:
        raise CannotRunError(
            f"can't open file {str(place.absolute())!r}: [Errno {error.errno}] {error.strerror}"
        ) from None
    install()
    sys.argv[:] = [path, *args]
    if not sys.flags.safe_path:
        sys.path[0] = str(place.resolve().parent)
    main = _main_module(path)
    try:
        exec(compile(source, str(main.__file__), "exec", dont_inherit=True), vars(main))
    except BaseException:
        _hide_our_frames()
        raise


def run_module(name: str, args: Sequence[str]) -> None:
    """Run the module `name`, or the ``__main__`` of the package, as ``python -m`` does. Raises as `run_script`."""
    install()
    problem = _missing(name)
    if problem is not None:
        raise CannotRunError(problem)
    sys.argv[1:] = args
    try:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    except BaseException:
        _hide_our_frames()
        raise


def show_arguments(path: str, args: Sequence[str]) -> None:
    """Have the process look as ``python path args`` to whoever reads its command line."""
    sys.argv[:] = [path, *args]


def _run_folder(path: str, args: Sequence[str]) -> None:
    install()
    sys.argv[:] = [path, *args]
    if not sys.flags.safe_path:
        del sys.path[0]  # `runpy` puts the folder there
    try:
        runpy.run_path(path, run_name="__main__")
    except BaseException:
        _hide_our_frames()
        raise


def _main_module(path: str) -> ModuleType:
    """An empty ``__main__`` with the attributes that ``python path`` gives it."""
    main = ModuleType("__main__")
    file = os.path.join(Path.cwd(), path)  # noqa: PTH118 - as python has it: a leading ./ stays
    vars(main).update(
        __annotations__={},
        __builtins__=builtins,
        __cached__=None,
        __file__=file,
        __loader__=SourceFileLoader("__main__", file),
    )
    sys.modules["__main__"] = main
    return main


def _missing(name: str) -> str | None:
    """Why the module `name` cannot be run."""
    try:
        spec = find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # the package is there and lacks something itself
        spec = None
    if spec is None:
        return f"No module named {name}"
    if spec.submodule_search_locations is not None and find_spec(f"{name}.__main__") is None:
        return f"No module named {name}.__main__; {name!r} is a package and cannot be directly executed"
    return None


def _hide_our_frames() -> None:
    """Have the interpreter, which is about to report an exception, leave out what led to the program."""
    report = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        while trace is not None and trace.tb_frame.f_code.co_filename in _OUR_FRAMES:
            trace = trace.tb_next
        report(kind, error.with_traceback(trace), trace)

    sys.excepthook = hook
