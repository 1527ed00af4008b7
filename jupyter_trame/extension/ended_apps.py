"""Ends the kernels of apps that have ended themselves."""

from __future__ import annotations

import asyncio
import logging

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.app_control import AppControl
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.launcher import Launcher
from jupyter_trame.extension.repeated_look import RepeatedLook

__all__ = ["EndedApps"]

_logger = logging.getLogger(__name__)

_INTERVAL = 10.0
"""Seconds between two looks. A server that is gone in two of them is one that nobody starts again."""


class EndedApps(RepeatedLook):
    """A kernel that was started for an app goes with the app's last server. On jupyter-server's loop.

    Kernels behind a gateway are left alone: to ask them again and again would keep them from being culled there.
    """

    def __init__(self, launcher: Launcher, kernels: Kernels, control: AppControl) -> None:
        super().__init__(_INTERVAL, "apps that have ended")
        self._launcher = launcher
        self._kernels = kernels
        self._control = control
        self._missed: set[str] = set()
        """Kernels that had no server in the last look."""

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
