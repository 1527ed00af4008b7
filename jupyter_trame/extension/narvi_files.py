"""The files of an app of services: from this machine's disk, or out of the kernel that registered it elsewhere."""

from __future__ import annotations

import asyncio

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.files import FoundFile
from jupyter_trame.extension.narvi_registrar import Registrar
from jupyter_trame.protocol.link import File, PageFiles
from jupyter_trame.services.entries import ServiceApp

__all__ = ["NarviFiles"]


class NarviFiles:
    """See `Files`. Paths are raw, as they stand in a request below the service id."""

    page_files = PageFiles()
    """An app asks for nothing."""

    def __init__(self, app: ServiceApp, registrar: Registrar | None) -> None:
        """`registrar`: of `app`, where its files are not on this disk."""
        self._app = app
        self._registrar = registrar

    async def find(self, path: str) -> FoundFile:
        """See `Files`."""
        found = await asyncio.to_thread(self._app.resources.find, path)
        if found is not None:
            status = await asyncio.to_thread(found.stat)
            return FoundFile(200, status.st_size, status.st_mtime_ns, self, path, found)
        if self._registrar is None:
            return FoundFile(404, 0, 0, self, path, None)
        answer = await self.fetch(path, 0, 1)
        return FoundFile(answer.status, answer.size, answer.modified, self, path, None)

    async def fetch(self, path: str, offset: int, length: int) -> File:
        """See `Files`; the kernel sends at least as much as fits in a part."""
        if self._registrar is None:
            raise LinkError("the kernel of the app is gone")
        answer = await self._registrar.file(self._app.workspace, self._app.app_name, path, offset)
        if answer is None:
            return File(0, 404)
        _, _, size, modified = answer.header
        return File(0, 200, size, modified, answer.payload[:length] if length > 1 else answer.payload)
