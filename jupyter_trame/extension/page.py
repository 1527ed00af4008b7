"""The page of a server, for browser tabs of its own, and the files that it loads."""

import contextlib
from html import escape
from pathlib import Path
from urllib.parse import quote

from tornado.web import HTTPError

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.kernels import RunningServer
from jupyter_trame.extension.refusals import PlainErrors
from jupyter_trame.extension.relays import Relays
from jupyter_trame.extension.rights import requires
from jupyter_trame.extension.sending import FileSender
from jupyter_trame.files.media_types import content_type
from jupyter_trame.files.page_policy import PagePolicy
from jupyter_trame.log_text import MESSAGE_LENGTH, foreign
from jupyter_trame.protocol.link import PageFiles

__all__ = ["AddSlashHandler", "FileHandler", "LauncherHandler", "PageHandler", "built_page"]

_OWN_HOST = ' data-server="host"'
"""What lets the built page follow its address to other sockets of its host, see ``js/src/server-choice.ts``."""

_LOADING = "loading.tpl"
"""What a stock page shows until it has connected. It draws that whenever it comes, also over the app."""

_NOT_FOUND = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>No such app</title>
    <style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }}</style>
  </head>
  <body>
    <h1>No app “{slug}” runs here</h1>
    <p>Its kernel was shut down, or its cell has not run yet.</p>
    {running}
  </body>
</html>
"""
_UNREACHABLE = _NOT_FOUND.replace("No such app", "App not reached").replace(
    """<h1>No app “{slug}” runs here</h1>
    <p>Its kernel was shut down, or its cell has not run yet.</p>
    {running}""",
    """<h1>The app “{slug}” is not reached</h1>
    <p>Its kernel cannot be asked: {reason}.</p>""",
)


class PageHandler(FileSender):
    """``<kernel id>/<slug>/``: our page, the same for every server; or the one that a module of the server brings.

    Either finds its socket beside it.
    """

    def initialize(self, *, relays: Relays, policy: PagePolicy, static: Path) -> None:
        """`policy` is the deployment's; `static` holds the built client."""
        super().initialize()
        self._relays = relays
        self._policy = policy
        self._static = static

    @requires("read", "kernels")
    async def get(self, kernel_id: str, slug: str) -> None:
        """The page, or 404 and a list of what runs."""
        await self._answer(kernel_id, slug, include_body=True)

    @requires("read", "kernels")
    async def head(self, kernel_id: str, slug: str) -> None:
        """Status and headers of `get`."""
        await self._answer(kernel_id, slug, include_body=False)

    async def _answer(self, kernel_id: str, slug: str, *, include_body: bool) -> None:
        try:
            relay = await self._relays.find(kernel_id, slug)
        except LinkError as error:
            self.set_status(503)
            self.set_header("Content-Type", content_type("index.html"))
            self.add_page_headers(PageFiles())
            reason = escape(foreign(error, MESSAGE_LENGTH))
            self.finish(_UNREACHABLE.format(slug=escape(slug), reason=reason) if include_body else None)
            return
        if relay is None:
            self.set_status(404)
            self.set_header("Content-Type", content_type("index.html"))
            self.add_page_headers(PageFiles())
            self.finish(self._not_found(slug, await self._relays.kernels.running()) if include_body else None)
        elif "" in (await relay.files.known_page_files()).folders:
            await self.send_file(relay.files, "index.html", include_body=include_body, is_page=True)
        else:
            self.set_header("Content-Type", content_type("index.html"))
            self.add_page_headers(relay.files.page_files)
            self.finish(built_page(self._static / "index.html") if include_body else None)

    def _not_found(self, slug: str, running: list[RunningServer]) -> str:
        if not running:
            return _NOT_FOUND.format(slug=escape(slug), running="<p>No app runs at this moment.</p>")
        items = "".join(
            f'<li><a href="../../{escape(server.kernel_id)}/{escape(server.slug)}/">'
            f"{escape(server.title)}</a></li>"
            for server in sorted(running, key=lambda server: server.title)
        )
        return _NOT_FOUND.format(slug=escape(slug), running=f"<p>These run:</p><ul>{items}</ul>")


def built_page(path: Path, static: str = "../../static/") -> str:
    """The built page; its files lie in the folder `static`, while relative addresses are the server's own.

    A proxy may show it at another address than the one that this server knows of.
    """
    try:
        html = path.read_text("utf-8")
    except OSError:
        raise HTTPError(503, "the client is not built: %s is missing", path.name) from None
    for attribute in ("src", "href"):
        html = html.replace(f'{attribute}="./', f'{attribute}="{static}')
    # Here the page has one server, beside it; no parameter of its address leads to another one.
    return html.replace(_OWN_HOST, "")


class FileHandler(FileSender):
    """``<kernel id>/<slug>/<prefix>/<file>``: what the server's modules serve."""

    def initialize(self, *, relays: Relays, policy: PagePolicy) -> None:
        """See `PageHandler.initialize`."""
        super().initialize()
        self._relays = relays
        self._policy = policy

    @requires("read", "kernels")
    async def get(self, kernel_id: str, slug: str, path: str) -> None:
        """The file, or a part of it."""
        await self._answer(kernel_id, slug, path, include_body=True)

    @requires("read", "kernels")
    async def head(self, kernel_id: str, slug: str, path: str) -> None:
        """Status and headers of `get`."""
        await self._answer(kernel_id, slug, path, include_body=False)

    async def _answer(self, kernel_id: str, slug: str, path: str, *, include_body: bool) -> None:
        try:
            relay = await self._relays.find(kernel_id, slug)
        except LinkError as error:
            self.refuse_unreachable(error)
            return
        if relay is None:
            raise HTTPError(404)
        first = path.rpartition("/")[2] == _LOADING
        with relay.files.sending() if first else contextlib.nullcontext():
            await self.send_file(relay.files, path, include_body=include_body)


class AddSlashHandler(PlainErrors):
    """``<kernel id>/<slug>``: the page's relative addresses need the slash."""

    @requires("read", "kernels")
    async def get(self, kernel_id: str, slug: str) -> None:  # noqa: ARG002 - the route's groups
        """Redirect to the page."""
        query = f"?{self.request.query}" if self.request.query else ""
        self.redirect(f"./{quote(slug, safe='')}/{query}")


class LauncherHandler(PlainErrors):
    """``paraview/``: stock clients ask for a launcher first, and take anything but JSON as "there is none"."""

    def initialize(self, *, relays: Relays) -> None:
        """See `PageHandler.initialize`."""
        super().initialize()
        self._relays = relays

    def check_xsrf_cookie(self) -> None:
        """Stock clients know of no token, and nothing is changed here."""

    @requires("read", "kernels")
    async def post(self, kernel_id: str, slug: str) -> None:
        """No launcher.

        A stock page connects when it has this answer, which is behind that to `_LOADING`.
        """
        with contextlib.suppress(LinkError):  # the page says so
            relay = await self._relays.find(kernel_id, slug)
            if relay is not None:
                await relay.files.sent()
        self.set_status(405)
        self.set_header("Allow", "")
        self.refuse("there is no launcher here")
