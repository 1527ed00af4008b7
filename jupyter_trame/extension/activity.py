"""When users of apps did something last, so that what they use is not culled, and what nobody uses is."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

__all__ = ["Activity"]

_NAME = "jupyter_trame"


class Activity:
    """Tells jupyter-server, whose cullers and hub ask it, and remembers it by kernel. On jupyter-server's loop.

    What counts is what users send: pings and questions for the state do not.
    """

    def __init__(
        self, manager: MappingKernelManager, times: MutableMapping[str, datetime] | None = None
    ) -> None:
        """`times` is jupyter-server's ``last_activity_times``."""
        self._manager = manager
        self._times: MutableMapping[str, datetime] = {} if times is None else times
        self._last: dict[str, float] = {}
        """By kernel, of the clock that nobody sets."""

    def noted(self, kernel_id: str) -> None:
        """A user of an app in the kernel did something."""
        now = datetime.now(UTC)
        self._times[_NAME] = now
        self._last[kernel_id] = time.monotonic()
        if kernel_id in self._manager:
            kernel: Any = self._manager.get_kernel(kernel_id)
            kernel.last_activity = now

    def idle(self, kernel_id: str) -> float:
        """Seconds since then; 0 where nothing was noted."""
        last = self._last.get(kernel_id)
        return 0.0 if last is None else time.monotonic() - last

    def forget(self, kernel_id: str) -> None:
        """The kernel is gone."""
        self._last.pop(kernel_id, None)
