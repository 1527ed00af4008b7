"""A server that carries itself: ``python app.py``, with its page and its socket on the loop that owns it.

Replica, sockets and user code share one thread, so a push is written to the socket before `State.flush` returns.
"""

from __future__ import annotations

import asyncio
import threading
import webbrowser
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.asynchronous import get_event_loop
from jupyter_trame.program import announcement, desktop
from jupyter_trame.program.certificates import make_context
from jupyter_trame.program.redirect import RedirectFile
from jupyter_trame.program.signals import handle_signals
from jupyter_trame.runtime.backend import OpenMode, StartRequest
from jupyter_trame.runtime.settings import DEFAULT_SECRET, Settings
from jupyter_trame.transports.patience import Countdown
from jupyter_trame.web.front import Address, Front, FrontFactory
from jupyter_trame.web.reverse import ReverseFront
from jupyter_trame.web.site import Site

if TYPE_CHECKING:
    from jupyter_trame.server.server import Server

__all__ = ["StandAlone"]

_BROWSER_DELAY = 0.1


class StandAlone:
    """See `Backend`; everything but `close`, `retitle` and `pending` is called on the thread of the loop."""

    shows_traces = False
    starts_on_display = False

    def __init__(self, server: Server, make_front: FrontFactory, *, hosted: bool = False) -> None:
        """`hosted`: a kernel's loop turns already, so the mode ``"main"`` lets the server run in it."""
        self._server = server
        self._runtime = server._runtime
        self._make_front = make_front
        self._hosted = hosted
        if not hosted:
            self._runtime.user_code.exit_rule = self._runtime.life_cycle.leave
        self._site: Site | None = None
        self._front: Front | None = None
        self._redirect = RedirectFile()
        self._idle: Countdown | None = None
        self._life: asyncio.Task[None] | None = None
        self._due: StartRequest | None = None
        """What `_live` is about to begin with: a loop may have to turn first, and much can happen until then."""

    @property
    def web(self) -> Any:
        """See `Backend`."""
        return None if self._front is None else self._front.web

    def start(self, request: StartRequest) -> Awaitable[None] | None:
        """``"main"`` and ``"desktop"`` return when the server has ended; the other modes return its life."""
        mode = "desktop" if self._config.desktop else request.exec_mode
        if mode == "desktop":
            desktop.check(request.window)
        loop = _turning_loop()
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

    def _check_begun(self, life: asyncio.Task[None], request: StartRequest) -> None:
        """A task that is cancelled before its first step runs nothing of `_live`."""
        if life.cancelled() and self._due is request:
            self._runtime.life_cycle.failed(asyncio.CancelledError())

    async def _live(self, request: StartRequest, *, main: bool) -> None:
        if self._due is not request:  # stopped before it began
            return
        self._due = None
        life_cycle = self._runtime.life_cycle
        loop = asyncio.get_running_loop()
        restore: Callable[[], None] = _nothing
        front: Front | None = None
        try:
            life_cycle.begin(loop, threading.get_ident())
            front = self._build(loop)
            life_cycle.bind(front.web)
            life_cycle.check_exit()
            self._runtime.port = await front.listen(self._address())
            if main and self._config.signal_handlers:
                restore = handle_signals(loop, self._runtime.stop)
            life_cycle.up(self._publish)
        except BaseException as error:
            self._shut()
            restore()
            life_cycle.failed(error)
            if front is not None:
                await front.closed()
            raise
        ending = life_cycle.ending
        try:
            self._announce(request, loop)
            await self._until_the_end(request)
        finally:
            # Who stopped it may have started it again meanwhile, or may be about to, on another thread.
            if life_cycle.ending is ending and not (ending is not None and ending.done()):
                await asyncio.shield(self._runtime.stop())
            await front.closed()
            restore()
        life_cycle.check_exit()

    async def _until_the_end(self, request: StartRequest) -> None:
        life_cycle = self._runtime.life_cycle
        if not self._config.desktop:
            await life_cycle.finished()
            return
        window = {"title": self._runtime.title, **request.window}
        debug = bool(self._server.options.get("desktop_debug"))
        await desktop.show(self.url, window, debug=debug, until=life_cycle.finished())

    def close(self, *, replaced: bool) -> None:  # noqa: ARG002 - every life has sockets of its own
        """See `Backend.close`. On another thread than the loop's the goodbyes wait for a turn of the loop."""
        self._due = None
        self._shut()

    def retitle(self, title: str) -> None:
        """The page follows the state by itself."""

    def open(self, mode: OpenMode) -> None:  # noqa: ARG002 - a browser has one kind of place
        """Open the page in the browser of this machine."""
        if not self._server.running:
            raise ServerError("the server does not run, so there is no page to open")
        self._open_browser(self.url)

    def view(self, template: str = "main", embed: str | None = None) -> Any:  # noqa: ARG002
        """There is no notebook around."""
        raise ServerError("views are for notebooks: use %load_ext jupyter_trame there")

    def pending(self) -> int:
        """See `Backend.pending`."""
        site = self._site
        return 0 if site is None else site.pending()

    @property
    def url(self) -> str:
        """Address of the page; who knows its secret may use the app."""
        return announcement.page_url(self._config, self._runtime.port, self._runtime.secret)

    @property
    def _config(self) -> Settings:
        settings = self._runtime.settings
        assert settings is not None
        return settings

    # -- sockets

    def _build(self, loop: asyncio.AbstractEventLoop) -> Front:
        site = self._site = Site(self._server, self._config, loop, self._count_clients)
        reverse = self._config.reverse_url
        front: Front = self._make_front(site) if reverse is None else ReverseFront(site, reverse)
        self._front = front
        return front

    def _address(self) -> Address:
        config = self._config
        context = None if config.ssl is None else make_context(config.ssl, config.host)
        return Address(config.host, config.port, context)

    def _publish(self) -> None:
        assert self._site is not None
        self._site.publish()
        self._count_clients(self._site.clients)

    def _shut(self) -> None:
        site, self._site = self._site, None
        front, self._front = self._front, None
        end = partial(self._end, site, front)
        if self._runtime.owner.owns_thread():
            end()
        else:
            self._runtime.owner.submit(end)

    def _end(self, site: Site | None, front: Front | None) -> None:
        if site is not None:
            site.close()
        self._stop_countdown()  # which the last client's goodbye has begun
        self._redirect.remove()
        if front is not None:
            front.close()

    def _count_clients(self, clients: int) -> None:
        """Start the countdown when the last client has left.

        It counts the loop's turns: who lost the connection while a callback blocked the loop can come back after it.
        """
        self._stop_countdown()
        timeout = self._config.timeout
        loop = self._runtime.owner.loop
        if clients == 0 and timeout > 0 and loop is not None:
            self._idle = Countdown(loop, timeout, self._runtime.stop)

    def _stop_countdown(self) -> None:
        if self._idle is not None:
            self._idle.stop()
            self._idle = None

    # -- the program around

    def _announce(self, request: StartRequest, loop: asyncio.AbstractEventLoop) -> None:
        config = self._config
        if request.show_connection_info and request.exec_mode != "task" and self._runtime.port:
            announcement.show(config, self._runtime.port, self._runtime.secret)
        if config.open_browser and self._runtime.port:
            loop.call_later(_BROWSER_DELAY, loop.run_in_executor, None, self._open_browser, self.url)

    def _open_browser(self, url: str) -> None:
        """Open `url` in the user's browser. It may block for as long as a browser takes to start.

        Its command line, which all users of the machine can read, gets no secret.
        """
        try:
            if self._runtime.secret != DEFAULT_SECRET:
                url = self._redirect.lead_to(url)
            if self._server.running and not webbrowser.open(url):
                announcement.logger.info("there is no browser to open")
        except OSError as error:
            announcement.logger.warning("the browser was not opened, there is no private file: %s", error)
        if not self._server.running:
            self._redirect.remove()


def _nothing() -> None:
    """The signals were left alone."""


def _turning_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
