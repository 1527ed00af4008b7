"""The sockets of one life of a program's server: its site, what listens for it, signals, and who is told."""

from __future__ import annotations

import asyncio
import webbrowser
from collections.abc import Callable, Coroutine
from typing import Any

from jupyter_trame.program import announcement, desktop
from jupyter_trame.program.certificates import make_context
from jupyter_trame.program.redirect import RedirectFile
from jupyter_trame.program.signals import handle_signals
from jupyter_trame.runtime.backend import StartRequest
from jupyter_trame.runtime.runtime import RUNNING, Runtime
from jupyter_trame.runtime.settings import DEFAULT_SECRET, Settings
from jupyter_trame.transports.patience import Countdown
from jupyter_trame.web.http_server import HttpServer, HttpServerFactory, ListenAddress
from jupyter_trame.web.reverse import ReverseHttpServer
from jupyter_trame.web.site import Site

__all__ = ["Sockets", "page_address"]

_BROWSER_DELAY = 0.1


def page_address(runtime: Runtime, *, secret: bool = True) -> str:
    """Address of the page of a server that has started; who knows its secret may use the app."""
    assert runtime.settings is not None
    return announcement.page_url(runtime.settings, runtime.port, runtime.secret if secret else DEFAULT_SECRET)


class Sockets:
    """See `Carrier`; everything but `shut` and `pending` is called on the thread of the loop."""

    def __init__(
        self,
        runtime: Runtime,
        settings: Settings,
        make_http_server: HttpServerFactory,
        request: StartRequest,
        *,
        main: bool,
    ) -> None:
        """`main`: the program does nothing else, so its signals may be the server's."""
        self._runtime = runtime
        self._settings = settings
        self._make_http_server = make_http_server
        self._request = request
        self._main = main
        self._site: Site | None = None
        self._http_server: HttpServer | None = None
        self._restore: Callable[[], None] | None = None
        """Leaves the signals to the program again."""
        self._redirect = RedirectFile()
        self._idle: Countdown | None = None

    @property
    def web(self) -> Any:
        """What apps add routes to; None before `open`."""
        return None if self._http_server is None else self._http_server.web

    @property
    def site(self) -> Site | None:
        """The app as its clients see it; None before `open`."""
        return self._site

    def pending(self) -> int:
        """See `Backend.pending`."""
        return 0 if self._site is None else self._site.pending()

    def open(self) -> Any:
        """See `Carrier`."""
        site = Site(self._runtime, self._settings, asyncio.get_running_loop(), self._count_clients)
        self._site = site
        reverse = self._settings.reverse_url
        http_server: HttpServer = (
            self._make_http_server(site) if reverse is None else ReverseHttpServer(site, reverse)
        )
        self._http_server = http_server
        return http_server.web

    async def listen(self) -> int:
        """See `Carrier`."""
        assert self._http_server is not None
        settings = self._settings
        context = None if settings.ssl is None else make_context(settings.ssl, settings.host)
        port = await self._http_server.listen(ListenAddress(settings.host, settings.port, context))
        if self._main and settings.signal_handlers:
            self._restore = handle_signals(asyncio.get_running_loop(), self._runtime.stop)
        return port

    def publish(self) -> None:
        """See `Carrier`."""
        assert self._site is not None
        self._site.publish()
        self._count_clients(self._site.clients)

    def announce(self) -> None:
        """See `Carrier`."""
        runtime, request = self._runtime, self._request
        if request.show_connection_info and request.exec_mode != "task" and runtime.port:
            announcement.show(self._settings, runtime.port, runtime.secret)
        if self._settings.open_browser and runtime.port:
            loop = asyncio.get_running_loop()
            loop.call_later(_BROWSER_DELAY, loop.run_in_executor, None, self.open_browser)

    async def until(self, finished: Coroutine[Any, Any, None]) -> None:
        """See `Carrier`: the window of a desktop ends the life when it is closed."""
        if not self._settings.desktop:
            await finished
            return
        runtime = self._runtime
        window = {"title": runtime.title, **self._request.window}
        debug = bool(runtime.app.options.get("desktop_debug"))
        await desktop.show(page_address(runtime), window, debug=debug, until=finished)

    def shut(self) -> None:
        """See `Carrier`. Any thread: on another one than the loop's the goodbyes wait for a turn of the loop."""
        if self._runtime.owner.owns_thread():
            self._end()
        else:
            self._runtime.owner.submit(self._end)

    async def closed(self) -> None:
        """See `Carrier`."""
        try:
            if self._http_server is not None:
                await self._http_server.closed()
        finally:
            if self._restore is not None:
                self._restore()

    def open_browser(self) -> None:
        """Open the page in the user's browser. It may block for as long as a browser takes to start.

        Its command line, which all users of the machine can read, gets no secret.
        """
        runtime = self._runtime
        url = page_address(runtime)
        try:
            if runtime.secret != DEFAULT_SECRET:
                url = self._redirect.lead_to(url)
            if runtime.stage == RUNNING and not webbrowser.open(url):
                announcement.logger.info("there is no browser to open")
        except OSError as error:
            announcement.logger.warning("the browser was not opened, there is no private file: %s", error)
        if runtime.stage != RUNNING:
            self._redirect.remove()

    def _end(self) -> None:
        if self._site is not None:
            self._site.close()
        self._stop_countdown()  # which the last client's goodbye has begun
        self._redirect.remove()
        if self._http_server is not None:
            self._http_server.close()

    def _count_clients(self, clients: int) -> None:
        """Start the countdown when the last client has left.

        It counts the loop's turns: who lost the connection while a callback blocked the loop can come back after it.
        """
        self._stop_countdown()
        timeout = self._settings.timeout
        loop = self._runtime.owner.loop
        if clients == 0 and timeout > 0 and loop is not None:
            self._idle = Countdown(loop, timeout, self._runtime.stop)

    def _stop_countdown(self) -> None:
        if self._idle is not None:
            self._idle.stop()
            self._idle = None
