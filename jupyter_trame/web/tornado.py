"""tornado's web server in front of a server: the default, since Jupyter brings it."""

from __future__ import annotations

from functools import partial
from typing import Any, NoReturn

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPServerRequest
from tornado.web import Application

from jupyter_trame.errors import ServerError
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.web import tornado_handlers
from jupyter_trame.web.http_server import ListenAddress, bind
from jupyter_trame.web.site import Site
from jupyter_trame.web.tornado_guests import GuestHTTPServer

__all__ = ["TornadoHttpServer", "TornadoWeb"]

_BODY_LIMIT = 1 << 16
"""Bytes; stock clients say in one what the launcher is to start."""


class TornadoWeb:
    """What `on_server_bind` gets."""

    def __init__(self, app: Application) -> None:
        self.app = app
        """Add routes with ``app.add_handlers(r".*", [...])``; they come before the server's own."""


class TornadoHttpServer:
    """See `HttpServer`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._app = _Application(
            site,
            tornado_handlers.routes(site),
            websocket_ping_interval=site.heart_beat if site.heart_beat >= 1 else None,
            websocket_max_message_size=site.frame_limit,
            default_handler_class=tornado_handlers.NoAddressHandler,
            log_function=partial(tornado_handlers.log_request, Complaints(tornado_handlers.logger)),
        )
        self._http: GuestHTTPServer | None = None
        self.web = TornadoWeb(self._app)

    async def listen(self, address: ListenAddress) -> int:
        """See `HttpServer`."""
        sock = bind(address)
        self._http = GuestHTTPServer(self._app, ssl_options=address.ssl)
        self._http.serve(sock, self._site.limits, address.ssl)
        return int(sock.getsockname()[1])

    def close(self) -> None:
        """See `HttpServer`."""
        if self._http is not None:
            self._http.stop()

    async def closed(self) -> None:
        """See `HttpServer`. A connection that is kept alive would be answered on, so it is cut."""
        if self._http is not None:
            await self._http.close_all_connections()


class _Application(Application):
    """An application that knows its names, and tells apps written for aiohttp what to do."""

    def __init__(self, site: Site, *routes: Any, **settings: Any) -> None:
        super().__init__(*routes, **settings)
        self._site = site

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        """Also for the routes of the app. Nobody here reads a body but these, and tornado collects one before the
        handler may refuse it: 100 MB of whoever connects.
        """
        if self._site.knows_host(request.headers.get("Host", "")):
            found = super().find_handler(request, **kwargs)
        else:
            found = self.get_handler_delegate(request, tornado_handlers.ForeignHostHandler)
        kind = getattr(found, "handler_class", tornado_handlers.NoAddressHandler)
        if kind in tornado_handlers.WITHOUT_BODY and isinstance(request.connection, HTTP1Connection):
            request.connection.set_max_body_size(_BODY_LIMIT)
        return found

    @property
    def router(self) -> _NoRouter:
        return _NoRouter()

    def add_routes(self, *_: Any) -> NoReturn:
        raise _no_aiohttp("app.add_routes")


class _NoRouter:
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _no_aiohttp(f"app.router.{name}")


def _no_aiohttp(what: str) -> ServerError:
    return ServerError(
        f"{what} is aiohttp's, but this server is carried by tornado: start it with "
        'server.start(backend="aiohttp") or TRAME_BACKEND=aiohttp, or use app.add_handlers(r".*", [...])'
    )
