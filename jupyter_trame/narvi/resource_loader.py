"""Classes and files of Python packages by their names."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["ResourceLoader"]


class ResourceLoader:
    """Finds what dotted names mean. Any thread; it imports what it has to."""

    @staticmethod
    def get_class(name: str) -> Any:
        """The class of ``package.module.Class``.

        Runs the module's code where it was not imported. Raises `ModuleNotFoundError`, and `AttributeError` where the
        module has no such name; `ValueError` for a name without a module.
        """
        module_name, dot, class_name = name.rpartition(".")
        if not dot or not module_name or not class_name:
            raise ValueError(f"a class is named as package.module.Class, not {name!r}")
        module = import_module(module_name)
        try:
            return getattr(module, class_name)
        except AttributeError:
            raise AttributeError(f"the module {module_name} has no class {class_name}") from None

    @staticmethod
    def get_path_of_resource(package: str, resource: str = "") -> str:
        """The path of the folder of `package`, or of the file `resource` in it, whether that exists or not.

        Of a module that is no package it is the folder in which that lies. Imports the packages above. Raises
        `ModuleNotFoundError` where there is no such package, or it has no files.
        """
        folder = _folder(package)
        return str(folder / resource) if resource else str(folder)

    @staticmethod
    def split_resource_path(path: str) -> tuple[str, str]:
        """``"/package/sub/file"`` -> ``("package.sub", "file")``."""
        folders, _, file = path.strip("/").rpartition("/")
        return folders.replace("/", "."), file


def _folder(package: str) -> Path:
    try:
        spec = find_spec(package)
    except ValueError:  # of an empty name, and of a module that nobody imported, as __main__
        spec = None
    if spec is not None and spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    if spec is not None and spec.has_location and spec.origin is not None:
        return Path(spec.origin).parent
    raise ModuleNotFoundError(f"there is no package {package!r} with files", name=package)
