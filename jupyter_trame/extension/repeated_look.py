"""Looks at something again and again, whatever goes wrong in one look."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod

__all__ = ["RepeatedLook"]

_logger = logging.getLogger(__name__)


class RepeatedLook(ABC):
    """Calls `_look` from `start` to `close`, on jupyter-server's loop; what it raises is logged."""

    def __init__(self, interval: float, sought: str) -> None:
        """`interval`: seconds before each look; more than 0. `sought`: what is looked for, for the log."""
        self._interval = interval
        self._sought = sought
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look from now on."""
        self._task = asyncio.get_running_loop().create_task(self._turn())

    async def close(self) -> None:
        """Look no more; a look that goes on is cancelled."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _turn(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self._look()
            except Exception:
                _logger.exception("%s could not be looked for", self._sought)

    @abstractmethod
    async def _look(self) -> None:
        """One look."""
