"""tornado's web server in front of a server: the default, since Jupyter brings it."""

from __future__ import annotations

from typing import Any, NoReturn

from tornado.httpserver import HTTPServer
from tornado.web import Application

from jupyter_trame.errors import ServerError
from jupyter_trame.server.backends import handlers
from jupyter_trame.server.backends.front import Address, bind
from jupyter_trame.server.backends.site import Site

__all__ = ["TornadoFront", "TornadoWeb"]


class TornadoWeb:
    """What `on_server_bind` gets."""

    def __init__(self, app: Application) -> None:
        self.app = app
        """Add routes with ``app.add_handlers(r".*", [...])``; they come before the server's own."""


class TornadoFront:
    """See `Front`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._app = _Application(
            handlers.routes(site),
            websocket_ping_interval=site.heart_beat if site.heart_beat >= 1 else None,
            websocket_max_message_size=site.frame_limit,
            log_function=handlers.log_request,
        )
        self._http: HTTPServer | None = None
        self.web = TornadoWeb(self._app)

    async def listen(self, address: Address) -> int:
        """See `Front`."""
        sock = bind(address)
        self._http = HTTPServer(self._app, ssl_options=address.ssl)
        self._http.add_socket(sock)
        return int(sock.getsockname()[1])

    def close(self) -> None:
        """See `Front`."""
        if self._http is not None:
            self._http.stop()

    async def closed(self) -> None:
        """See `Front`. A connection that is kept alive would be answered on, so it is cut."""
        if self._http is not None:
            await self._http.close_all_connections()


class _Application(Application):
    """An application that tells apps written for aiohttp what to do."""

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
