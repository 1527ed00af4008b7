"""Ends the kernels of apps that have ended themselves."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.app_control import AppControl
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.launcher import Launcher

__all__ = ["EndedApps"]

_logger = logging.getLogger(__name__)

_INTERVAL = 10.0
"""Seconds between two looks. A server that is gone in two of them is one that nobody starts again."""


class EndedApps:
    """A kernel that was started for an app goes with the app's last server. On jupyter-server's loop.

    Kernels behind a gateway are left alone: to ask them again and again would keep them from being culled there.
    """

    def __init__(self, launcher: Launcher, kernels: Kernels, control: AppControl) -> None:
        self._launcher = launcher
        self._kernels = kernels
        self._control = control
        self._task: asyncio.Task[None] | None = None
        self._missed: set[str] = set()
        """Kernels that had no server in the last look."""

    def start(self) -> None:
        """Look from now on."""
        self._task = asyncio.get_running_loop().create_task(self._turn())

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _turn(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL)
            try:
                await self._look()
            except Exception:
                _logger.exception("apps that have ended could not be looked for")

    async def _look(self) -> None:
        started = self._launcher.started
        self._missed &= started.keys()
        for kernel_id, launch in started.items():
            if self._kernels.remote(kernel_id) is not None:
                continue
            try:
                runs = bool(await self._kernels.running_in(kernel_id))
            except LinkError:  # a kernel that does not answer may be at work
                runs = True
            if runs:
                self._missed.discard(kernel_id)
            elif kernel_id not in self._missed:
                self._missed.add(kernel_id)
            elif await asyncio.shield(self._control.end_ended(kernel_id)):
                _logger.info("the kernel of %s was ended, since the app has ended", launch.what)
