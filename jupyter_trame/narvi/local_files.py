"""The files of apps on the local host: those that are registered, and those of trame apps."""

from __future__ import annotations

from pathlib import Path

from jupyter_trame.files.folders import STATIC, Folders
from jupyter_trame.files.shared import look_up
from jupyter_trame.narvi.local_trame import LocalTrameApp
from jupyter_trame.services.addresses import ServiceAddress
from jupyter_trame.services.patterns import decode_segments
from jupyter_trame.services.service_facts import ServiceFacts

__all__ = ["LocalFiles"]

_PAGE_ALONE = Folders({}, STATIC)
"""What there is of a trame app before it runs: its page, which has it start."""


class LocalFiles:
    """On the host's loop; it reads the disk."""

    def __init__(self, known: ServiceFacts) -> None:
        self._known = known

    def find(self, address: ServiceAddress) -> Path | None:
        """The file at `address`, None where there is none."""
        if not address.is_trame_app:
            return None if address.app is None else address.app.resources.find(address.rest)
        instance = self._known.an_instance(address)  # all of a service have the same
        folders = instance.folders if isinstance(instance, LocalTrameApp) else _PAGE_ALONE
        segments = decode_segments(address.rest)
        return None if segments is None else look_up(folders, "/".join(segments)).path
