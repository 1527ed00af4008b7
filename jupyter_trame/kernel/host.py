"""What the servers of one kernel share."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING

from jupyter_trame.kernel.backend import KernelBackend
from jupyter_trame.kernel.environment import KernelEnvironment
from jupyter_trame.kernel.hub import Hub
from jupyter_trame.kernel.interrupts import InterruptGuard

if TYPE_CHECKING:
    from jupyter_trame.server.backends.base import Backend
    from jupyter_trame.server.server import Server

__all__ = ["KernelHost"]


class KernelHost:
    """The composition root of a kernel. Its thread and its socket come with the first server that starts."""

    def __init__(self, environment: KernelEnvironment) -> None:
        self.environment = environment
        self.interrupts = InterruptGuard(environment.kernel, environment.loop)
        self._hub: Hub | None = None

    @property
    def hub(self) -> Hub:
        """The kernel's links. Main thread."""
        if self._hub is None:
            self._hub = Hub(self.environment, self.interrupts)
            atexit.register(self._hub.close)
        return self._hub

    def make_backend(self, server: Server) -> Backend:
        """What carries `server`."""
        return KernelBackend(server, self)

    def close(self) -> None:
        """End the thread and withdraw the record. Main thread."""
        if self._hub is not None:
            atexit.unregister(self._hub.close)
            self._hub.close()
            self._hub = None
