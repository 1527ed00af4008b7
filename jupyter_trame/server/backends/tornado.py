"""A server that carries itself: ``python app.py``, with its page and its socket on the loop that owns it.

Replica, sockets and user code share one thread, so a push is written to the socket before `State.flush` returns.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from tornado.httpserver import HTTPServer
from tornado.web import Application

from jupyter_trame.errors import ServerError
from jupyter_trame.protocol import Limits, Replica
from jupyter_trame.server import settings
from jupyter_trame.server.backends import handlers
from jupyter_trame.server.backends.base import OpenMode, StartRequest
from jupyter_trame.transports.inprocess import InProcessLink
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.transports.tornado import FRAME_OVERHEAD

if TYPE_CHECKING:
    from jupyter_trame.server.server import Server
    from jupyter_trame.server.settings import Settings

__all__ = ["TornadoBackend"]

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class TornadoBackend:
    """See `Backend`; everything but `retitle` is called on the thread of the loop."""

    starts_on_display = False

    def __init__(self, server: Server) -> None:
        self._server = server
        self._runtime = server._runtime
        self.shows_traces = False
        self._settings: Settings | None = None
        self._http: HTTPServer | None = None
        self._pump: ReplicaPump | None = None
        self._link: InProcessLink | None = None
        self._idle: asyncio.TimerHandle | None = None

    def start(self, request: StartRequest) -> Awaitable[None] | None:
        """``"main"`` returns when the server has ended; the other modes return its life."""
        self._settings = settings.read_settings(self._server.cli, request)
        self.shows_traces = self._runtime.shows_traces = self._settings.debug
        if request.exec_mode == "main":
            if _turning_loop() is not None:
                raise ServerError('a loop turns on this thread already: use start(exec_mode="task")')
            asyncio.run(self._live(request, main=True))
            return None
        self._runtime.life_cycle.claim()
        life = self._live(request, main=False)
        return asyncio.get_running_loop().create_task(life) if request.exec_mode == "task" else life

    async def _live(self, request: StartRequest, *, main: bool) -> None:
        life_cycle = self._runtime.life_cycle
        loop = asyncio.get_running_loop()
        restore: Callable[[], None] | None = None
        try:
            life_cycle.begin(loop, threading.get_ident())
            self._listen(loop)
            self._runtime.fire("on_server_bind", self._http)
            if main and self._runtime_settings.signal_handlers:
                restore = self._handle_signals(loop)
            life_cycle.up(self._publish)
        except BaseException as error:
            self._shut()
            life_cycle.failed(error)
            raise
        try:
            self._announce(request, loop)
            await life_cycle.finished()
        finally:
            await asyncio.shield(_as_future(self._runtime.stop()))
            if restore is not None:
                restore()

    def close(self, *, replaced: bool) -> None:  # noqa: ARG002 - every life has sockets of its own
        """See `Backend.close`."""
        self._shut()

    def retitle(self, title: str) -> None:
        """The page follows the state by itself."""

    def open(self, mode: OpenMode) -> None:  # noqa: ARG002 - a browser has one kind of place
        """Open the page in the browser of this machine."""
        if not self._server.running:
            raise ServerError("the server does not run, so there is no page to open")
        handlers.open_browser(self.url)

    def view(self) -> Any:
        """There is no notebook around."""
        raise ServerError("views are for notebooks: use %load_ext jupyter_trame there")

    def mimebundle(self) -> dict[str, Any] | None:
        """Text is enough."""
        return None

    @property
    def url(self) -> str:
        """Address of the page; who knows its secret may use the app."""
        return f"http://{_url_host(self._runtime_settings.host)}:{self._runtime.port}/?secret={self._runtime.secret}"

    @property
    def _runtime_settings(self) -> Settings:
        assert self._settings is not None
        return self._settings

    # -- sockets

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        options = self._server.options
        config = self._runtime_settings
        limits = Limits(frame=min(Limits().frame, int(options["ws_max_msg_size"])))
        self._pump = ReplicaPump(Replica(limits=limits), loop)
        self._link = InProcessLink(self._pump, loop)
        application = Application(
            handlers.routes(self._server, self._pump, self._count_clients),
            websocket_ping_interval=float(options["ws_heart_beat"]),
            websocket_max_message_size=int(options["ws_max_msg_size"]) + FRAME_OVERHEAD,
            log_function=handlers.log_request,
        )
        sock = _bind(config.host, config.port)
        self._http = HTTPServer(application)
        self._http.add_socket(sock)
        self._runtime.port = sock.getsockname()[1]
        self._count_clients(0)

    def _publish(self) -> None:
        assert self._link is not None
        self._link.attach(self._runtime.primary)

    def _shut(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self._http is not None:
            self._http.stop()
            self._http = None
        if self._pump is not None:
            self._pump.close()
            self._pump = None
        if self._link is not None:
            self._link.detach()
            self._link = None

    def _count_clients(self, connections: int) -> None:
        """Start the countdown when the last client has left."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        timeout = self._runtime_settings.timeout
        loop = self._runtime.owner.loop
        if connections == 0 and timeout > 0 and loop is not None:
            self._idle = loop.call_later(timeout, self._runtime.stop)

    # -- the program around

    def _handle_signals(self, loop: asyncio.AbstractEventLoop) -> Callable[[], None] | None:
        """Have SIGINT and SIGTERM end the server; what undoes that, None where the platform or the thread cannot."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread():
            return None
        try:
            for number in numbers:
                loop.add_signal_handler(number, self._runtime.stop)
        except NotImplementedError:
            # Windows: Ctrl-C raises KeyboardInterrupt out of asyncio.run, which is fine.
            return None

        def restore() -> None:
            for number in numbers:
                loop.remove_signal_handler(number)

        return restore

    def _announce(self, request: StartRequest, loop: asyncio.AbstractEventLoop) -> None:
        config = self._runtime_settings
        if request.show_connection_info and request.exec_mode != "task":
            sys.stdout.write("\n".join(self._banner(config.host)))
            sys.stdout.flush()
        if config.open_browser:
            loop.run_in_executor(None, handlers.open_browser, self.url)

    def _banner(self, host: str) -> list[str]:
        lines = ["", "App running at:", f" - Local:   {self.url}"]
        if host not in _LOOPBACK:
            lines.append(f" - Network: {self.url}")
        return [*lines, "", "Note that for multi-users you need to use and configure a launcher.", ""]


def _bind(host: str, port: int) -> socket.socket:
    """A listening socket; of ``localhost`` the IPv4 one, which has one port and not two. Raises `OSError`."""
    address = "127.0.0.1" if host == "localhost" else host
    family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
    sock = socket.create_server((address, port), family=family, backlog=128)
    sock.setblocking(False)
    return sock


def _url_host(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _turning_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _as_future(awaitable: Awaitable[None]) -> asyncio.Future[None]:
    async def wait() -> None:
        await awaitable

    coroutine: Coroutine[Any, Any, None] = wait()
    return asyncio.ensure_future(coroutine)
