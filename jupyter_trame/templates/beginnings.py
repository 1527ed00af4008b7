"""What there is to begin with, and its files for an app of a given name."""

from __future__ import annotations

import keyword
import re
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from string import Template

from jupyter_trame.core.spelling import nearest
from jupyter_trame.errors import TrameError

__all__ = ["Beginning", "NameOfAppError", "NoSuchBeginningError", "files_of", "read_beginnings"]

_FILES = Path(__file__).parent / "files"
_SUFFIX = ".txt"
"""Every file has it here, since it is no code of this package."""
_TESTS = "tests"
"""The folder of a project's tests."""
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


class NameOfAppError(TrameError, ValueError):
    """An app cannot have this name."""


class NoSuchBeginningError(TrameError, LookupError):
    """There is no beginning of this name; the message has the nearest one."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """One thing to begin with."""

    name: str
    title: str
    description: str
    first: str
    """The path of the file to look at first, with ``{name}`` and ``{module}`` in it."""


_BEGINNINGS = (
    Beginning("app", "App", "One file: a server, its state, and a page of HTML elements", "{name}.trame.py"),
    Beginning(
        "ui",
        "App of ready parts",
        "One file: sliders, inputs and texts of jupyter_trame.ui",
        "{name}.trame.py",
    ),
    Beginning(
        "notebook", "Notebook", "A notebook with a server, and its page in a cell of its own", "{name}.ipynb"
    ),
    Beginning(
        "project",
        "Project",
        "A package with an app, its tests, and the entry point that gives it a card in the launcher",
        "{module}/__init__.py",
    ),
)


def read_beginnings() -> list[Beginning]:
    """All there are, the simplest first."""
    return list(_BEGINNINGS)


def files_of(beginning: str, app: str = "app") -> dict[str, str]:
    """The files of the beginning of this name for an app called `app`: relative paths, with slashes, and their text.

    The first one is that to look at first. `app` is a name in lower case, with single dashes or underscores in it.
    Reads files. Raises `NoSuchBeginningError`, and `NameOfAppError` for what is no such name, or would hide a
    module of Python, or one that is installed where this runs.
    """
    found = _find(beginning)
    if "{module}" in found.first:
        _check_package(_module(app))
    words = {"name": app, "module": _module(app), "title": re.sub("[-_]", " ", app).capitalize()}
    folder = _FILES / found.name
    texts = {
        _path(path.relative_to(folder), words): Template(path.read_text("utf-8")).substitute(words)
        for path in sorted(folder.rglob(f"*{_SUFFIX}"))
    }
    first = found.first.format_map(words)
    return {first: texts[first], **texts}


def _find(name: str) -> Beginning:
    known = {beginning.name: beginning for beginning in _BEGINNINGS}
    if name in known:
        return known[name]
    near = nearest(name, known)
    meant = f"is {near!r} meant? " if near else ""
    raise NoSuchBeginningError(f"{meant}there is no template {name!r}, but {', '.join(known)}")


def _check_package(module: str) -> None:
    if module in sys.stdlib_module_names:
        raise NameOfAppError(
            f"a package {module!r} would hide the module of Python with this name: give the app another one"
        )
    if module == _TESTS:
        raise NameOfAppError(
            f"a package {module!r} would be mixed up with its own tests: give the app another name"
        )
    if _is_installed(module):
        raise NameOfAppError(
            f"a package {module!r} would hide the one of this name that is installed: give the app another name"
        )


def _is_installed(module: str) -> bool:
    try:
        found = find_spec(module)
    except ValueError:  # it is there, and was not found but made
        return True
    return found is not None and found.origin is not None  # a folder without a package has no origin


def _module(app: str) -> str:
    module = app.replace("-", "_")
    if not _NAME.fullmatch(app) or keyword.iskeyword(module):
        raise NameOfAppError(
            f"an app has a name such as 'my-app': lower-case letters and digits, with single dashes between them, "
            f"and no word of Python; not {app!r}"
        )
    return module


def _path(path: Path, words: dict[str, str]) -> str:
    """Where a file belongs: in its path NAME and MODULE stand for those of the app."""
    return (
        path.as_posix()
        .removesuffix(_SUFFIX)
        .replace("MODULE", words["module"])
        .replace("NAME", words["name"])
    )
