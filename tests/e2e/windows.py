"""Windows with JupyterLab, for one test of a module after the other: to load it takes longer than most tests."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser

from tests.e2e.lab import Lab
from tests.e2e.servers import JupyterServer

CLOSE_ALL = """() => {
    const { shell } = window.jupyterapp;
    const ours = [...shell.widgets("left"), ...shell.widgets("right")].filter((w) => w.id.startsWith("jupyter-trame-"));
    for (const widget of [...shell.widgets("main"), ...ours]) widget.dispose();
    return document.querySelector(".jp-Dialog") === null && !document.body.dataset.jpThemeName.includes("Dark");
}"""
"""Closes documents and tabs without saving; whether that left the application as it was loaded."""

CLOSED_EARLY = "Could not restore the debugger state"
"""What JupyterLab reports when a notebook is closed while it asks the kernel about that."""


class LabWindows:
    """At most one idle window a server; each has a browser profile of its own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: dict[str, Lab] = {}

    @contextmanager
    def borrow(self, server: JupyterServer, prepare: Callable[[Lab], object] | None = None) -> Iterator[Lab]:
        """A window without documents and without kernels. It is kept for the next test unless it reports something.

        `prepare` is called with a new window.
        """
        server.check()
        lab = self._idle.pop(server.url, None)
        if lab is None:
            context = self._browser.new_context(viewport={"width": 1280, "height": 900})
            context.set_default_timeout(30_000)
            lab = Lab(context, server, shared=True)
            if prepare is not None:
                prepare(lab)
        lab.watch.forget()
        clean = False
        files = set(server.root.iterdir())
        try:
            yield lab
            lab.watch.expected.append(CLOSED_EARLY)
            clean = self._clean(lab)
        finally:
            server.shut_kernels_down()
            # A cell that waits for a file must not find the one of another test.
            for path in set(server.root.iterdir()) - files:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            if clean and not lab.watch.surprises():
                self._idle[server.url] = lab
            else:
                lab.page.context.close()
        lab.watch.check()

    def close(self) -> None:
        """Closes all windows."""
        for lab in self._idle.values():
            lab.page.context.close()

    @staticmethod
    def _clean(lab: Lab) -> bool:
        for page in lab.page.context.pages:
            if page is not lab.page:
                page.close()
        return lab.loaded and bool(lab.page.evaluate(CLOSE_ALL))
