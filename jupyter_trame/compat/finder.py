"""How imports of trame's server, and of packages that are not installed, end up here: entries of `sys.meta_path`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from threading import get_ident
from types import ModuleType
from typing import Any, TypeAlias

__all__ = ["CompanionFinder", "DropInFinder", "Patch", "PatchingLoader"]

Patch: TypeAlias = Callable[[ModuleType], Callable[[], None]]
"""Changes a module that was just executed; what it returns undoes that."""


class DropInFinder(MetaPathFinder):
    """Finds the packages `mirrors` in our folders, and applies `patches` to other modules when they are imported."""

    def __init__(self, mirrors: Mapping[str, Path], patches: Mapping[str, Patch]) -> None:
        self._mirrors = dict(mirrors)
        self._patches = dict(patches)
        self._undo: list[Callable[[], None]] = []
        self._searches: set[tuple[int, str]] = set()
        """Thread and module of the searches that go on."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Called by the import system; submodules of a mirror are found in its folder as in any package."""
        folder = self._mirrors.get(fullname)
        if folder is not None:
            return _package(fullname, folder)
        search = get_ident(), fullname
        # Another finder of this kind asks all others too.
        if fullname in self._patches and search not in self._searches:
            self._searches.add(search)
            try:
                spec = self._found_by_others(fullname, path, target)
            finally:
                self._searches.remove(search)
            if spec is not None and spec.loader is not None:
                spec.loader = PatchingLoader(spec.loader, self.patch)
            return spec
        return None

    def patch(self, module: ModuleType) -> None:
        """Apply the patch of `module`, which is executed."""
        self._undo.append(self._patches[module.__name__](module))

    def patch_loaded(self) -> None:
        """Apply the patches of modules that are imported already."""
        for name in self._patches:
            if name in sys.modules:
                self.patch(sys.modules[name])

    def undo(self) -> None:
        """Take all patches back, the latest first."""
        while self._undo:
            self._undo.pop()()

    def _found_by_others(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(fullname, path, target) if find is not None else None
            if spec is not None:
                return spec
        return None


class CompanionFinder(MetaPathFinder):
    """Finds packages in our folders that nobody else has: it belongs at the end of `sys.meta_path`."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self.folders = dict(folders)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - submodules are found in their package's folder
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Called by the import system when no other finder knows `fullname`."""
        folder = self.folders.get(fullname)
        return None if folder is None else _package(fullname, folder)


class PatchingLoader(Loader):
    """Loads a module as `inner` does and calls `patch` with it; the module does not show that."""

    def __init__(self, inner: Any, patch: Callable[[ModuleType], None]) -> None:
        self._inner = inner
        self._patch = patch

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """See `Loader.create_module`."""
        module: ModuleType | None = self._inner.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """See `Loader.exec_module`."""
        module.__loader__ = self._inner
        if module.__spec__ is not None:
            module.__spec__.loader = self._inner
        self._inner.exec_module(module)
        self._patch(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def _package(name: str, folder: Path) -> ModuleSpec | None:
    return spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
