"""What stays registered when the kernel that registered it has ended: in this process, and in a file of the user's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_trame.extension.narvi_entries import entry_key
from jupyter_trame.extension.narvi_store import NarviStore
from jupyter_trame.services.instance import ServiceFailedError

__all__ = ["KEPT", "KeptEntries"]

KEPT = "kept"
"""The owner of what stays. No kernel has that id."""

Key = tuple[str, ...]
Entry = tuple[str, dict[str, Any]]


class KeptEntries:
    """Entries by key. Other Jupyter servers of the user have the same file, so that each changes its own part alone."""

    def __init__(self, store: NarviStore) -> None:
        self._store = store
        self._entries: dict[Key, Entry] = {}

    def stored(self) -> list[Entry]:
        """What the file has; `add` those that can be registered."""
        return self._store.read()

    def add(self, kind: str, entry: Mapping[str, Any]) -> None:
        """It is one of the file's. Raises `LookupError` for what is none."""
        self._entries[entry_key(kind, entry)] = (kind, dict(entry))

    def has(self, key: Key, entry: Mapping[str, Any]) -> bool:
        """Whether exactly this is kept."""
        found = self._entries.get(key)
        return found is not None and found[1] == dict(entry)

    def keep(self, kind: str, entry: Mapping[str, Any]) -> None:
        """Keep an entry; until this process ends where `ServiceFailedError` says that the file cannot be written."""
        self.add(kind, entry)
        self._write((), "it is registered, but cannot be kept when this Jupyter server ends")

    def drop(self, key: Key) -> list[Key]:
        """Keep an entry no more, and what is in front of a service or leads to an app; the keys of all of these.

        Raises as `keep`.
        """
        if key not in self._entries:
            return []
        gone = [key, *self._behind(key)]
        for one in gone:
            del self._entries[one]
        self._write(gone, "what was kept under this name comes back with the next Jupyter server")
        return gone

    def _behind(self, key: Key) -> list[Key]:
        """What nobody can use without the entry of `key`."""
        kind, *names = key
        field = {"service": "service_name", "app": "app_name"}.get(kind)
        leading = {"service": "app", "app": "redirection"}.get(kind)
        found = [
            other
            for other, (other_kind, entry) in self._entries.items()
            if other_kind == leading and [entry["workspace"], entry[str(field)]] == names
        ]
        return [*found, *(further for other in found for further in self._behind(other))]

    def _write(self, gone: Iterable[Key], failure: str) -> None:
        entries = {}
        for kind, entry in self._store.read():
            try:
                entries[entry_key(kind, entry)] = (kind, entry)
            except LookupError:
                continue
        entries |= self._entries
        for key in gone:
            entries.pop(key, None)
        try:
            self._store.write(list(entries.values()))
        except OSError as error:
            raise ServiceFailedError(f"{failure}: {error}") from error
