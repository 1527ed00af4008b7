"""What installs a package of trame's widgets that an import has not found."""

import pkgutil
import re
import sys

__all__ = ["remedy_for"]

_FOLDERS = frozenset({"trame.widgets", "trame.ui", "trame.modules"})
"""Where packages of widgets put their modules: the names of these say which package is meant."""
_NO_NAME = re.compile(r"cannot import name '(\w+)'")
_DISTRIBUTIONS = {"paraview": "trame-vtk", "trame": "trame-components"}
"""Of modules that are not called as their package is."""


def remedy_for(error: BaseException) -> str | None:
    """What to do about `error` where it is the import of a package of trame that is not installed; else None.

    It begins with the command, or with the name that may be meant.
    """
    name = error.name if isinstance(error, ImportError) else None
    if name is None:
        return None
    if isinstance(error, ModuleNotFoundError) and re.fullmatch(r"trame(_\w+)?", name):
        return f"pip install {name.replace('_', '-')}: the package {name} is not installed"
    folder, module = _missing_module(error, name)
    if not module:
        return None
    from jupyter_trame.core.spelling import nearest  # the kernel of a service of Narvi loads no state

    meant = nearest(module, _modules(folder))
    if meant is not None:
        return f"is {meant!r} meant? {folder} has no {module!r}"
    distribution = _DISTRIBUTIONS.get(module) or f"trame-{module.rstrip('0123456789').replace('_', '-')}"
    return f"pip install {distribution}: {folder} has no {module!r}, which a package of that name brings"


def _missing_module(error: BaseException, name: str) -> tuple[str, str]:
    """The folder and the module of a package of widgets that `error` did not find; empty for other errors."""
    if isinstance(error, ModuleNotFoundError):
        folder, _, module = name.rpartition(".")
        return (folder, module) if folder in _FOLDERS else ("", "")
    found = _NO_NAME.match(str(error)) if name in _FOLDERS else None
    return (name, found[1]) if found else ("", "")


def _modules(folder: str) -> list[str]:
    package = sys.modules.get(folder)
    return [info.name for info in pkgutil.iter_modules(getattr(package, "__path__", None) or [])]
