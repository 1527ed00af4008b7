"""A Chromium that its driver can leave: whoever drives a page is sent a copy of all that its sockets bring."""

import json
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.e2e.conftest import FLAGS, chromium
from tests.e2e.servers import wait_until

__all__ = ["LoneBrowser", "lone_browser"]


class LoneBrowser:
    """Runs as a process of its own, with one profile."""

    def __init__(self, playwright: Playwright, address: str) -> None:
        """`address` is that of its debugger."""
        self._playwright = playwright
        self._address = address
        self._driver: Browser | None = None

    @property
    def context(self) -> BrowserContext:
        """Its profile; the driver comes back if it is away."""
        if self._driver is None:
            self._driver = self._playwright.chromium.connect_over_cdp(self._address)
        return self._driver.contexts[0]

    def leave(self, page: Page, title: str) -> Page:
        """Let the browser alone until `page` has that title; gives the same page as it is driven from then on."""
        address = page.url
        assert self._driver is not None
        self._driver.close()
        self._driver = None
        wait_until(lambda: title in self._titles(), f"a page called {title}", 120)
        return next(page for page in self.context.pages if page.url == address)

    def _titles(self) -> list[str]:
        with urllib.request.urlopen(f"{self._address}/json/list", timeout=10) as response:
            return [str(page["title"]) for page in json.load(response)]


@contextmanager
def lone_browser(playwright: Playwright) -> Iterator[LoneBrowser]:
    """Started with an empty profile, ended with the block."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [
            chromium(),
            *FLAGS,
            "--remote-debugging-port=0",
            f"--user-data-dir={folder}",
            "about:blank",
        ]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            file = Path(folder) / "DevToolsActivePort"
            wait_until(lambda: file.exists() and "\n" in file.read_text(), "the browser's port")
            port = int(file.read_text().splitlines()[0])
            yield LoneBrowser(playwright, f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(20)
