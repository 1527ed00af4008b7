"""What stays registered when the kernel that registered it has ended: a file of the user's."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_trame.log_text import foreign
from jupyter_trame.system.ownership import read_own_file
from jupyter_trame.system.private_files import patiently, write_private

__all__ = ["NarviStore"]

_logger = logging.getLogger(__name__)

_VERSION = 1
_SIZE = 8 << 20
"""Bytes that are read."""


class NarviStore:
    """A list of entries, each a kind and what JSON holds. It is small, and written whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[tuple[str, dict[str, Any]]]:
        """The entries; none where there is no file, or one that is not ours, or is damaged, which the log says."""
        try:
            document = json.loads(read_own_file(self._path, _SIZE))
            if document["version"] != _VERSION:
                raise ValueError(f"its version is {document['version']!r}, not {_VERSION}")
            return [(str(kind), dict(entry)) for kind, entry in document["entries"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            _logger.warning(
                "%s is left alone, and nothing of it is registered: %s", self._path, foreign(error)
            )
            return []

    def write(self, entries: list[tuple[str, Mapping[str, Any]]]) -> None:
        """Replace the file; who reads it sees the old one or the new one. Raises `OSError`."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        document = {"version": _VERSION, "entries": [[kind, dict(entry)] for kind, entry in entries]}
        descriptor, name = tempfile.mkstemp(prefix=".narvi-", suffix=".tmp", dir=self._path.parent)
        temporary = Path(name)
        try:
            write_private(descriptor, temporary, json.dumps(document).encode())
            patiently(lambda: temporary.replace(self._path))
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
