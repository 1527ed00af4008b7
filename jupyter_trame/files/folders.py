"""Files that pages ask for by their address: folders under prefixes, over one folder for all the rest.

Whoever serves pages uses this: the servers that listen, a kernel and the notebook server.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jupyter_trame.files.file_names import is_taken_apart

__all__ = ["STATIC", "Folders"]

STATIC = Path(__file__).parent.parent / "static"
"""The browser side as it is built: our page, the client and the widget's loader."""


class Folders:
    """Finds the file of an address. Any thread; the mapping may change meanwhile.

    The folder with the longest prefix that fits answers alone: what it lacks is not looked for elsewhere.
    """

    def __init__(
        self,
        folders: Mapping[str, Any],
        root: str | Path | None = None,
        follow_symlinks: bool = False,
    ) -> None:
        """`folders`: prefix -> directory, or a tuple that starts with it; it is read anew each time.

        `root` answers where no prefix fits. With `follow_symlinks` a link may leave its folder.
        """
        self.folders = folders
        self.root = root
        self.follow_symlinks = follow_symlinks

    def find(self, url_path: str) -> Path | None:
        """The file at `url_path` (percent-decoded, a leading slash is ignored); None for a directory too."""
        found = self.locate(url_path)
        return found if found is not None and found.is_file() else None

    def locate(self, url_path: str) -> Path | None:
        """The file or directory at `url_path`; None where nothing is, or where it leads out of its folder."""
        clean = url_path.lstrip("/")
        for prefix, folder in self.directories():
            if not prefix or clean == prefix or clean.startswith(f"{prefix}/"):
                return self._inside(folder, clean[len(prefix) :].lstrip("/"))
        return None if self.root is None else self._inside(Path(self.root), clean)

    def directories(self) -> Iterator[tuple[str, Path]]:
        """Prefixes without outer slashes and their directories, the longest first."""
        entries = [(prefix.strip("/"), folder) for prefix, folder in list(self.folders.items())]
        for prefix, folder in sorted(entries, key=lambda entry: -len(entry[0])):
            yield prefix, Path(folder if isinstance(folder, str | os.PathLike) else folder[0])

    def _inside(self, folder: Path, rest: str) -> Path | None:
        parts = [part for part in rest.split("/") if part not in {"", "."}]
        if not all(map(_is_name, parts)):
            return None
        try:
            path = folder.joinpath(*parts)
            real = path.resolve(strict=True)
            if self.follow_symlinks or real.is_relative_to(folder.resolve()):
                return real
        # It is not there, may not be read, is too long; links in a circle; or has characters that no file name has.
        except (OSError, RuntimeError, ValueError):
            return None
        return None


def _is_name(part: str) -> bool:
    """Whether `part` names an entry of its folder on every system."""
    if part == ".." or "\0" in part:
        return False
    return not is_taken_apart(part)
