"""What the servers of one kernel share."""

from __future__ import annotations

import atexit
import importlib
import logging
from typing import TYPE_CHECKING

from jupyter_trame.kernel.cell_advice import CellAdvice
from jupyter_trame.kernel.environment import KernelEnvironment
from jupyter_trame.kernel.interrupts import InterruptGuard
from jupyter_trame.kernel.links import KernelLinks

if TYPE_CHECKING:
    from jupyter_trame.kernel.backend import Views
    from jupyter_trame.runtime.backend import Backend
    from jupyter_trame.runtime.lifecycle import LifeCycle

__all__ = ["KernelHost"]

_logger = logging.getLogger(__name__)

_VIEW_DELAY = 0.1
"""Seconds after the first server was made: the answer of its cell is on its way by then."""


class KernelHost:
    """The composition root of a kernel, a `ServerHost`. Its thread and its socket come with the first start."""

    is_kernel = True

    def __init__(self, environment: KernelEnvironment) -> None:
        self.environment = environment
        self.interrupts = InterruptGuard(environment.kernel, environment.loop)
        self.views: dict[str, Views] = {}
        """The widgets of each slug: they outlive the servers that they show. Main thread."""
        self._links: KernelLinks | None = None
        self._knows_view = False
        self._advice = CellAdvice()
        shell = getattr(environment.kernel, "shell", None)
        if shell is not None:
            self._advice.follow(shell.events)
        # Errors are written to the cell; without a handler of the user's, logging would write them there again.
        logging.getLogger("jupyter_trame").addHandler(logging.NullHandler())

    @property
    def links(self) -> KernelLinks:
        """The kernel's links. Main thread."""
        if self._links is None:
            self._links = KernelLinks(self.environment, self.interrupts)
            atexit.register(self._links.close)
        return self._links

    def cell(self) -> str | None:
        """See `ServerHost`."""
        return self.environment.cell()

    def make_backend(self, life_cycle: LifeCycle, name: str | None) -> Backend:
        """See `ServerHost`. The widget's code is loaded soon after the first server, ahead of a display."""
        # With the first server: a kernel that has a service alone loads none of it.
        from jupyter_trame.kernel.backend import KernelBackend
        from jupyter_trame.program import choice

        if name not in {None, "jupyter"}:
            return choice.make_backend(life_cycle, name, hosted=True)
        if not self._knows_view:
            self._knows_view = True
            loop = self.environment.loop
            loop.call_soon_threadsafe(loop.call_later, _VIEW_DELAY, self._load_view)
        return KernelBackend(life_cycle, self)

    def close(self) -> None:
        """End the thread and withdraw the record. Main thread."""
        self._advice.stop()
        if self._links is not None:
            atexit.unregister(self._links.close)
            self._links.close()
            self._links = None

    def _load_view(self) -> None:
        try:
            self.interrupts.shield(lambda: importlib.import_module("jupyter_trame.kernel.view"))
        except Exception:
            _logger.debug("the widget could not be loaded", exc_info=True)
