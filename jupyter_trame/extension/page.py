"""The page of a server, for browser tabs of its own."""

from html import escape
from pathlib import Path

from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError

from jupyter_trame.extension.kernels import RunningServer
from jupyter_trame.extension.relays import Relays
from jupyter_trame.extension.rights import requires

__all__ = ["AddSlashHandler", "LauncherHandler", "PageHandler"]

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


class PageHandler(JupyterHandler):
    """``<kernel id>/<slug>/``: the same page for every server; its script finds the socket beside it."""

    def initialize(self, *, relays: Relays, static: Path) -> None:
        """`static` holds the built client."""
        super().initialize()
        self._relays = relays
        self._static = static

    @requires("read", "kernels")
    async def get(self, kernel_id: str, slug: str) -> None:
        """The page, or 404 and a list of what runs."""
        self.set_header("Cache-Control", "no-cache")
        if await self._relays.find(kernel_id, slug) is None:
            self.set_status(404)
            self.finish(self._not_found(slug, await self._relays.kernels.running()))
            return
        self.finish(_page((self._static / "index.html"), self.base_url))

    @requires("read", "kernels")
    async def head(self, kernel_id: str, slug: str) -> None:
        """The status of `get`."""
        self.set_status(404 if await self._relays.find(kernel_id, slug) is None else 200)
        self.finish()

    def _not_found(self, slug: str, running: list[RunningServer]) -> str:
        if not running:
            return _NOT_FOUND.format(slug=escape(slug), running="<p>No app runs at this moment.</p>")
        items = "".join(
            f'<li><a href="{escape(self.base_url)}trame/{escape(server.kernel_id)}/{escape(server.slug)}/">'
            f"{escape(server.title)}</a></li>"
            for server in sorted(running, key=lambda server: server.title)
        )
        return _NOT_FOUND.format(slug=escape(slug), running=f"<p>These run:</p><ul>{items}</ul>")


def _page(path: Path, base_url: str) -> str:
    """The built page; its files lie in the static folder, while relative addresses are the server's own."""
    try:
        html = path.read_text("utf-8")
    except OSError:
        raise HTTPError(503, "the client is not built: %s is missing", path.name) from None
    for attribute in ("src", "href"):
        html = html.replace(f'{attribute}="./', f'{attribute}="{escape(base_url)}trame/static/')
    return html


class AddSlashHandler(JupyterHandler):
    """``<kernel id>/<slug>``: the page's relative addresses need the slash."""

    @requires("read", "kernels")
    async def get(self, kernel_id: str, slug: str) -> None:
        """Redirect to the page."""
        query = f"?{self.request.query}" if self.request.query else ""
        self.redirect(f"{self.base_url}trame/{kernel_id}/{slug}/{query}")


class LauncherHandler(JupyterHandler):
    """``paraview/``: stock clients ask for a launcher first, and take anything but JSON as "there is none"."""

    def check_xsrf_cookie(self) -> None:
        """Stock clients know of no token, and nothing is changed here."""

    @requires("read", "kernels")
    async def post(self, kernel_id: str, slug: str) -> None:  # noqa: ARG002 - the route's groups
        """No launcher."""
        self.set_status(405)
        self.set_header("Allow", "")
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.finish("there is no launcher here")
