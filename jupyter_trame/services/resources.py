"""The files of an app: which file an address below it means. No rule and no link leads out of its folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from jupyter_trame.files.folders import STATIC, Folders
from jupyter_trame.services.patterns import Pattern, decode_segments

__all__ = ["CLIENT_FOLDER", "ResourceRoots", "Resources"]

ResourceRoots = Mapping[str | tuple[str, str], str]
"""Pattern -> file, or prefix and glob -> folder."""

CLIENT_FOLDER = STATIC / "narvi"
"""The client for pages as it is built; every app has it at ``narvi/``."""


class Resources:
    """The rules of an app; the first that fits and has a file answers. Any thread; it reads the disk."""

    __slots__ = ("_order", "roots")

    def __init__(self, roots: ResourceRoots | None = None) -> None:
        """Raises `TypeError` and `ValueError` with the rule that is none."""
        self.roots: dict[str | tuple[str, str], str] = {}
        self._order: list[_FileRule | _FolderRule] = [_FolderRule("narvi", "*", CLIENT_FOLDER)]
        if roots is not None and not isinstance(roots, Mapping):
            raise TypeError(f"resource_roots is a dictionary of addresses and paths, not {roots!r}")
        for rule, place in ({} if roots is None else roots).items():
            if not isinstance(place, str | os.PathLike):
                raise TypeError(f"resource_roots[{rule!r}] is a path, not {place!r}")
            self.roots[rule] = os.fspath(place)
            self._order.append(_read_rule(rule, Path(place)))

    def find(self, path: str) -> Path | None:
        """The file at `path` below the app, as it stands in a request; None where there is none."""
        segments = decode_segments(path)
        if segments is None or not all(segments):
            return None
        found = (rule.find(segments) for rule in self._order)
        return next((file for file in found if file is not None), None)


def _read_rule(rule: object, place: Path) -> _FileRule | _FolderRule:
    if isinstance(rule, str) and rule:
        return _FileRule(Pattern(rule.lstrip("/")), place)
    if isinstance(rule, tuple) and len(rule) == 2 and all(isinstance(part, str) for part in rule):
        prefix, glob = rule
        return _FolderRule(prefix.strip("/"), glob, place)
    raise TypeError(
        "a key of resource_roots is the address of a file, as 'images/icon.png', or a prefix and a pattern of names, "
        f"as ('images', '*.png'); got {rule!r}"
    )


class _FileRule:
    __slots__ = ("_file", "_pattern")

    def __init__(self, pattern: Pattern, file: Path) -> None:
        self._pattern = pattern
        self._file = file

    def find(self, segments: list[str]) -> Path | None:
        if self._pattern.match_segments(segments) is None:
            return None
        return self._file if self._file.is_file() else None


class _FolderRule:
    __slots__ = ("_folders", "_glob", "_prefix")

    def __init__(self, prefix: str, glob: str, folder: Path) -> None:
        self._prefix = prefix.split("/") if prefix else []
        self._glob = glob
        self._folders = Folders({}, folder)

    def find(self, segments: list[str]) -> Path | None:
        prefix = self._prefix
        if segments[: len(prefix)] != prefix:
            return None
        rest = segments[len(prefix) :]
        # An encoded slash would make two names of one, which no rule was asked about.
        if not rest or any("/" in name for name in rest) or not fnmatchcase("/".join(rest), self._glob):
            return None
        return self._folders.find("/".join(rest))
