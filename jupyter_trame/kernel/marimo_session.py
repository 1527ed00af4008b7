"""A notebook of marimo as a kernel: it runs cells on a loop, and shows widgets over comms of its own.

`marimo edit` runs each notebook in a process; `marimo run` gives each visitor a thread of one process, whose servers
are that visitor's alone.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jupyter_trame.execution.owner import turning_loop
from jupyter_trame.kernel import _marimo_private
from jupyter_trame.kernel.environment import KernelEnvironment
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.registry import Process

__all__ = ["MarimoSession", "begin", "detect_session"]

_keepers: set[asyncio.Task[None]] = set()
"""The loops hold them weakly."""


@dataclass(frozen=True, slots=True)
class MarimoSession(KernelEnvironment):
    """What is known of the notebook that runs on this thread."""

    context: Any = None
    """marimo's."""

    @property
    def at_work(self) -> bool:
        """See `KernelEnvironment`."""
        return self.context.execution_context is not None

    @property
    def speaks_jupyter(self) -> bool:
        """See `KernelEnvironment`."""
        return False

    def cell(self) -> str | None:
        """See `KernelEnvironment`."""
        found = self.context.cell_id
        return None if found is None else str(found)

    def view_owner(self) -> str | None:
        """See `KernelEnvironment`."""
        return self.cell()

    def before_rerun(self, call: Callable[[], object], /) -> None:
        """See `KernelEnvironment`."""
        _marimo_private.call_before_rerun(self.context, call)


def detect_session() -> MarimoSession | None:
    """The notebook whose cell runs on this thread; None where there is none."""
    context, loop = _marimo_private.session(), turning_loop()
    if context is None or loop is None:
        return None
    return MarimoSession(None, loop, threading.get_ident(), None, context=context)


def begin(environment: MarimoSession) -> Process:
    """What holds the servers of the notebook, which stop at its end. The thread of the notebook."""
    is_main = threading.current_thread() is threading.main_thread()
    process = registry.process if is_main else registry.begin_session()
    keeper = environment.loop.create_task(_keep(process), name="jupyter_trame")
    _keepers.add(keeper)
    keeper.add_done_callback(_keepers.discard)
    return process


async def _keep(process: Process) -> None:
    """Wait for the end of the notebook: marimo cancels the tasks of its loop then."""
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        endings = [server.stop() for server in list(process.servers.values())]
        with suppress(asyncio.CancelledError):
            for ending in endings:
                await ending
        if process.host is not None:
            process.host.close()
            process.host = None
