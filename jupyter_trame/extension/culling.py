"""Ends apps that have a kernel of their own and that nobody has used for long."""

from __future__ import annotations

import asyncio
import logging

from jupyter_trame.extension.app_control import AppControl
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.launcher import Launcher
from jupyter_trame.extension.repeated_look import RepeatedLook

__all__ = ["Culling"]

_logger = logging.getLogger(__name__)

_LONGEST = 60.0
"""Seconds between two looks."""


class Culling(RepeatedLook):
    """An app whose pages are open and left alone is as idle as one without any. On jupyter-server's loop.

    One whose kernel is at work is left to end that.
    """

    def __init__(self, launcher: Launcher, kernels: Kernels, control: AppControl, *, timeout: float) -> None:
        """`timeout`: seconds without anything that a user did; more than 0."""
        super().__init__(min(_LONGEST, timeout / 4), "idle apps")
        self._launcher = launcher
        self._kernels = kernels
        self._control = control
        self._timeout = timeout

    async def _look(self) -> None:
        for kernel_id, launch in self._launcher.launches.items():
            if self._kernels.at_work(kernel_id):
                continue
            if self._kernels.activity.idle(kernel_id) < self._timeout:
                continue
            if await asyncio.shield(self._control.cull(kernel_id, self._timeout)):
                _logger.info("%s was ended, since nobody used it for %g s", launch.what, self._timeout)
