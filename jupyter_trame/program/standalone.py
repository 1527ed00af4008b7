"""A server that carries itself: ``python app.py``, with its page and its socket on the loop that owns it.

Replica, sockets and user code share one thread, so a push is written to the socket before `State.flush` returns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.asynchronous import get_event_loop
from jupyter_trame.execution.owner import turning_loop
from jupyter_trame.program import desktop
from jupyter_trame.program.sockets import Sockets, page_address
from jupyter_trame.runtime.backend import OpenMode, StartRequest
from jupyter_trame.runtime.lifecycle import LifeCycle
from jupyter_trame.runtime.runtime import RUNNING
from jupyter_trame.runtime.settings import Settings
from jupyter_trame.web.http_server import HttpServerFactory
from jupyter_trame.web.site import Site

if TYPE_CHECKING:
    from jupyter_trame.doctor.report import Report

__all__ = ["StandAlone"]


class StandAlone:
    """See `Backend`; everything but `close`, `retitle` and `pending` is called on the thread of the loop."""

    shows_traces = False
    starts_on_display = False

    def __init__(
        self, life_cycle: LifeCycle, make_http_server: HttpServerFactory, *, hosted: bool = False
    ) -> None:
        """`hosted`: a kernel's loop turns already, so the mode ``"main"`` lets the server run in it."""
        self._life_cycle = life_cycle
        self._runtime = life_cycle.runtime
        self._make_http_server = make_http_server
        self._hosted = hosted
        if not hosted:
            self._runtime.user_code.exit_rule = life_cycle.leave
        self._sockets: Sockets | None = None
        """Those of the life that is open."""
        self._life: asyncio.Task[None] | None = None
        self._due: StartRequest | None = None
        """What `_live` is about to begin with: a loop may have to turn first, and much can happen until then."""

    @property
    def web(self) -> Any:
        """See `Backend`."""
        return None if self._sockets is None else self._sockets.web

    def start(self, request: StartRequest) -> Awaitable[None] | None:
        """``"main"`` and ``"desktop"`` return when the server has ended; the other modes return its life."""
        mode = "desktop" if self._settings.desktop else request.exec_mode
        if mode == "desktop":
            desktop.check(request.window)
        loop = turning_loop()
        self._due = request
        blocks = mode in {"main", "desktop"}
        if blocks and loop is None:
            asyncio.run(self._live(request, main=True))
            return None
        if blocks and not self._hosted:
            raise ServerError('a loop turns on this thread already: use start(exec_mode="task")')
        life = self._live(request, main=False)
        if mode == "coroutine":
            return life
        if loop is None:
            loop = get_event_loop()  # which the caller turns later, as for several servers in one program
        self._life = loop.create_task(life)
        self._life.add_done_callback(lambda life: self._check_begun(life, request))
        return None if blocks else self._life

    def close(self, *, replaced: bool) -> None:  # noqa: ARG002 - every life has sockets of its own
        """See `Backend.close`. On another thread than the loop's the goodbyes wait for a turn of the loop."""
        self._due = None
        sockets, self._sockets = self._sockets, None
        if sockets is not None:
            sockets.shut()

    def retitle(self, title: str) -> None:
        """The page follows the state by itself."""

    def open(self, mode: OpenMode | None) -> None:  # noqa: ARG002 - a browser has one kind of place
        """Open the page in the browser of this machine."""
        if self._sockets is None or self._runtime.stage != RUNNING:
            raise ServerError("the server does not run, so there is no page to open")
        self._sockets.open_browser()

    def display_still(self, template: str) -> bool:  # noqa: ARG002
        """See `Backend.display_still`: text is shown."""
        return False

    def displayed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """See `Backend.displayed`."""
        return {"text/plain": repr(self._runtime.app.server)}, {}

    def whereabouts(self) -> str:
        """See `Backend.whereabouts`."""
        return f" at {page_address(self._runtime, secret=False)}" if self._runtime.port else ""

    def view(self, template: str = "main", embed: str | None = None) -> Any:  # noqa: ARG002
        """There is no notebook around."""
        raise ServerError(
            "a view is for a notebook, and nothing here carries a server in one. In a program server.start() shows the "
            "app in the browser; in Jupyter, %load_ext jupyter_trame comes before the server is made"
        )

    def pending(self) -> int:
        """See `Backend.pending`."""
        sockets = self._sockets
        return 0 if sockets is None else sockets.pending()

    def doctor(self) -> Report:
        """See `Backend.doctor`; it waits for nothing."""
        from jupyter_trame.program.program_doctor import examine

        return examine(self._runtime, self.site)

    async def examine(self) -> Report:
        """See `Backend.examine`: there is nothing to wait for."""
        return self.doctor()

    @property
    def site(self) -> Site | None:
        """The app as its clients see it; None while it does not run."""
        return None if self._sockets is None else self._sockets.site

    @property
    def _settings(self) -> Settings:
        settings = self._runtime.settings
        assert settings is not None
        return settings

    def _check_begun(self, life: asyncio.Task[None], request: StartRequest) -> None:
        """A task that is cancelled before its first step runs nothing of `_live`."""
        if life.cancelled() and self._due is request:
            self._life_cycle.failed(asyncio.CancelledError())

    async def _live(self, request: StartRequest, *, main: bool) -> None:
        if self._due is not request:  # stopped before it began
            return
        self._due = None
        sockets = Sockets(self._runtime, self._settings, self._make_http_server, request, main=main)
        self._sockets = sockets
        try:
            await self._life_cycle.run(sockets)
        finally:
            if self._sockets is sockets:
                self._sockets = None
