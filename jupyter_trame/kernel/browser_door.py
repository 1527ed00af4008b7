"""A port of a kernel's server for the browser of this machine, once its user asks for one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from jupyter_trame.program.sockets import Sockets
from jupyter_trame.runtime.backend import StartRequest
from jupyter_trame.runtime.runtime import Runtime
from jupyter_trame.web.tornado import TornadoHttpServer

__all__ = ["BrowserDoor"]


class BrowserDoor:
    """Serves the page of one life of a server, on any free port, beside the ways that a kernel has."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._sockets: Sockets | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """Show the page in the browser; the first time the port is opened, and its address printed. The main thread.

        Raises `OSError` where no port can be had.
        """
        if self._sockets is None:
            self._sockets = self._listen()
        self._sockets.open_browser()

    def close(self) -> None:
        """Say goodbye to the pages and close the port; again is harmless. Any thread."""
        sockets, self._sockets = self._sockets, None
        if sockets is not None and self._loop is not None:
            self._runtime.port = 0
            sockets.shut()
            asyncio.run_coroutine_threadsafe(sockets.closed(), self._loop)

    def _listen(self) -> Sockets:
        runtime = self._runtime
        assert runtime.settings is not None  # of a server that runs
        # Who closes the page wants to find the server at the console again: no timeout ends it.
        settings = replace(
            runtime.settings, port=0, timeout=0, open_browser=False, reverse_url=None, desktop=False
        )
        self._loop = asyncio.get_running_loop()
        sockets = Sockets(runtime, settings, TornadoHttpServer, StartRequest(), main=False)
        sockets.open()
        runtime.port = _at_once(sockets.listen())
        sockets.publish()
        sockets.announce()
        return sockets


def _at_once(call: Coroutine[Any, Any, int]) -> int:
    """The result of a coroutine that waits for nothing, as tornado's sockets: the cell that asks shows the address."""
    try:
        call.send(None)
    except StopIteration as done:
        return int(done.value)
    raise RuntimeError("the port was not opened at once")
