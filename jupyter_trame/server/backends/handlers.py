"""The routes of a stand-alone server: its page, its folders, its socket."""

from __future__ import annotations

import logging
import mimetypes
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tornado.web import RequestHandler, StaticFileHandler

from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.transports.tornado import ClientSocket

if TYPE_CHECKING:
    from jupyter_trame.server.server import Server

__all__ = [
    "STATIC",
    "AppFileHandler",
    "LauncherHandler",
    "SocketHandler",
    "log_request",
    "open_browser",
    "routes",
]

STATIC = Path(__file__).parent.parent.parent / "static"

_logger = logging.getLogger("jupyter_trame.http")


def routes(
    server: Server, pump: ReplicaPump, count_clients: Callable[[int], None]
) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
    """Everything the application answers. `count_clients` is told the number of sockets at each change."""
    return [
        (r"/ws", SocketHandler, {"pump": pump, "count_clients": count_clients}),
        (r"/paraview/?", LauncherHandler, {}),
        (r"/(.*)", AppFileHandler, {"server": server, "path": str(STATIC), "default_filename": "index.html"}),
    ]


class SocketHandler(ClientSocket):
    """A client's connection. tornado refuses an Origin that is not the page's own; the hello asks for the secret."""

    def initialize(self, pump: ReplicaPump, count_clients: Callable[[int], None]) -> None:
        """See `routes`."""
        self._pump = pump
        self._count_clients = count_clients

    def open(self, *_: str, **__: str) -> None:
        """Make it a client."""
        self.serve(self._pump)
        self._count_clients(len(self._pump))

    def on_close(self) -> None:
        """See `ClientSocket.on_close`."""
        super().on_close()
        self._count_clients(len(self._pump))


class LauncherHandler(RequestHandler):
    """Stock clients ask here for a launcher first, and take anything but JSON as "there is none"."""

    def post(self) -> None:
        """No launcher."""
        self.set_status(405)
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.finish("there is no launcher here")

    get = post


class AppFileHandler(StaticFileHandler):
    """A file of the client, or of a folder that the app serves. Packages add folders while it runs."""

    def initialize(self, *args: Any, server: Server, **kwargs: Any) -> None:  # type: ignore[override]
        """See `routes`."""
        super().initialize(*args, **kwargs)
        self._server = server

    async def get(self, path: str, include_body: bool = True) -> None:
        """The file, from the folder whose prefix fits best, else from the client's."""
        root, rest = self._find(path)
        self.root = root
        await super().get(rest, include_body)

    def _find(self, path: str) -> tuple[str, str]:
        folders = sorted(self._server.serve.items(), key=lambda item: -len(item[0]))
        for prefix, folder in folders:
            clean = prefix.strip("/")
            if path.startswith(f"{clean}/"):
                directory = folder if isinstance(folder, str | Path) else folder[0]
                return str(Path(directory).resolve()), path[len(clean) + 1 :]
        return _page_folder(self._server), path

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002 - tornado's signature
        """The address holds the secret: no page that is linked from here learns it."""
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-cache")

    def get_content_type(self) -> str:
        """By the file's name; some systems do not know what modules and wasm are."""
        known = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}
        suffix = Path(str(self.absolute_path)).suffix
        return known.get(suffix) or mimetypes.guess_type(f"x{suffix}")[0] or "application/octet-stream"

    def write_error(self, status_code: int, **_: Any) -> None:
        """One line of text."""
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.finish(f"{status_code}: {self._reason}")


def _page_folder(server: Server) -> str:
    """Where the page lies: a module's own, or ours in place of the Vue 3 one that trame-client's widgets bring."""
    www = server._www
    if www is None or (server.client_type == "vue3" and "trame_client" in Path(www).parts):
        return str(STATIC)
    return www


def log_request(handler: RequestHandler) -> None:
    """Log what went wrong, without the query: it may hold the secret."""
    status = handler.get_status()
    if status >= 500:
        _logger.error("%d %s %s", status, handler.request.method, handler.request.path)


def open_browser(url: str) -> None:
    """Open `url` in the user's browser. It may block for as long as a browser takes to start."""
    if not webbrowser.open(url):
        _logger.info("there is no browser to open")
