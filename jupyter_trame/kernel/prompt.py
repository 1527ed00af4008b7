"""Servers beside the prompt of IPython or Python: they run on a thread of their own, so that the prompt comes back.

What the prompt sets leaves at once, as from any other thread; callbacks run on the thread of the servers.
"""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Awaitable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any
from weakref import WeakSet

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.owner import turning_loop
from jupyter_trame.kernel.cell_advice import CellAdvice
from jupyter_trame.kernel.cells import CellFlush
from jupyter_trame.kernel.environment import find_prompt
from jupyter_trame.kernel.exits import contain_exits
from jupyter_trame.kernel.io_thread import IoThread
from jupyter_trame.program import choice
from jupyter_trame.program.sockets import page_address
from jupyter_trame.program.standalone import StandAlone
from jupyter_trame.runtime.backend import StartRequest
from jupyter_trame.runtime.lifecycle import LifeCycle
from jupyter_trame.runtime.runtime import RUNNING
from jupyter_trame.web.http_server import HttpServerFactory

__all__ = ["PromptBackend", "PromptHost"]

_GOODBYE = 5.0
"""Seconds that the end of the process waits for the callbacks of the servers."""


class PromptHost:
    """What the servers of a prompt share, a `ServerHost`. Its thread comes with the first start. Main thread."""

    is_kernel = False

    def cell(self) -> str | None:
        """See `ServerHost`: what is typed has no id."""
        return None

    def __init__(self) -> None:
        self._thread: IoThread | None = None
        self.lives: set[asyncio.Task[None]] = set()
        """Of the servers that run, to their last goodbye. The thread of the servers."""
        self._servers: WeakSet[LifeCycle] = WeakSet()
        self._advice = CellAdvice()
        shell = find_prompt()
        if shell is not None:
            self._advice.follow(shell.events)

    @property
    def thread(self) -> IoThread:
        """Where the servers live."""
        if self._thread is None:
            self._thread = IoThread("jupyter-trame-prompt", asyncio.new_event_loop)
            contain_exits(self._thread.loop)
            atexit.register(self.close)
        return self._thread

    def make_backend(self, life_cycle: LifeCycle, name: str | None) -> StandAlone:
        """See `ServerHost`."""
        self._servers.add(life_cycle)
        return PromptBackend(life_cycle, choice.choose_http_server(life_cycle, name), self)

    def close(self) -> None:
        """Stop the servers, wait for their goodbyes for a while, and end the thread."""
        self._advice.stop()
        thread, self._thread = self._thread, None
        if thread is None:
            return
        atexit.unregister(self.close)
        ending = asyncio.run_coroutine_threadsafe(self._stop_all(), thread.loop)
        with suppress(TimeoutError, CancelledError):
            ending.result(_GOODBYE)
        thread.close()

    async def _stop_all(self) -> None:
        for server in list(self._servers):
            await server.end()
        await asyncio.gather(*self.lives, return_exceptions=True)


class PromptBackend(StandAlone):
    """See `StandAlone`: here ``"main"`` and ``"desktop"`` return when the server is up."""

    starts_on_display = True

    def __init__(self, life_cycle: LifeCycle, make_http_server: HttpServerFactory, host: PromptHost) -> None:
        super().__init__(life_cycle, make_http_server, hosted=True)
        self._host = host
        self._cells = CellFlush(self._runtime.flush)

    def start(self, request: StartRequest) -> Awaitable[None] | None:
        """Up on the thread of the servers, unless the caller has a loop for it. Raises what keeps it from that."""
        prompt = find_prompt()
        if prompt is None or request.exec_mode not in {"main", "desktop"}:
            return super().start(request)
        loop = self._host.thread.loop
        if turning_loop() is loop:  # a callback of a server asks, which must not wait for its own thread
            return super().start(request)
        self._due = request
        started: Future[None] = asyncio.run_coroutine_threadsafe(self._begin(request), loop)
        try:
            started.result()
        except BaseException:  # an interrupt too, of a callback that takes long
            if not started.cancel():  # the server came up in the same moment
                self._life_cycle.end()
            raise
        if self._runtime.stage == RUNNING:
            self._cells.follow(prompt.events)
        return None

    def displayed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """See `Backend.displayed`: the address, which holds the secret, as when it was started."""
        name = self._runtime.app.server.name
        if self._runtime.stage != RUNNING or not self._runtime.port:
            return super().displayed()
        text = f"App {name!r} at {page_address(self._runtime)}\nserver.open() shows it in the browser of this machine."
        return {"text/plain": text}, {}

    def view(self, template: str = "main", embed: str | None = None) -> Any:  # noqa: ARG002
        """See `Backend.view`."""
        raise ServerError(
            "a prompt shows no widgets: server.open() shows the app in the browser of this machine"
        )

    def close(self, *, replaced: bool) -> None:
        """See `Backend.close`. Any thread."""
        self._cells.stop()
        super().close(replaced=replaced)

    async def _begin(self, request: StartRequest) -> None:
        ready = self._life_cycle.ready
        life = self._life = asyncio.get_running_loop().create_task(self._live(request, main=False))
        self._host.lives.add(life)
        life.add_done_callback(self._ended)
        either: list[asyncio.Future[Any]] = [life, ready]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            life.cancel()
            raise
        if life.done():
            life.result()

    def _ended(self, life: asyncio.Task[None]) -> None:
        """The next start, and what the prompt calls until then, is the prompt's own again."""
        self._host.lives.discard(life)
        if self._life is life:  # or the next one has begun already
            self._runtime.owner.detach()
