"""Apps of `tests.e2e.packages`, all in one notebook of one JupyterLab."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Route, expect

from tests.e2e.lab import PACKAGE_TIMEOUT, Lab, View, Watch
from tests.e2e.notebooks import LOAD, package_cell
from tests.e2e.packages import is_framed
from tests.e2e.servers import JupyterServer

HARMLESS = ["WebGL", "GPU stall", "GroupMarkerNotSet"]
"""Parts of what packages report on any page of a machine without a graphics card."""


class Gallery:
    """Shows packages in cells and on pages. Whatever asks for another host than the server gets no answer."""

    def __init__(
        self,
        browser: Browser,
        server: JupyterServer,
        sign_in: Callable[[BrowserContext], object] | None = None,
    ) -> None:
        self._context = browser.new_context(viewport={"width": 1280, "height": 900})
        self._context.set_default_timeout(PACKAGE_TIMEOUT)
        self._host = urlsplit(server.url).netloc
        self.foreign: list[str] = []
        """Addresses that were asked for, and are not the server's."""
        self._context.route(lambda url: self._is_foreign(url), self._refuse)
        if sign_in:
            sign_in(self._context)
        self.lab = Lab(self._context, server)
        self._watches: list[Watch] = []
        self._cells: dict[str, int] = {}

    def __enter__(self) -> Self:
        self.lab.open_cells([LOAD])
        self.lab.run(0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._context.close()

    def show(self, name: str, show: str = "display(server)", key: str | None = None) -> View:
        """The app in a cell, wherever its packages can live; its cell is run once for each `key`."""
        index = self.run(package_cell(name, key, show), key or name)
        host = self.lab.cell_host(index)
        expect(host).to_be_attached(timeout=PACKAGE_TIMEOUT)
        host.scroll_into_view_if_needed()
        if is_framed(name) or "frame" in show:
            return View(host.frame_locator("iframe"), self.lab.page)
        return View(host, self.lab.page)

    def open_page(self, name: str) -> View:
        """The app on a page of its own."""
        key = f"{name}-page".replace("_", "-")
        self.run(package_cell(name, key, ""), key)
        page = self._context.new_page()
        watch = Watch(page, self.lab.server.noise)
        watch.expected += HARMLESS
        self._watches.append(watch)
        token = self.lab.server.token
        page.goto(f"{self.lab.server.url}trame/{self.lab.kernel_id()}/{key}/{token and f'?token={token}'}")
        return View(page.locator("body"), page)

    def run(self, source: str, key: str) -> int:
        """Puts a cell at the end of the notebook and runs it, unless there is one for `key`. Gives its index."""
        if key not in self._cells:
            self._cells[key] = self.lab.append_cell(source)
            self.lab.run(self._cells[key])
        return self._cells[key]

    def forget(self) -> None:
        """What was reported so far is nobody's any more."""
        self._watches.clear()
        self.lab.watch.problems.clear()
        self.lab.watch.expected = [*self.lab.server.noise, *HARMLESS]
        self.foreign.clear()

    def check(self) -> None:
        """Fails with what the pages reported, and with what they asked elsewhere for."""
        for watch in (self.lab.watch, *self._watches):
            watch.check()
        for page in self._context.pages:
            if page is not self.lab.page:
                page.close()
        assert self.foreign == []

    def screenshot(self, view: View, path: Path) -> None:
        """The window around a view, as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        view.page.screenshot(path=path)

    def _is_foreign(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self._host

    def _refuse(self, route: Route) -> None:
        self.foreign.append(route.request.url)
        route.abort()
