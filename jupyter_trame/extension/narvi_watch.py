"""Finds the kernels that have something of services, soon after they do."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.transports.rendezvous import Record

__all__ = ["NarviWatch"]

_logger = logging.getLogger(__name__)

_PERIOD = 0.25
"""Seconds between two looks at the folder of records, which cost one system call while nothing changed."""
_ASK = 5.0
"""Seconds that kernels elsewhere have to answer, and in which they are not asked again."""


class NarviWatch:
    """Looks at the records of the kernels of this machine whenever one was written; at others when `look` says so.

    A kernel elsewhere has no way to call, and asking it counts as activity, which would keep it from being culled.
    `on_found(kernel_id, slugs)`: what answers links in a kernel; again when that changes. On the thread of its loop.
    """

    def __init__(
        self,
        manager: MappingKernelManager,
        kernels: Kernels,
        on_found: Callable[[str, tuple[str, ...]], object],
        *,
        period: float = _PERIOD,
    ) -> None:
        self._manager = manager
        self._kernels = kernels
        self._on_found = on_found
        self._period = period
        self._seen: dict[str, tuple[int, tuple[str, ...]]] = {}
        """Process and slugs, by kernel."""
        self._stamps: dict[Path, int] = {}
        self._asked: dict[str, float] = {}
        self._asking: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look from now on."""
        self._task = asyncio.get_running_loop().create_task(self._turn())

    async def close(self) -> None:
        """Look no more."""
        for task in (self._task, self._asking):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def look(self) -> None:
        """Look at all kernels now, also at those elsewhere; returns when those have answered. Cancelling is safe."""
        self._look_here(everywhere=True)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._ask_elsewhere())
        await asyncio.shield(self._asking)

    async def _turn(self) -> None:
        while True:
            try:
                self._look_here(everywhere=False)
            except Exception:
                _logger.exception("the records of kernels could not be looked at")
            await asyncio.sleep(self._period)

    def _look_here(self, *, everywhere: bool) -> None:
        """At the records of this machine: `everywhere`, or where a folder has changed."""
        changed: dict[Path, bool] = {}
        kernel_ids = list(self._manager.list_kernel_ids())
        for kernel_id in [kernel_id for kernel_id in self._seen if kernel_id not in kernel_ids]:
            del self._seen[kernel_id]
        for kernel_id in kernel_ids:
            path = self._kernels.record_path(kernel_id)
            if path is None or self._kernels.remote(kernel_id) is not None:
                continue
            folder = path.parent
            if folder not in changed:
                changed[folder] = self._has_changed(folder)
            if everywhere or changed[folder] or kernel_id not in self._seen:
                self._found(kernel_id, self._kernels.read(path))

    def _has_changed(self, folder: Path) -> bool:
        try:
            stamp = folder.stat().st_mtime_ns
        except OSError:
            return False
        before, self._stamps[folder] = self._stamps.get(folder), stamp
        return before != stamp

    def _found(self, kernel_id: str, record: Record | None) -> None:
        found = (0, ()) if record is None else (record.pid, record.services)
        if self._seen.get(kernel_id, (0, ())) != found:
            self._seen[kernel_id] = found
            if found[1]:
                self._on_found(kernel_id, found[1])
        else:
            self._seen[kernel_id] = found

    async def _ask_elsewhere(self) -> None:
        now = asyncio.get_running_loop().time()
        due = []
        for kernel_id in list(self._manager.list_kernel_ids()):
            known = self._seen.get(kernel_id, (0, ()))[1]
            if self._kernels.remote(kernel_id) is None or known:
                continue
            if now - self._asked.get(kernel_id, -_ASK) >= _ASK:
                self._asked[kernel_id] = now
                due.append(self._ask(kernel_id))
        await asyncio.gather(*due)

    async def _ask(self, kernel_id: str) -> None:
        try:
            async with asyncio.timeout(_ASK):
                self._found(kernel_id, await self._kernels.look_up(kernel_id))
        except (LinkError, TimeoutError) as error:
            _logger.debug("a kernel elsewhere was not asked for services: %s", error)

    def lost(self, kernel_id: str) -> None:
        """The link to the kernel ended: what it has is looked at as if for the first time."""
        self._seen.pop(kernel_id, None)
        self._asked.pop(kernel_id, None)
